/** Every frame of a client is masked with a key of its own that nobody can foresee. */
import { describe, expect, it } from '@jest/globals';
import type { Session } from 'margay';
import { eventually } from '../support/eventually.js';
import { liveClient } from '../support/live-client.js';

const deflating = {
  server: { lines: ['Sec-WebSocket-Extensions: permessage-deflate'] },
  config: (builder: { extensions(list: readonly { getName(): string; getParameters(): [] }[]): unknown }) =>
    builder.extensions([{ getName: () => 'permessage-deflate', getParameters: () => [] }]),
};

const sends: Readonly<Record<string, (session: Session) => Promise<void>>> = {
  text: (session) => session.getBasicRemote().sendText('a'),
  'empty text': (session) => session.getBasicRemote().sendText(''),
  'text that is no ASCII': (session) => session.getBasicRemote().sendText('你好'),
  bytes: (session) => session.getBasicRemote().sendBinary(Buffer.alloc(200)),
  'a part': async (session) => {
    void session.getBasicRemote().sendText('pa', false);
    await session.getBasicRemote().sendText('rt', true);
  },
  ping: (session) => session.getBasicRemote().sendPing(Buffer.from('p')),
  pong: (session) => session.getBasicRemote().sendPong(Buffer.alloc(0)),
  'an asynchronous text': (session) => session.getAsyncRemote().sendText('async'),
};
const kinds = Object.values(sends);

/** Each key once, but for chance; each bit set about half the time; no key tells anything of the one before. */
function judge(keys: readonly Buffer[]): void {
  const values = keys.map((key) => key.readUInt32BE(0));
  expect(values.length - new Set(values).size).toBeLessThanOrEqual(3); // 0.012 are expected of 10,000
  const { length } = values;
  const least = length / 2 - 6 * Math.sqrt(length / 4);
  const steps = values.slice(1).map((value, i) => (value ^ (values[i] as number)) >>> 0);
  for (const each of [values, steps]) {
    for (let bit = 0; bit < 32; bit++) {
      const ones = each.filter((value) => ((value >>> bit) & 1) === 1).length;
      expect(Math.min(ones, each.length - ones)).toBeGreaterThan(least - 1);
    }
  }
  const differences = values.slice(1).map((value, i) => (value - (values[i] as number)) >>> 0);
  expect(differences.length - new Set(differences).size).toBeLessThanOrEqual(3); // nor is it a counter
}

describe('[CLI-13]', () => {
  it.each(Object.entries(sends))('[CLI-13] %s is masked, each frame with another key', async (_what, send) => {
    const { session, end } = await liveClient();
    for (let i = 0; i < 8; i++) await send(session);
    await eventually(() => expect(end.frames.length).toBeGreaterThanOrEqual(8));
    expect(end.frames.every(({ masked }) => masked)).toBe(true);
    expect(new Set(end.keys.map((key) => key.toString('hex'))).size).toBe(end.frames.length);
  });

  it('[CLI-13] so are close frames, and answers to pings', async () => {
    const { end } = await liveClient();
    for (let i = 0; i < 4; i++) {
      end.send({ opcode: 9, payload: 'p' });
      await eventually(() => expect(end.of('pong')).toHaveLength(i + 1));
    }
    end.close(1000, 'bye');
    await end.closeFrame();
    expect(end.frames.every(({ masked }) => masked)).toBe(true);
    expect(new Set(end.keys.map((key) => key.toString('hex'))).size).toBe(5);
  });

  it.each([
    ['ten thousand', 10_000, 'as they are', {}],
    ['three thousand', 3000, 'compressed', deflating],
  ])(
    '[CLI-13] %s (%p) frames of every kind, %s: no key comes again, every bit is as often 0 as 1',
    async (_words, count, _what, options) => {
      const { session, end } = await liveClient(options);
      for (let i = 0; i < count; i++) void kinds[i % kinds.length]?.(session);
      await eventually(() => expect(end.keys.length).toBeGreaterThanOrEqual(count), 12_000);
      expect(end.frames.every(({ masked }) => masked)).toBe(true);
      judge(end.keys);
    },
  );

  it('[CLI-13] large messages too, and two sessions share none', async () => {
    const [one, other] = [await liveClient(), await liveClient()];
    for (const { basic, end } of [one, other]) {
      for (let i = 0; i < 20; i++) await basic.sendBinary(Buffer.alloc(70_000, i));
      await eventually(() => expect(end.frames).toHaveLength(20));
      expect(end.frames.every(({ payload }, i) => payload.every((byte) => byte === i))).toBe(true);
    }
    expect(new Set([...one.end.keys, ...other.end.keys].map((key) => key.toString('hex'))).size).toBe(40);
  });
});
