/** Tomcat's echo endpoints, frame by frame. */
import { randomBytes } from 'node:crypto';
import { describe, expect, it, jest } from '@jest/globals';
import { IOException, type Session } from 'margay';
import { EchoAnnotation } from '../../examples/echo/echo-annotation.js';
import { EchoAsyncAnnotation } from '../../examples/echo/echo-async-annotation.js';
import { EchoProgrammatic } from '../../examples/echo/echo-programmatic.js';
import { ExamplesConfig } from '../../examples/tomcat/examples-config.js';
import { eventually, gate } from '../support/eventually.js';
import { OPCODES, type ParsedFrame } from '../support/frames.js';
import { RawPeer, type Sendable } from '../support/raw-peer.js';
import { run } from './running.js';

const { text, binary, continuation } = OPCODES;

async function open(name: string): Promise<RawPeer> {
  const { url } = await run();
  return RawPeer.open({ port: Number(new URL(url).port) }, `/examples/websocket/${name}`);
}

/** The frames of the answer, from one on, up to the one that ends a message. */
async function answer(peer: RawPeer, ...message: Sendable[]): Promise<ParsedFrame[]> {
  const before = peer.frames.length;
  peer.send(...message);
  await eventually(() => expect(peer.frames.slice(before).some(({ fin }) => fin)).toBe(true));
  return peer.frames.slice(before);
}

/** `text 5`, `… 0.` for a text message of 5 bytes that an empty continuation ends. */
const shape = (frames: readonly ParsedFrame[]): string[] =>
  frames.map(({ opcode, payload, fin }) => `${{ [text]: 'text', [binary]: 'binary' }[opcode] ?? '…'} ${payload.length}${fin ? '.' : ''}`);
const content = (frames: readonly ParsedFrame[]): Buffer => Buffer.concat(frames.map(({ payload }) => payload));

describe.each(['echoAnnotation', 'echoProgrammatic'])('[EX-E1] %s', (name) => {
  it('sends each part back at once, before the message has ended', async () => {
    const peer = await open(name);
    peer.send({ fin: false, opcode: text, payload: '一 ' });
    await eventually(() => expect(shape(peer.frames)).toEqual(['text 4']));
    peer.send({ fin: false, opcode: continuation, payload: '🐾' });
    await eventually(() => expect(shape(peer.frames)).toEqual(['text 4', '… 4']));
    expect(shape(await answer(peer, { opcode: continuation, payload: '.' }))).toEqual(['… 1.']);
    expect(content(peer.frames).toString()).toBe('一 🐾.');
  });

  it('sends a message of one frame of at most 8192 bytes back as one frame', async () => {
    const peer = await open(name);
    for (const size of [0, 1, 125, 126, 8191, 8192]) {
      const payload = randomBytes(size);
      const frames = await answer(peer, { opcode: binary, payload });
      expect(shape(frames)).toEqual([`binary ${size}.`]);
      expect(content(frames).equals(payload)).toBe(true);
    }
    const payload = `${'喵'.repeat(2730)}ab`;
    expect(shape(await answer(peer, { opcode: text, payload }))).toEqual(['text 8192.']);
    expect(shape(await answer(peer, { opcode: text }))).toEqual(['text 0.']);
  });

  it('sends a larger one back in several, never cut inside a character', async () => {
    const peer = await open(name);
    const bytes = randomBytes(20_000);
    for (const opcode of [text, binary]) {
      const one = await answer(peer, { opcode, payload: 'x'.repeat(8193) });
      expect([one.length > 1, content(one).length]).toEqual([true, 8193]);
    }
    const echoed = await answer(peer, { opcode: binary, payload: bytes });
    expect(echoed.length).toBeGreaterThan(1);
    expect(content(echoed).equals(bytes)).toBe(true);

    const payload = `a${'🐾'.repeat(5000)}`;
    const frames = await answer(peer, { opcode: text, payload });
    expect(frames.length).toBeGreaterThan(2);
    expect([...new Set(frames.map(({ opcode }) => opcode))]).toEqual([text, continuation]);
    for (const frame of frames) expect(frame.payload.toString().isWellFormed() && !frame.payload.toString().includes('\ufffd')).toBe(true);
    expect(content(frames).toString() === payload).toBe(true);
  });

  it('waits with half a character until the other half is there', async () => {
    const peer = await open(name);
    const paw = Buffer.from('🐾');
    const frames = await answer(
      peer,
      { fin: false, opcode: text, payload: paw.subarray(0, 3) },
      { opcode: continuation, payload: paw.subarray(3) },
    );
    expect(content(frames).toString()).toBe('🐾');
  });
});

describe('[EX-E1] echoProgrammatic', () => {
  it('is deployed by the configuration of the examples, if it was scanned', () => {
    const config = new ExamplesConfig();
    expect(config.getEndpointConfigs(new Set())).toEqual([]);
    const paths = config.getEndpointConfigs(new Set([EchoProgrammatic])).map((each) => [each.getEndpointClass(), each.getPath()]);
    expect(paths).toEqual([[EchoProgrammatic, '/websocket/echoProgrammatic']]);
  });
});

describe('[EX-E2] echoStreamAnnotation', () => {
  it('sends a text of at most 8192 bytes back as one frame, however many parts it came in', async () => {
    const peer = await open('echoStreamAnnotation');
    expect(shape(await answer(peer, { opcode: text, payload: '你好 🐾' }))).toEqual(['text 11.']);
    const frames = await answer(
      peer,
      { fin: false, opcode: text, payload: '喵'.repeat(2000) },
      { fin: false, opcode: continuation },
      { opcode: continuation, payload: 'x'.repeat(2192) },
    );
    expect(shape(frames)).toEqual(['text 8192.']);
  });

  it('sends a longer one back in frames of 8192 bytes at most, cut between characters', async () => {
    const peer = await open('echoStreamAnnotation');
    expect(shape(await answer(peer, { opcode: text, payload: 'x'.repeat(8193) }))).toEqual(['text 8192', '… 1.']);
    const frames = await answer(peer, { opcode: text, payload: `a${'🐾'.repeat(3000)}` });
    expect(shape(frames)).toEqual(['text 8189', '… 3812.']);
    expect(content(frames).toString() === `a${'🐾'.repeat(3000)}`).toBe(true);
  });

  it('sends bytes of one part back as one frame that ends nothing, and an empty one that does', async () => {
    const peer = await open('echoStreamAnnotation');
    const payload = randomBytes(8192);
    const frames = await answer(peer, { opcode: binary, payload });
    expect(shape(frames)).toEqual(['binary 8192', '… 0.']);
    expect(content(frames).equals(payload)).toBe(true);
    expect(shape(await answer(peer, { opcode: binary, payload: 'ab' }))).toEqual(['binary 2', '… 0.']);
  });

  it('sends each part of a binary message back at once', async () => {
    const peer = await open('echoStreamAnnotation');
    peer.send({ fin: false, opcode: binary, payload: 'one' });
    await eventually(() => expect(shape(peer.frames)).toEqual(['binary 3']));
    expect(shape(await answer(peer, { opcode: continuation, payload: 'more' }))).toEqual(['… 4', '… 0.']);
  });

  it('sends an empty message back as one empty frame', async () => {
    const peer = await open('echoStreamAnnotation');
    expect(shape(await answer(peer, { opcode: text }))).toEqual(['text 0.']);
    expect(shape(await answer(peer, { opcode: binary }))).toEqual(['binary 0.']);
  });
});

describe('[EX-E3] echoAsyncAnnotation', () => {
  it('waits for the whole message, and sends it back whole, in one frame', async () => {
    const peer = await open('echoAsyncAnnotation');
    peer.send({ fin: false, opcode: text, payload: '喵'.repeat(10_000) });
    peer.ping('here'); // answered behind all that was sent so far
    await peer.ponged();
    expect(shape(peer.frames)).toEqual(['… 4.']);
    const frames = await answer(peer, { fin: false, opcode: continuation, payload: '🐾' }, { opcode: continuation });
    expect(shape(frames)).toEqual(['text 30004.']);
    expect(content(frames).toString() === `${'喵'.repeat(10_000)}🐾`).toBe(true);
    expect(shape(await answer(peer, { fin: false, opcode: binary, payload: 'a' }, { opcode: continuation, payload: 'b' }))).toEqual([
      'binary 2.',
    ]);
    expect(shape(await answer(peer, { opcode: text }))).toEqual(['text 0.']);
  });

  it('sends a message when the one before has gone, and waits for no other', async () => {
    const sends: { message: string | Buffer; gone: ReturnType<typeof gate> }[] = [];
    const send = (message: string | Buffer) => {
      const gone = gate();
      sends.push({ message, gone });
      return gone.promise;
    };
    const session = { getAsyncRemote: () => ({ sendText: send, sendBinary: send }) } as unknown as Session;
    const endpoint = new EchoAsyncAnnotation();
    await endpoint.text(session, '一', true); // which has been sent, but has not gone
    const second = endpoint.binary(session, Buffer.from('2'), true);
    await new Promise(setImmediate);
    expect(sends.map(({ message }) => message)).toEqual(['一']);
    sends[0]?.gone.open(undefined);
    await second;
    expect(sends.map(({ message }) => message)).toEqual(['一', Buffer.from('2')]);
  });

  it('forgets a message once it is sent', async () => {
    const peer = await open('echoAsyncAnnotation');
    for (const [opcode, word] of [
      [text, 'text'],
      [binary, 'binary'],
      [text, 'text'],
      [binary, 'binary'],
    ] as const)
      expect(shape(await answer(peer, { fin: false, opcode, payload: '1' }, { opcode: continuation, payload: '2' }))).toEqual([
        `${word} 2.`,
      ]);
  });
});

describe('echo, when nothing can be sent any more', () => {
  it('[EX-E1] closes the session', async () => {
    const close = jest.fn(async () => {});
    const refused = () => Promise.reject(new IOException('gone'));
    const session = { close, getBasicRemote: () => ({ sendText: refused, sendBinary: refused }) } as unknown as Session;
    await new EchoAnnotation().text(session, 'part', false);
    await new EchoAnnotation().binary(session, Buffer.from('part'), false);
    expect(close).toHaveBeenCalledTimes(2);
  });
});
