/** The engine over a browser's WebSocket, against the contract as far as a page can keep it; the other end is the ws engine. */
import { describe, expect, it } from '@jest/globals';
import { WebSocket } from 'ws';
import { BrowserDialer } from '../../src/transport/browser/browser-dialer.js';
import type { SocketClass } from '../../src/transport/browser/socket.js';
import type { Call } from '../../src/transport/dialer.js';
import type { Channel, ChannelListener, Transport } from '../../src/transport/spi.js';
import { WsTransport } from '../../src/transport/ws/ws-transport.js';
import { discardingContract } from './contract/discarding.js';
import { endingContract } from './contract/ending.js';
import { flowContract } from './contract/flow.js';
import { messageContract } from './contract/messages.js';
import { partContract } from './contract/parts.js';
import type { Engine, Recorder, Runner } from './contract/rig.js';

/** The other engine's Buffers are what the contract compares. */
const kept: unknown[] = [];
const asBuffer = (data: string | Uint8Array): string | Buffer => {
  if (typeof data === 'string') return data;
  kept.push(data.constructor);
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
};

function withBuffers(listener: Recorder): ChannelListener {
  const { onBinary, onPart } = listener;
  listener.onBinary = (bytes) => onBinary(asBuffer(bytes) as Buffer);
  listener.onPart = (kind, data, last) => onPart(kind, asBuffer(data), last);
  return listener;
}

const engine: Engine = {
  transport: () => new WsTransport({ port: 0, host: '127.0.0.1', handshakeTimeout: 10_000, maxHeaderSize: 16_384, maxHeadersCount: 100 }),
  async dial({ address }: Transport, target: string, listener: ChannelListener) {
    const uri = new URL(`ws://127.0.0.1:${address?.port}${target}`);
    const call: Call = {
      uri,
      subprotocols: [],
      headers: [],
      proxy: null,
      tls: null,
      timeout: 5000,
      maxHeaderSize: 8192,
      signal: new AbortController().signal,
    };
    const reply = await new BrowserDialer(WebSocket as unknown as SocketClass).dial(call);
    let channel: Channel | undefined;
    await reply.accept({ deflate: null, transformations: [] }, (given) => {
      channel = given;
      return withBuffers(listener as Recorder);
    });
    return { channel: channel as Channel, status: reply.status, headers: reply.headers };
  },
};

const BOTH = ['client to server', 'server to client'];
const OUT = ['client to server'];
const IN = ['server to client'];

/** What a page cannot keep, and why. The directions are those in which it cannot; none: the test has but one. */
const CANNOT: [why: string, title: string, directions: string[]][] = [
  ['sends no pings and no pongs', 'of up to 16 KiB is copied during the call', OUT],
  ['sends no pings and no pongs', 'tells once, later, that it has left', OUT],
  ['sends no pings and no pongs', 'ping is answered by the engine, with its bytes', OUT],
  ['sends no pings and no pongs', 'pong comes through, asked for or not', OUT],
  ['sends no pings and no pongs', 'that throws in onPong loses its connection, and nothing else happens', []],
  ['sends no pings and no pongs', 'lets pings and pongs slip between', OUT],
  ['sends no pings and no pongs', 'may be text as bytes, characters cut anywhere', OUT],
  ['sends no pings and no pongs', 'ends with the one part that is the last', OUT],
  ['sends no pings and no pongs', '[LIF-8] still answers pings before the next data or pong, none behind it', OUT],
  ['sends no pings and no pongs', '[LIF-8] keeps the close and the end of the stream behind a pong', OUT],
  ['sends no pings and no pongs', 'is asked about again after resume, and holds back what follows', OUT],
  ['hears no pongs', 'tells once, later, that it has left', IN],
  ['hears no pongs', 'pong comes through, asked for or not', IN],
  ['hears no pongs', 'count the frames and bytes that pass, headers included', IN],
  ['hears no pongs', 'lets pings and pongs slip between', IN],
  ['hears no pongs', 'may be text as bytes, characters cut anywhere', IN],
  ['hears no pongs', 'ends with the one part that is the last', IN],
  ['hears no pongs', '[LIF-8] keeps the close and the end of the stream behind a pong', IN],
  ['hears no pongs', '[LIF-8] still answers pings before the next data or pong, none behind it', IN],
  ['reads on, whatever the house wants', 'is asked about again after resume, and holds back what follows', IN],
  ['reads on, whatever the house wants', 'makes bufferedAmount grow, and onDrained tells of its shrinking', IN],
  ['reads on, whatever the house wants', 'drops the connection, and onClosed is the last to be heard, once, at both ends', IN],
  ['reads on, whatever the house wants', '[REL-12] makes a congestion that nobody but it can change', IN],
  ['reads on, whatever the house wants', '[REL-10] sends none of what waited, tells each done, and a close frame may follow', IN],
  ['reads on, whatever the house wants', '[REL-10] within a message says whether anything can follow, and no more of it comes', IN],
  ['does not see what the kernel has', '[REL-12] makes a congestion that nobody but it can change', OUT],
  ['does not see what the kernel has', 'lets flush write what it can', OUT],
  ['takes nothing back', '[REL-10] sends none of what waited, tells each done, and a close frame may follow', OUT],
  ['takes nothing back', '[REL-10] within a message says whether anything can follow, and no more of it comes', OUT],
  ['counts no frames', 'count the frames and bytes that pass, headers included', OUT],
  ['sees and sends whole messages', '[REL-8] is over its limit as soon as its parts are, not at its end', BOTH],
  ['sees and sends whole messages', 'brings every frame as it comes', BOTH],
  ['drops no TCP', 'that throws in onClosed ends nothing but itself', []],
  ['drops no TCP', 'may be ended for good', IN],
  ['drops no TCP', 'drops the connection, and onClosed is the last to be heard, once, at both ends', OUT],
  ['drops no TCP', 'fails what has not left', OUT],
  ['drops no TCP', 'leaves a channel on which every call is harmless', OUT],
  ['answers a close by itself', '[CLO-4] that answers one behind which the peer has ended ends both directions', IN],
  ['ends no single direction', '[LIF-14] keeps a plain end of the stream behind the data', OUT],
  ['ends no single direction', '[LIF-14] is told behind all that came before it, and leaves the other direction open', BOTH],
  ['ends no single direction', 'is answered by the engine where the house does not listen for it', OUT],
  ['ends no single direction', 'comes behind all that was sent; without a close frame onClosed has no error', OUT],
  ['ends no single direction', 'lets nothing follow it, and may be repeated', OUT],
  ['sends no close code but 1000 and 3000 to 4999', 'hears a close with nothing before it', OUT],
  ['sends no close code but 1000 and 3000 to 4999', '[CLO-17] from both ends at once reaches both', IN],
  ['sends no close code but 1000 and 3000 to 4999', 'after a failure throws away what still comes', IN],
  ['answers a close frame at once', 'leaves the other direction open: what comes still arrives, and so does the answer', IN],
];

/** Bytes that are no text: its own defect, which it does not send; or the server's, which it ends by itself. */
const NO_TEXT = /^with .* is a 1007, (whole|parts|skip) /;

const left = new Set(CANNOT.flatMap(([, title, ways]) => (ways.length === 0 ? [title] : ways.map((way) => `${title} (${way})`))));
let seen = 0;
const runner: Runner = {
  describe,
  expect,
  it(title, body) {
    if (left.delete(title) || NO_TEXT.test(title)) return;
    seen++;
    it(title, body);
  },
};

describe('the engine of a browser keeps the contract, as far as a page can', () => {
  messageContract(engine, runner);
  partContract(engine, runner);
  flowContract(engine, runner);
  discardingContract(engine, runner);
  endingContract(engine, runner);

  it('leaves out only what is there, and keeps the greater part', () => {
    expect([...left]).toEqual([]);
    expect(seen).toBeGreaterThan(55);
  });

  it('[CLI-8] brings bytes that need no Buffer', () => {
    expect(kept.length).toBeGreaterThan(5);
    expect(kept.every((type) => type === Uint8Array)).toBe(true);
  });
});
