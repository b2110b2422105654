/** Every form of a send to a peer that is too slow: the message is left out whole, or sent whole. [REL-10] */
import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { type ContainerOptions, Encoder, type Session, statistics, type Writer } from 'margay';
import { MiB, stuff, watch } from '../support/deaf-peer.js';
import { eventually, gate, sleep } from '../support/eventually.js';
import { OPCODES } from '../support/frames.js';
import { fragments, liveSession, messages } from '../support/live-session.js';
import { deflateHeader, deflateParameters } from '../support/raw-channel.js';
import { RawPeer } from '../support/raw-peer.js';
import { xor } from '../support/xor-extension.js';

const SLOW = { name: 'IOException', code: 'MARGAY_SLOW_PEER' };
const DROP = { mark: 100_000, patience: 60_000, cap: 300_000, policy: 'drop' } as const;

class Quick {
  constructor(readonly text: string) {}
}
class Later extends Quick {}
class Streamed extends Quick {}
class QuickText extends Encoder.Text(Quick) {
  encode({ text }: Quick): string {
    return text;
  }
}
class LaterText extends Encoder.Text(Later) {
  async encode({ text }: Later): Promise<string> {
    return sleep(1).then(() => text);
  }
}
class StreamedText extends Encoder.TextStream(Streamed) {
  encode({ text }: Streamed, writer: Writer): void {
    writer.write(text);
  }
}
/** Its encoder waits for the text. */
class Held {
  constructor(readonly text: Promise<string>) {}
}
class HeldText extends Encoder.Text(Held) {
  async encode({ text }: Held): Promise<string> {
    return text;
  }
}
const encoders = [HeldText, LaterText, StreamedText, QuickText];

/** A session whose peer does not read, with as much waiting as may. */
async function full(slowPeer: ContainerOptions['slowPeer'] = DROP, reply?: (message: string) => unknown) {
  const live = await liveSession({ slowPeer }, { encoders, ...(reply && { reply }) });
  live.client.stopReading();
  const count = await stuff(live.session, slowPeer?.cap ?? 0);
  /** It reads again: what has come behind the stuffing. */
  const read = async (...expected: string[]) => {
    live.client.read();
    await eventually(() => {
      expect(fragments(live.client).length).toBe(count + expected.length);
      expect(messages(live.client).slice(count)).toEqual(expected);
    });
  };
  return { ...live, count, read };
}

const FORMS: readonly [string, (session: Session, text: string) => Promise<unknown>][] = [
  ['sendText', (session, text) => session.getBasicRemote().sendText(text)],
  ['sendBinary', (session, text) => session.getBasicRemote().sendBinary(Buffer.from(text))],
  ['sendBinary of bytes that are not copied', (session, text) => session.getBasicRemote().sendBinary(Buffer.alloc(20_000, text))],
  ['sendObject of text', (session, text) => session.getBasicRemote().sendObject(text)],
  ['sendObject of a plain value', (session) => session.getBasicRemote().sendObject(5)],
  ['sendObject with an encoder', (session, text) => session.getBasicRemote().sendObject(new Quick(text))],
  ['sendObject with an async encoder', (session, text) => session.getBasicRemote().sendObject(new Later(text))],
  ['sendObject with an encoder that writes', (session, text) => session.getBasicRemote().sendObject(new Streamed(text))],
  ['a last part', (session, text) => session.getBasicRemote().sendText(text, true)],
  ['Async.sendText', (session, text) => session.getAsyncRemote().sendText(text)],
  ['Async.sendText with a handler', (session, text) => told((handler) => session.getAsyncRemote().sendText(text, handler))],
  ['Async.sendBinary with a handler', (session, text) => told((handler) => session.getAsyncRemote().sendBinary(Buffer.from(text), handler))],
  ['Async.sendObject with a handler', (session, text) => told((handler) => session.getAsyncRemote().sendObject(new Quick(text), handler))],
  ['a Writer', (session, text) => new Promise<void>((resolve, reject) => session.getBasicRemote().getSendWriter().once('error', reject).once('finish', resolve).end(text))],
  ['a Writer of many fragments', (session, text) => new Promise<void>((resolve, reject) => session.getBasicRemote().getSendWriter().once('error', reject).once('finish', resolve).end(text.repeat(4000)))],
  ['a message in a batch', async (session, text) => {
    await session.getBasicRemote().setBatchingAllowed(true);
    try {
      await session.getBasicRemote().sendText(text);
    } finally {
      if (session.isOpen()) await session.getBasicRemote().setBatchingAllowed(false);
    }
  }],
]; // biome-ignore format: short

/** A send that tells a handler, as a promise. */
const told = (send: (handler: (result: { isOK(): boolean; getException(): unknown }) => void) => void) =>
  new Promise<void>((resolve, reject) => send((result) => (result.isOK() ? resolve() : reject(result.getException()))));

describe.each(FORMS)('%s', (_name, send) => {
  it('[REL-10] drop: fails once, is counted, and leaves no trace; it works again when the peer reads', async () => {
    const { session, count, read, client, heard } = await full();
    await expect(send(session, 'lost')).rejects.toMatchObject(SLOW);
    expect(statistics(session).sendsDropped).toBe(1);
    await read();
    await send(session, 'found');
    await eventually(() => expect(fragments(client).length).toBeGreaterThan(count));
    expect(messages(client).join()).not.toContain('lost');
    expect([heard, statistics(session).sendsDropped]).toEqual([[], 1]);
  });

  it('[REL-10] close: fails, and the session ends', async () => {
    const { session, heard } = await full({ ...DROP, policy: 'close' });
    await expect(send(session, 'lost')).rejects.toMatchObject(SLOW);
    await eventually(() => expect(heard).toEqual([1006]));
  });
});

describe('a message in parts', () => {
  it('[REL-10] whose first part is left out is left out whole; the order of parts is kept all the same', async () => {
    const { session, basic, read } = await full();
    const parts = [watch(basic.sendText('lost 1', false)), watch(basic.sendText('lost 2', false))];
    expect(() => basic.sendBinary(Buffer.alloc(1))).toThrow('a text message is being sent in parts');
    await eventually(() => expect(parts.map(({ error }) => error)).toEqual(Array(2).fill(expect.objectContaining(SLOW))));
    await read();
    await expect(basic.sendText('lost 3', false)).rejects.toMatchObject(SLOW);
    await expect(basic.sendText('lost 4', true)).rejects.toMatchObject(SLOW);
    await basic.sendText('found', false);
    await basic.sendText('found too', true);
    await read('found', 'found too');
    expect(statistics(session).sendsDropped).toBe(1); // it is one message
  });

  it.each(['drop', 'wait'] as const)('[REL-10] of which one has been taken is sent to its end: %s', async (policy) => {
    const live = await liveSession({ slowPeer: { ...DROP, policy } });
    live.client.stopReading();
    await live.basic.sendText('first', false);
    const later = [watch(live.basic.sendText('x'.repeat(12 * MiB), false)), watch(live.basic.sendText('more', false)), watch(live.basic.sendText('last', true))];
    if (policy === 'drop') await expect(live.basic.sendText('lost')).rejects.toMatchObject(SLOW);
    expect(later.map(({ state }) => state)).toEqual(Array(3).fill('pending'));
    live.client.read();
    await eventually(() => expect(messages(live.client)).toEqual(['first', `${12 * MiB} bytes`, 'more', 'last']));
    await eventually(() => expect(later.map(({ state }) => state)).toEqual(Array(3).fill('sent')));
  }); // biome-ignore format: short

  it('[REL-10] a stream of which one fragment has been taken is written to its end', async () => {
    const { basic, client, session } = await liveSession({ slowPeer: { ...DROP, cap: 20_000 }, highWaterMark: 40_000 });
    client.stopReading();
    const writer = basic.getSendWriter();
    const written = new Promise((resolve, reject) => writer.once('finish', () => resolve('finished')).once('error', reject));
    writer.write('x'.repeat(8 * MiB));
    writer.end('last');
    await eventually(() => expect(statistics(session).bytesWaiting).toBeGreaterThan(40_000));
    client.read();
    expect(await written).toBe('finished');
    await eventually(() => expect(client.frames.reduce((sum, { payload }) => sum + payload.length, 0)).toBe(8 * MiB + 4));
    expect(statistics(session).sendsDropped).toBe(0);
  });
});

describe('behind an encoder, or a stream that has ended and is still to leave', () => {
  it('[REL-10] what waits counts while the peer is slow, and not while only the application is', async () => {
    const { basic, async, client, session } = await liveSession({ slowPeer: DROP }, { encoders });
    const hold = gate<string>();
    void basic.sendObject(new Held(hold.promise));
    const behind = Array.from({ length: 5 }, () => watch(async.sendText('y'.repeat(100_000)))); // more than the cap
    await sleep(20);
    expect(behind.map(({ state }) => state)).toEqual(Array(5).fill('pending'));
    client.read();
    hold.open('held');
    await eventually(() => expect(behind.map(({ state }) => state)).toEqual(Array(5).fill('sent')));
    expect(statistics(session).sendsDropped).toBe(0);
    await eventually(() => expect(messages(client)).toEqual(['held', ...Array(5).fill('100000 bytes')]));
  });

  it.each(['drop', 'close'] as const)('[REL-10] with %s, a message is one too many when those that wait there make the cap', async (policy) => {
    const { basic, async, client, session, heard } = await liveSession({ slowPeer: { ...DROP, policy } }, { encoders });
    client.stopReading();
    const writer = basic.getSendWriter();
    const failed = new Promise((resolve) => writer.once('error', resolve).once('finish', () => resolve(null)));
    writer.write('x'.repeat(12 * MiB)); // which waits for room in the queue
    writer.end();
    await eventually(() => expect(statistics(session).bytesWaiting).toBeGreaterThan(65_536));
    const behind = [async.sendObject(new Later('later')), async.sendObject(new Streamed('streamed')), async.sendText('y'.repeat(400_000))].map(watch);
    await expect(async.sendText('lost')).rejects.toMatchObject(SLOW);
    if (policy === 'close') {
      await eventually(() => expect(behind.map(({ error }) => error)).toEqual(Array(3).fill(expect.objectContaining(SLOW))));
      expect(await failed).toMatchObject(SLOW);
      await eventually(() => expect(heard).toEqual([1006]));
    } else {
      client.read();
      expect(await failed).toBeNull();
      await eventually(() => expect(behind.map(({ state }) => state)).toEqual(Array(3).fill('sent')));
      await eventually(() => expect(messages(client).slice(-3)).toEqual(['later', 'streamed', '400000 bytes']));
      expect(statistics(session).sendsDropped).toBe(1);
    }
  });

  it.each<[string, () => unknown]>([
    ['an async encoder takes', () => new Later('lost')],
    ['an encoder takes', () => new Quick('lost')],
    ['an encoder writes', () => new Streamed('lost')],
  ])('[REL-10] what objects cost to remember counts too, though nobody knows yet what they come to: those that %s', async (_what, make) => {
    const { basic, async, client, session } = await liveSession({ slowPeer: DROP }, { encoders });
    client.stopReading();
    basic.getSendWriter().end('x'.repeat(12 * MiB));
    await eventually(() => expect(statistics(session).bytesWaiting).toBeGreaterThan(65_536));
    const sends = Array.from({ length: 2000 }, () => watch(async.sendObject(make())));
    await eventually(() => expect(sends.filter(({ error }) => error !== undefined).length).toBeGreaterThan(500));
    expect(sends.at(-1)?.error).toMatchObject(SLOW);
    expect(statistics(session).sendsDropped).toBeLessThan(2000);
  });
}); // biome-ignore format: short

describe('what is never left out', () => {
  it.each<[string, (session: Session) => Promise<void>]>([
    ['a further part', (session) => session.getBasicRemote().sendText('x'.repeat(100_000), false)],
    ['a ping', (session) => session.getAsyncRemote().sendPing(Buffer.alloc(125))],
    ['a pong', (session) => session.getAsyncRemote().sendPong(Buffer.alloc(125))],
  ])('[REL-10] beyond the cap %s ends the session with close, and is taken with drop', async (_what, send) => {
    for (const policy of ['close', 'drop'] as const) {
      const { session, basic, client, heard } = await liveSession({ slowPeer: { ...DROP, policy } });
      await basic.sendText('first', false);
      client.stopReading();
      void basic.sendText('x'.repeat(16 * MiB), false); // one may be larger than the cap
      await eventually(() => expect(statistics(session).bytesWaiting).toBeGreaterThan(DROP.cap));
      const more = watch(send(session));
      await sleep(10);
      expect([session.isOpen(), more.state]).toEqual(policy === 'close' ? [false, 'failed'] : [true, 'pending']);
      if (policy === 'close') {
        expect(more.error).toMatchObject(SLOW);
        await eventually(() => expect(heard).toEqual([1006]));
      }
      client.reset();
    }
  });
});

describe('objects whose encoders take their time', () => {
  it.each(['drop', 'close'] as const)('[REL-10] are judged when they are encoded, too: %s', async (policy) => {
    const { session, basic, client, heard } = await liveSession({ slowPeer: { ...DROP, policy } }, { encoders });
    client.stopReading();
    let most = 0;
    const sends = Array.from({ length: 600 }, () => watch(basic.sendObject(new Later('x'.repeat(20_000))))); // 12 MB, asked for at once
    await eventually(() => {
      most = Math.max(most, statistics(session).bytesWaiting);
      expect(sends.at(-1)?.error).toMatchObject(SLOW);
    });
    expect(most).toBeLessThan(DROP.cap + 30_000);
    if (policy === 'close') return eventually(() => expect(heard).toEqual([1006]));
    client.read();
    await eventually(() => expect(messages(client).length).toBe(600 - statistics(session).sendsDropped));
    expect(heard).toEqual([]);
  });

  it.each<[string, (text: string) => Quick]>([
    ['at once', (text) => new Quick(text)],
    ['later', (text) => new Later(text)],
    ['into a stream', (text) => new Streamed(text)],
  ])('[REL-10] count while they wait for their turn, encoded %s', async (_how, made) => {
    const { session, basic, client } = await liveSession({ slowPeer: DROP }, { encoders });
    client.stopReading();
    const first = watch(basic.sendObject(new Streamed('x'.repeat(12 * MiB)))); // which waits for room in the queue
    await eventually(() => expect(statistics(session).bytesWaiting).toBeGreaterThan(65_536));
    const sends = Array.from({ length: 1500 }, () => watch(basic.sendObject(made('y'))));
    await eventually(() => expect(sends.at(-1)?.error).toMatchObject(SLOW));
    expect(statistics(session).sendsDropped).toBeGreaterThan(400); // each has some 300 bytes, and the cap is 300,000
    client.read();
    await eventually(() => expect(messages(client).filter((text) => text === 'y').length).toBe(1500 - statistics(session).sendsDropped));
    expect([first.state, sends[0]?.state]).toEqual(['sent', 'sent']);
    await basic.sendObject(made('z'));
    await eventually(() => expect(messages(client).at(-1)).toBe('z'));
  });

  it('[REL-10] as replies are left out without an error', async () => {
    const hold = gate<string>();
    const asked = gate();
    const { session, basic, client, heard, log } = await liveSession(
      { slowPeer: DROP },
      {
        encoders,
        reply: () => {
          asked.open();
          return new Held(hold.promise);
        },
      },
    );
    client.stopReading();
    await stuff(session, 150_000); // less than the cap
    client.text('ask');
    await asked.promise;
    for (let i = 0; i < 3000; i++) void basic.sendPing(Buffer.alloc(125)); // more
    hold.open('lost');
    await eventually(() => expect(statistics(session).sendsDropped).toBe(1));
    await sleep(10);
    expect([heard, log.filter(({ level }) => level === 'error')]).toEqual([[], []]);
  });
});

describe('what a handler returns', () => {
  it.each<[string, unknown, boolean]>([
    ['text', 'lost', false],
    ['text, later', 'lost', true],
    ['large bytes', Buffer.alloc(20_000), false],
    ['an object', new Quick('lost'), false],
    ['an object, later', new Later('lost'), true],
  ])('[REL-10] is left out and counted, and is no error: %s', async (_what, value, isLater) => {
    const asked = gate();
    const { session, client, read, heard, log } = await full(DROP, (message) => {
      if (message !== 'ask') return message;
      asked.open();
      return isLater ? sleep(1).then(() => value) : value;
    });
    client.text('ask');
    await asked.promise;
    await eventually(() => expect(statistics(session).sendsDropped).toBe(1));
    await read();
    client.text('next');
    await read('next');
    expect(heard).toEqual([]);
    expect(log.filter(({ level }) => level === 'error')).toEqual([]);
  });
});

describe('below the frames', () => {
  const deflate = deflateParameters();

  it('[REL-10] a peer is not too slow for what it has not been given yet', async () => {
    const hold = gate();
    const extension = xor();
    const live = await liveSession({ extensions: [extension], slowPeer: { mark: 100_000, patience: 100, cap: 64 * MiB } });
    const peer = await RawPeer.open(live, '/live', { lines: ['Sec-WebSocket-Extensions: xor'] });
    const session = [...live.session.getOpenSessions()].find((each) => each !== live.session) as Session;
    const [at] = extension.made;
    const plain = at?.outbound.bind(at);
    if (at !== undefined && plain !== undefined) at.outbound = (frame) => hold.promise.then(() => plain(frame));
    const sent = watch(session.getAsyncRemote().sendText('x'.repeat(MiB)));
    await sleep(2500); // more than two looks at the clock
    expect([sent.state, live.heard]).toEqual(['pending', []]);
    hold.open();
    await eventually(() => expect(sent.state).toBe('sent'));
    await eventually(() => expect(peer.frames.reduce((sum, { payload }) => sum + payload.length, 0)).toBe(MiB));
  });

  it.each<[string, ContainerOptions, string[]]>([
    ['permessage-deflate', { perMessageDeflate: true }, [`Sec-WebSocket-Extensions: ${deflateHeader(deflate)}`]],
    ['an extension', { extensions: [xor()] }, ['Sec-WebSocket-Extensions: xor']],
    ['an extension that takes its time', { extensions: [xor({ slow: true })] }, ['Sec-WebSocket-Extensions: xor']],
  ])('[REL-10] what is still in the works counts, and is given up: %s', async (_what, options, requestLines) => {
    const live = await liveSession({ ...options, slowPeer: { ...DROP, policy: 'close' }, abnormalCloseSendTimeout: 5000 });
    const peer = await RawPeer.open(live, '/live', { lines: requestLines });
    const session = [...live.session.getOpenSessions()].find((each) => each !== live.session) as Session;
    peer.stopReading();
    const bytes = randomBytes(100_000);
    const sends = Array.from({ length: 100 }, () => watch(session.getAsyncRemote().sendBinary(bytes))); // in one go, 10 MB
    await eventually(() => expect(live.heard).toEqual([1006]));
    const codes = sends.map(({ error }) => (error as { code?: string } | undefined)?.code);
    const late = codes.lastIndexOf('MARGAY_SLOW_PEER');
    expect(codes.slice(late + 1)).toEqual(Array(99 - late).fill('MARGAY_SEND_CLOSED'));
    expect(codes.slice(late - 3, late + 1)).toEqual(Array(4).fill('MARGAY_SLOW_PEER')); // those in the works, and the one too many
    expect(live.container.statistics().slowPeer.close).toBe(1);
    peer.read();
    await eventually(() => expect(peer.hasEnded || peer.frames.at(-1)?.opcode === OPCODES.close).toBe(true));
    expect(statistics(session).bytesWaiting).toBe(0);
  });
});
