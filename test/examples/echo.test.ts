/** Echo, as a client sees it: what comes back, whichever endpoint it went to. */
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { run } from './running.js';

const TOMCAT = ['echoAnnotation', 'echoProgrammatic', 'echoStreamAnnotation', 'echoAsyncAnnotation'];
const IDS: Readonly<Record<string, string>> = { echoStreamAnnotation: 'EX-E2', echoAsyncAnnotation: 'EX-E3' };
const PATHS = ['/echo', ...TOMCAT.map((name) => `/examples/websocket/${name}`)].map(
  (path) => [IDS[path.split('/').at(-1) as string] ?? 'EX-E1', path] as const,
);
const TEXTS = ['hello', '', '你好，世界', '🐾👩‍👩‍👧‍👦', '<b>&"\'</b>', 'a\n\tb\0c'];

const errorLines: unknown[][] = [];

beforeEach(() => {
  for (const level of ['error', 'warn'] as const) jest.spyOn(console, level).mockImplementation((...line) => void errorLines.push(line));
});

afterEach(() => {
  jest.restoreAllMocks();
  expect(errorLines.splice(0)).toEqual([]);
});

describe.each(PATHS)('[%s] echo at %s', (_, path) => {
  it('sends every text back as text', async () => {
    const { dial } = await run();
    const peer = await dial(path);
    for (const text of TEXTS) peer.send(text);
    expect(await peer.take(TEXTS.length)).toEqual(TEXTS);
  });

  it.each([0, 1, 125, 126, 8192, 8193, 65_535, 65_536, 300_000])('sends %i bytes back as bytes', async (size) => {
    const { dial } = await run();
    const peer = await dial(path);
    const bytes = randomBytes(size);
    peer.send(bytes);
    expect(bytes.equals((await peer.next()) as Buffer)).toBe(true);
  });

  it('gives back what came in parts, with the same content and type, also where the parts cut characters in two', async () => {
    const { dial } = await run();
    const peer = await dial(path);
    const text = Buffer.from('你好，世界 🐾👩‍👩‍👧‍👦');
    peer.send('before');
    for (let at = 0; at < text.length; at++) peer.socket.send(text.subarray(at, at + 1), { binary: false, fin: at === text.length - 1 });
    for (const part of ['一', '', '二']) peer.part(part, false);
    peer.part('', true);
    peer.part(Buffer.from([1]), false);
    peer.part(Buffer.from([2]), true);
    expect(await peer.take(4)).toEqual(['before', text.toString(), '一二', Buffer.from([1, 2])]);
  });

  it('keeps the order of many, and the text of a long one', async () => {
    const { dial } = await run();
    const peer = await dial(path);
    const messages = Array.from({ length: 300 }, (_, i) => (i % 2 === 0 ? `text ${i}` : Buffer.from(`bytes ${i}`)));
    for (const message of messages) peer.send(message);
    expect(await peer.take(300)).toEqual(messages);
    const long = 'a你🐾'.repeat(40_000);
    peer.send(long);
    expect((await peer.next()) === long).toBe(true);
  });

  it('answers a compressed message, compressed', async () => {
    const { dial } = await run();
    const peer = await dial(path, { perMessageDeflate: { threshold: 0 } });
    expect(peer.socket.extensions).toContain('permessage-deflate');
    for (const text of ['你好🐾', '你好🐾'.repeat(10_000)]) {
      peer.send(text);
      expect((await peer.next()) === text).toBe(true);
    }
  });

  it('ignores pongs, and answers pings in the middle of a message', async () => {
    const { dial } = await run();
    const peer = await dial(path);
    peer.socket.pong('nobody asked');
    peer.part('still ', false);
    peer.socket.ping('you?');
    expect(await peer.pong()).toEqual(Buffer.from('you?'));
    peer.part('here', true);
    expect(await peer.next()).toBe('still here');
  });

  it('says nothing when somebody goes away in the middle of a message, or does not read what comes back', async () => {
    const { dial, containers } = await run();
    const [leaver, deaf] = [await dial(path), await dial(path)];
    leaver.part('half a mess', false);
    deaf.socket.pause();
    for (let i = 0; i < 40; i++) deaf.send(randomBytes(500_000));
    const other = await dial(path);
    other.send('nobody waits for others');
    expect(await other.next()).toBe('nobody waits for others');
    for (const { socket } of [leaver, deaf]) socket.terminate();
    await other.close();
    await eventually(() => expect(containers.filter((container) => container.statistics().open > 0)).toEqual([]));
  });
});

describe('what is too large', () => {
  it.each([
    ['/echo', ['Echo:', expect.objectContaining({ code: 'MARGAY_TOO_BIG' })]],
    ['/examples/websocket/echoAsyncAnnotation', null],
  ])('[EX-E3] %s, which holds whole messages, ends one of more than 1 MiB with 1009', async (path, told) => {
    const { dial } = await run();
    const most = 1024 * 1024;
    for (const message of [Buffer.alloc(most), 'x'.repeat(most)]) {
      const peer = await dial(path);
      peer.send(message);
      expect((await peer.next()).length).toBe(most);
      peer.part(message, false);
      peer.part('!', true);
      expect(await peer.closed).toMatchObject({ code: 1009 });
    }
    expect(errorLines.splice(0)).toEqual(told === null ? [] : [told, told]);
  });

  it.each(['echoAnnotation', 'echoProgrammatic', 'echoStreamAnnotation'])('[EX-E1] [EX-E2] nothing is for %s', async (name) => {
    const { dial } = await run();
    const peer = await dial(`/examples/websocket/${name}`);
    const bytes = randomBytes(5 * 1024 * 1024);
    peer.send(bytes);
    expect(bytes.equals((await peer.next()) as Buffer)).toBe(true);
  });
});
