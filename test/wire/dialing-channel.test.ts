/** The channel of a dialled connection with ws's server as its peer, and what its frames look like on the wire. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { type WebSocket, WebSocketServer } from 'ws';
import type { DeflateParameters } from '../../src/transport/spi.js';
import { accepted, callTo, dial, PLAIN } from '../support/calling.js';
import { eventually } from '../support/eventually.js';
import { parseOne } from '../support/frames.js';
import { leavingNothing } from '../support/handles.js';
import { deflateHeader, deflateParameters } from '../support/raw-channel.js';
import { rawServer, switching } from '../support/raw-server.js';
import { noise } from '../support/squeezing.js';
import { close, ping } from '../support/wire-frames.js';
import { Xor } from '../support/xor-extension.js';

const servers: WebSocketServer[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) {
    for (const client of server.clients) client.terminate();
    await new Promise((resolve) => server.close(resolve));
  }
});

leavingNothing();

const source = noise(400_000);
const kept = { serverNoContextTakeover: false, clientNoContextTakeover: false };

const takeover = ({ serverNoContextTakeover, clientNoContextTakeover }: DeflateParameters) => ({
  serverNoContextTakeover,
  clientNoContextTakeover,
});

async function withWs(deflate: DeflateParameters | null) {
  const server = new WebSocketServer({
    port: 0,
    host: '127.0.0.1',
    perMessageDeflate: deflate !== null && { ...takeover(deflate), threshold: 0 }, // what else was offered it takes
  });
  servers.push(server);
  await once(server, 'listening');
  const connected = once(server, 'connection') as Promise<[WebSocket]>;
  const uri = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const offer = deflate === null ? [] : [['Sec-WebSocket-Extensions', deflateHeader(deflate)] as const];
  const reply = await dial(uri, { headers: [...callTo(uri).headers, ...offer] });
  if (reply.status !== 101) throw new Error(`${reply.status} ${reply.body}`);
  const [peer] = await connected;
  return { ...(await accepted(reply, { agreement: { deflate, transformations: [] } })), peer };
}

describe('a dialled connection to ws', () => {
  it.each([
    ['plain', null],
    ['no context takeover', deflateParameters()],
    ['context takeover', deflateParameters(kept)],
    ['small windows', deflateParameters({ ...kept, serverMaxWindowBits: 9, clientMaxWindowBits: 10 })],
  ])('[CLI-13] carries messages of every size and form both ways, pings and the closing handshake: %s', async (_name, deflate) => {
    const { channel, house, peer } = await withWs(deflate);
    expect(peer.extensions).toBe(deflate === null ? '' : 'permessage-deflate');
    const got: string[] = [];
    const want: string[] = [];
    peer.on('message', (data, isBinary) => got.push((isBinary ? 'b' : 't') + String(data)));
    const sizes = [0, 1, 125, 126, 5000, 16_384, 70_000, 400_000];
    for (const size of sizes) {
      const each = source.slice(0, size);
      channel.text(each);
      channel.binary(Buffer.from(each));
      channel.part('text', each.slice(0, size >> 1), true, false);
      channel.ping(Buffer.from('p'));
      channel.part('text', each.slice(size >> 1), false, true);
      channel.write(channel.prepare(each));
      channel.write(channel.prepare(Buffer.from(each)));
      want.push(`t${each}`, `b${each}`, `t${each}`, `t${each}`, `b${each}`);
      peer.send(each);
      peer.ping('q');
    }
    await eventually(() =>
      expect([got.length, house.events.filter(([name]) => name === 'pong').length]).toEqual([want.length, sizes.length]),
    );
    expect(got.every((each, i) => each === want[i])).toBe(true);
    const texts = house.events.filter(([name]) => name === 'text').map(([, each]) => each);
    expect(texts.length === sizes.length && texts.every((each, i) => each === source.slice(0, sizes[i]))).toBe(true);
    expect(channel.counters).toMatchObject({ messagesSent: want.length, messagesReceived: sizes.length });
    expect(channel.bufferedAmount).toBe(0);
    const closed = once(peer, 'close');
    channel.close(1000, 'done');
    expect((await closed)[0]).toBe(1000);
    await eventually(() => expect(house.events.slice(-2).map(([name]) => name)).toEqual(['closing', 'closed']));
  });
});

describe('the frames of a dialled connection', () => {
  it.each([
    ['plain', PLAIN],
    ['compressed', { deflate: deflateParameters(), transformations: [] }],
    ['compressed in context', { deflate: deflateParameters(kept), transformations: [] }],
    ['through an extension', { deflate: null, transformations: [new Xor()] }],
  ])('[CLI-13] are masked, each with a key of its own that tells nothing of the next: %s', async (_name, agreement) => {
    const chunks: Buffer[] = [];
    const server = await rawServer((socket, head) => {
      socket.on('data', (chunk) => chunks.push(chunk));
      socket.write(switching(head));
    });
    const { channel } = await accepted(await dial(`ws://127.0.0.1:${server.port}/`), { agreement });
    const same = channel.prepare('the same for all');
    const bytes = Buffer.alloc(20_000, 'z');
    const rounds = 200;
    for (let i = 0; i < rounds; i++) {
      channel.text('x');
      channel.text('x');
      channel.text('x'.repeat(1000));
      channel.binary(bytes.subarray(0, 9));
      channel.binary(bytes);
      channel.write(same);
      channel.write(same);
      channel.part('text', 'x', true, false);
      channel.part('text', 'x', false, true);
      channel.ping(bytes.subarray(0, 4));
      channel.pong(bytes.subarray(0, 4));
    }
    if (agreement.transformations.length === 0) server.sockets[0]?.write(ping('answer', { mask: null }));
    await eventually(() => expect(channel.bufferedAmount).toBe(0));
    channel.close(1000, 'done');
    const isWhole = () => Buffer.concat(chunks).length > 0 && framesOf(Buffer.concat(chunks)).at(-1)?.opcode === 8;
    await eventually(() => expect(isWhole()).toBe(true));
    const frames = framesOf(Buffer.concat(chunks));
    expect(frames.length).toBeGreaterThanOrEqual(rounds * 11 + 1);
    expect(frames.every(({ masked }) => masked)).toBe(true);
    expect(bytes.every((byte) => byte === 0x7a)).toBe(true); // the caller's bytes are not masked in place
    const keys = frames.map(({ key }) => key);
    expect(new Set(keys).size).toBeGreaterThan(keys.length - 3); // of 2^32 some thousand are hardly ever alike
    const ones = Array.from({ length: 32 }, (_, bit) => keys.filter((key) => (key >>> bit) & 1).length / keys.length);
    expect(ones.filter((share) => share < 0.4 || share > 0.6)).toEqual([]);
    const steps = keys.slice(1).map((key, i) => (key - (keys[i] as number)) >>> 0);
    expect(new Set(steps).size).toBeGreaterThan(steps.length - 3);
    server.sockets[0]?.end(close(1000, '', { mask: null }));
    channel.terminate();
  });

  it('[CLI-13] a frame from the server that is masked breaks the connection', async () => {
    const server = await rawServer((socket, head) => socket.write(switching(head)));
    const { house, channel } = await accepted(await dial(`ws://127.0.0.1:${server.port}/`));
    server.sockets[0]?.write(ping('masked'));
    await eventually(() => expect(house.events).toEqual([['opened'], ['failed', 1002]]));
    channel.terminate();
  });
});

function framesOf(bytes: Buffer): { opcode: number; masked: boolean; key: number }[] {
  const frames = [];
  for (let found = parseOne(bytes, 0); found !== null; found = parseOne(bytes, found.next)) {
    const { opcode, masked, payload } = found.parsed;
    frames.push({ opcode, masked, key: bytes.readUInt32BE(found.next - payload.length - 4) });
  }
  return frames;
}
