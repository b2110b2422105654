/** Echo and chat as they were written for Tomcat 7: on the wire they are what they were. */
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { serve } from 'margay';
import { ChatWebSocketServlet } from '../../examples/tc7/chat.js';
import { eventually } from '../support/eventually.js';
import { OPCODES, type ParsedFrame } from '../support/frames.js';
import { Peer } from '../support/peer.js';
import { RawPeer, type Sendable } from '../support/raw-peer.js';
import { type Running, run } from './running.js';

const { text, binary, continuation } = OPCODES;
const TC7 = '/examples/websocket/tc7';
const MOST = 2_097_152;

const errorLines: unknown[][] = [];

beforeEach(() => {
  for (const level of ['error', 'warn'] as const) jest.spyOn(console, level).mockImplementation((...line) => void errorLines.push(line));
});

afterEach(() => {
  jest.restoreAllMocks();
  expect(errorLines.splice(0)).toEqual([]);
});

async function open(name: string): Promise<RawPeer> {
  const { url } = await run();
  return RawPeer.open({ port: Number(new URL(url).port) }, `${TC7}/${name}`);
}

/** The frames of the answer, up to the one that ends a message. */
async function answer(peer: RawPeer, ...message: Sendable[]): Promise<ParsedFrame[]> {
  const before = peer.frames.length;
  peer.send(...message);
  await eventually(() => expect(peer.frames.slice(before).some(({ fin }) => fin)).toBe(true));
  return peer.frames.slice(before);
}

/** `text 8192`, `… 5.` for a text message of two frames. */
const shape = (frames: readonly ParsedFrame[]): string[] =>
  frames.map(({ opcode, payload, fin }) => `${{ [text]: 'text', [binary]: 'binary' }[opcode] ?? '…'} ${payload.length}${fin ? '.' : ''}`);

describe.each(['echoMessage', 'echoStream'])('[EX-E4] tc7 %s', (name) => {
  it('sends back text and bytes, whole or in parts', async () => {
    const { dial } = await run();
    const peer = await dial(`${TC7}/${name}`);
    const messages = ['hello', '你好，世界 🐾👩‍👩‍👧‍👦', randomBytes(1), randomBytes(70_000), '<b>&"\'</b>', '喵🐾'.repeat(20_000)];
    for (const message of messages) peer.send(message);
    const got = await peer.take(messages.length);
    expect(messages.every((message, i) => (typeof message === 'string' ? got[i] === message : message.equals(got[i] as Buffer)))).toBe(
      true,
    );
    const characters = Buffer.from('你好🐾');
    for (let at = 0; at < characters.length; at++)
      peer.socket.send(characters.subarray(at, at + 1), { binary: false, fin: at === characters.length - 1 });
    expect(await peer.next()).toBe('你好🐾');
  });

  it('answers pings in the middle of a message, and says nothing when its sender goes away there', async () => {
    const { dial, containers } = await run();
    const peer = await dial(`${TC7}/${name}`);
    peer.part('half a mess', false);
    peer.socket.ping('you?');
    expect(await peer.pong()).toEqual(Buffer.from('you?'));
    peer.socket.terminate();
    await eventually(() => expect(containers.filter((container) => container.statistics().open > 0)).toEqual([]));
  });
});

describe('[EX-E4] tc7 echoMessage', () => {
  it('sends a whole message, bytes in one frame, an empty one too', async () => {
    const peer = await open('echoMessage');
    const parts = await answer(peer, { fin: false, opcode: binary, payload: 'one' }, { opcode: continuation, payload: 'two' });
    expect(shape(parts)).toEqual(['binary 6.']);
    expect(shape(await answer(peer, { opcode: binary, payload: randomBytes(20_000) }))).toEqual(['binary 20000.']);
    expect(shape(await answer(peer, { opcode: text }))).toEqual(['text 0.']);
    expect(shape(await answer(peer, { opcode: binary }))).toEqual(['binary 0.']);
  });

  it('takes 2 MiB, as its init-params say, and ends more with 1002', async () => {
    const { dial } = await run();
    for (const message of [Buffer.alloc(MOST), 'x'.repeat(MOST)]) {
      const peer = await dial(`${TC7}/echoMessage`);
      peer.send(message);
      expect((await peer.next()).length).toBe(MOST);
      peer.part(message, false);
      peer.part('!', true);
      expect(await peer.closed).toMatchObject({ code: 1002 });
    }
  });
});

describe('[EX-E4] tc7 echoStream', () => {
  it('sends a frame whenever 8192 are there, and does not answer an empty message', async () => {
    const peer = await open('echoStream');
    expect(shape(await answer(peer, { opcode: binary, payload: randomBytes(8192) }))).toEqual(['binary 8192.']);
    expect(shape(await answer(peer, { opcode: binary, payload: randomBytes(8193) }))).toEqual(['binary 8192', '… 1.']);
    expect(shape(await answer(peer, { opcode: text, payload: 'x'.repeat(8193) }))).toEqual(['text 8192', '… 1.']);
    peer.send({ opcode: text }, { opcode: binary });
    expect(shape(await answer(peer, { opcode: text, payload: '喵' }))).toEqual(['text 3.']);
  });

  it('takes any size', async () => {
    const { dial } = await run();
    const peer = await dial(`${TC7}/echoStream`);
    const long = `${'喵'.repeat(MOST)}.`;
    peer.send(long);
    expect((await peer.next()) === long).toBe(true);
    const bytes = randomBytes(300_000); // each written on its own
    peer.send(bytes);
    expect(bytes.equals((await peer.next()) as Buffer)).toBe(true);
  });
});

describe('tc7 chat', () => {
  async function join(examples: Running): Promise<{ peer: Peer; name: string }> {
    const peer = await examples.dial(`${TC7}/chat`);
    const [, name] = /^\* (Guest\d+) has joined\.$/.exec(String(await peer.next())) ?? [];
    return { peer, name: String(name) };
  }

  it('[EX-C1] calls the guests of a servlet Guest1, Guest2, …', async () => {
    const examples = await run();
    expect([(await join(examples)).name, (await join(examples)).name]).toEqual(['Guest1', 'Guest2']);
    expect((await join(await run())).name).toBe('Guest1');
  });

  it('[EX-C2] [EX-C3] [EX-C4] tells everyone who comes, what they say, escaped, and who goes, however', async () => {
    const examples = await run();
    const { peer } = await join(examples);
    for (const leave of [(other: Peer) => void other.close(), (other: Peer) => other.socket.terminate()]) {
      const other = await join(examples);
      other.peer.send('你好 🐾 <b>&"\'');
      expect(await other.peer.next()).toBe(`${other.name}: 你好 🐾 &lt;b&gt;&amp;&quot;'`);
      leave(other.peer);
      const lines = [`* ${other.name} has joined.`, `${other.name}: 你好 🐾 &lt;b&gt;&amp;&quot;'`, `* ${other.name} has disconnected.`];
      expect(await peer.take(3)).toEqual(lines);
    }
    peer.send('alone');
    expect(await peer.next()).toBe('Guest1: alone');
  });

  it('[EX-C4] forgets who has gone, however they went', async () => {
    const chat = new ChatWebSocketServlet();
    const container = await serve({ servlets: [{ urlPattern: '/chat', servlet: chat }], port: 0, host: '127.0.0.1' });
    try {
      const open = () => Peer.open(`${container.url.replace('http', 'ws')}/chat`);
      const [stays, leaves, vanishes] = [await open(), await open(), await open()];
      await stays.take(3);
      expect(chat.guests.size).toBe(3);
      await leaves.close(1000);
      vanishes.socket.terminate();
      await stays.take(2);
      expect(chat.guests.size).toBe(1);
    } finally {
      await container.close();
    }
  });

  it('[EX-C5] drops the connection of whoever sends bytes, and tells the rest', async () => {
    const examples = await run();
    const [first, second] = [await join(examples), await join(examples)];
    await first.peer.next();
    second.peer.send(Buffer.from('bytes'));
    expect(await second.peer.closed).toMatchObject({ code: 1006 });
    expect(await first.peer.next()).toBe(`* ${second.name} has disconnected.`);
    const lines = errorLines.splice(0).map((line) => line.map(String).join(' '));
    expect(lines).toEqual([expect.stringContaining('The chat is for text.')]);
  });

  it('[EX-C5] skips nothing for a slow guest, and lets nobody wait for one', async () => {
    const examples = await run();
    const [slow, quick] = [await join(examples), await join(examples)];
    await slow.peer.next();
    slow.peer.socket.pause();
    const said = Array.from({ length: 40 }, (_, i) => `${i} ${'喵'.repeat(10_000)}`);
    for (const words of said) quick.peer.send(words);
    const lines = said.map((words) => `${quick.name}: ${words}`);
    const heard = await quick.peer.take(said.length);
    expect(heard.every((line, i) => line === lines[i])).toBe(true);
    slow.peer.socket.resume();
    const late = await slow.peer.take(said.length);
    expect(late.every((line, i) => line === lines[i])).toBe(true);
  });

  it('[EX-C4] says nothing of a guest who has gone while lines were on their way', async () => {
    const examples = await run();
    const [slow, quick] = [await join(examples), await join(examples)];
    slow.peer.socket.pause();
    for (let i = 0; i < 40; i++) quick.peer.send('喵'.repeat(100_000));
    await quick.peer.take(40);
    slow.peer.socket.terminate();
    expect(await quick.peer.next()).toBe(`* ${slow.name} has disconnected.`);
    quick.peer.send('gone');
    expect(await quick.peer.next()).toBe(`${quick.name}: gone`);
  });
});
