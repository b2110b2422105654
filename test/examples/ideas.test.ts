/** The ideas: each over a socket, and each as the program that it is. */
import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { openSessions, ServerContainer, type Session, statistics } from 'margay';
import * as auth from '../../examples/ideas/auth.js';
import * as coders from '../../examples/ideas/coders.js';
import * as injection from '../../examples/ideas/injection.js';
import type { Running, Start } from '../../examples/ideas/program.js';
import * as sideBySide from '../../examples/ideas/side-by-side.js';
import * as streaming from '../../examples/ideas/streaming.js';
import * as subprotocols from '../../examples/ideas/subprotocols.js';
import { eventually, sleep } from '../support/eventually.js';
import { Peer } from '../support/peer.js';

const MiB = 2 ** 20;
const running: Running[] = [];
const errorLines: unknown[][] = [];

beforeEach(() => {
  for (const level of ['error', 'warn'] as const) jest.spyOn(console, level).mockImplementation((...line) => void errorLines.push(line));
});

afterEach(async () => {
  for (const each of running.splice(0)) await each.close();
  jest.restoreAllMocks();
  expect(errorLines.splice(0)).toEqual([]);
});

/** Starts it, and dials. */
async function begin(start: Start) {
  const started = await start(0);
  running.push(started);
  const socket = started.url.replace('http', 'ws');
  return {
    started,
    url: started.url,
    dial: (path: string, options?: Parameters<typeof Peer.open>[1]) => Peer.open(socket + path, options),
  };
}

describe('coders', () => {
  it('[COD-5] makes orders of text, and text of receipts', async () => {
    const { dial } = await begin(coders.start);
    const peer = await dial('/orders');
    peer.send('{"article":"茶 🍵","count":3}');
    expect(await peer.next()).toBe('{"article":"茶 🍵","count":3,"total":"7.50"}');
  });

  it.each([
    ['茶', /^no order: Unexpected token/],
    ['{"article":"茶","count":0}', /^no order: an order has an article and a count$/],
    ['{"article":7,"count":1}', /^no order: an order has an article and a count$/],
    ['null', /^no order: Cannot destructure/],
  ])('[COD-8] says what is no order, %s, and goes on', async (text, answer) => {
    const { dial } = await begin(coders.start);
    const peer = await dial('/orders');
    peer.send(text);
    expect(await peer.next()).toMatch(answer);
    peer.send('{"article":"x","count":1}');
    expect(await peer.next()).toBe('{"article":"x","count":1,"total":"2.50"}');
  });
});

describe('auth', () => {
  it.each([
    ['nobody', {}, 401],
    ['a token that nobody has', { authorization: 'Bearer guessed' }, 401],
    ['the wrong role', { authorization: 'Bearer mila-s-token' }, 403],
    ['the wrong role, in a cookie', { cookie: 'a=b; token=mila-s-token' }, 403],
  ])('[HS-1] refuses %s', async (_who, headers, status) => {
    const { dial } = await begin(auth.start);
    const refused = dial('/enclosure', { headers });
    await expect(refused).rejects.toMatchObject({ status });
    const { response } = (await refused.catch((error: unknown) => error)) as { response: { headers: Record<string, string> } };
    expect(response.headers['www-authenticate']).toBe(status === 401 ? 'Bearer realm="enclosure"' : undefined);
  });

  it.each([{ authorization: 'Bearer otto-s-token' }, { cookie: 'token=otto-s-token; a=b' }])(
    '[HS-11] lets the keeper in: %j',
    async (headers) => {
      const { dial } = await begin(auth.start);
      const peer = await dial('/enclosure', { headers });
      peer.send('鱼 🐟');
      expect(await peer.take(2)).toEqual(['Welcome, 奥托', 'The margay eats 鱼 🐟']);
    },
  );
});

describe('subprotocols', () => {
  it.each([
    [['weather.v2.json', 'weather.v1.text'], 'weather.v2.json', '{"temperature":1,"unit":"°C"}'],
    [['weather.v1.text', 'weather.v2.json'], 'weather.v1.text', '1 °C'],
    [['weather.v9', 'weather.v2.json'], 'weather.v2.json', '{"temperature":1,"unit":"°C"}'],
    [[], '', '1 °C'],
  ])('[HS-3] for %j speaks %j', async (wanted, spoken, answer) => {
    const { dial } = await begin(subprotocols.start);
    const peer = await dial('/weather', { subprotocols: wanted });
    peer.send('雲南');
    expect([peer.socket.protocol, await peer.next()]).toEqual([spoken, answer]);
  });
});

describe('streaming', () => {
  const content = randomBytes(32 * MiB);
  const digest = createHash('sha256').update(content).digest('hex');
  let folder: string;
  const sessionOf = ({ started }: { started: Running }) =>
    [...openSessions(started as ServerContainer, streaming.LargeFile)][0] as Session | undefined;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'margay-ideas-'));
    process.env['FILE'] = join(folder, '大文件.bin');
    writeFileSync(process.env['FILE'], content);
  });

  afterAll(() => {
    delete process.env['FILE'];
    rmSync(folder, { recursive: true });
  });

  it('[REM-9] sends a file as one message, and holds little of it while nobody reads', async () => {
    const begun = await begin(streaming.start);
    const peer = await begun.dial('/file');
    const session = sessionOf(begun) as Session;
    peer.socket.pause();
    peer.send('the file, please');
    let before = -1;
    await eventually(async () => {
      const { bytesSent } = statistics(session);
      const isStill = bytesSent > MiB && bytesSent === before;
      before = bytesSent;
      await sleep(100);
      expect(isStill).toBe(true);
    });
    expect(statistics(session).bytesSent).toBeLessThan(24 * MiB); // the rest is still in the file
    expect(statistics(session).bytesWaiting).toBeLessThan(MiB);
    peer.socket.resume();
    const received = (await peer.next()) as Buffer;
    expect([received.length, createHash('sha256').update(received).digest('hex')]).toEqual([content.length, digest]);
  });

  it('[D-02] takes a file of any size, part by part', async () => {
    const peer = await (await begin(streaming.start)).dial('/file');
    for (let at = 0; at < content.length; at += MiB) peer.part(content.subarray(at, at + MiB), at + MiB >= content.length);
    expect(await peer.next()).toBe(`${content.length} bytes, SHA-256 ${digest}`);
  });

  it('is not upset by those who leave in the middle', async () => {
    const begun = await begin(streaming.start);
    const [down, up] = [await begun.dial('/file'), await begun.dial('/file')];
    down.socket.pause();
    down.send('the file, please');
    up.part(content.subarray(0, MiB), false);
    await eventually(() => expect(statistics(sessionOf(begun) as Session).bytesSent).toBeGreaterThan(MiB));
    down.socket.terminate();
    up.socket.terminate();
    await eventually(() => expect(sessionOf(begun)).toBeUndefined());
  });
});

describe('side by side', () => {
  it('[CON-9] serves Express, Fastify, node:http and an endpoint on one port', async () => {
    const { url, dial } = await begin(sideBySide.start);
    const peers = [await dial('/news'), await dial('/news')];
    const origin = new URL(url).origin;
    for (const [framework, path] of [
      ['Express', '/express/'],
      ['Fastify', '/fastify/'],
      ['node', '/node?text='],
    ]) {
      const response = await fetch(origin + path + encodeURIComponent('你好 🐾'));
      expect([framework, response.status, await response.json()]).toEqual([framework, 200, { sent: 2 }]);
      for (const peer of peers) expect(await peer.next()).toBe(`${framework}: 你好 🐾`);
    }
    const statuses = ['/none', '/express/', '/express/%ff', '/fastify/%ff', '/node/'].map(
      async (path) => (await fetch(origin + path)).status,
    );
    expect(await Promise.all(statuses)).toEqual([404, 404, 400, 400, 404]);
    await expect(Peer.open(`${origin.replace('http', 'ws')}/news`)).rejects.toMatchObject({ status: 404 });
    peers[0]?.send('?');
    expect(await peers[0]?.next()).toBe('Wait for it');
  });
});

describe('injection', () => {
  it('[DEP-10] gives each connection an instance, and all of them the one service', async () => {
    const { dial } = await begin(injection.start);
    const [mila, otto] = [await dial('/feeding'), await dial('/feeding')];
    for (let fish = 1; fish <= 5; fish++) {
      mila.send('米拉');
      expect(await mila.next()).toBe(`米拉 eats fish number ${fish}`);
    }
    for (let fish = 1; fish <= 5; fish++) {
      otto.send('Otto');
      expect(await otto.next()).toBe(fish < 5 ? `Otto eats fish number ${fish}` : 'Otto looks at an empty bowl');
    }
  });
});

describe('every idea', () => {
  const compiled = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
  const script = (text: string) => `data:text/javascript,${encodeURIComponent(text)}`;
  const asMargay = script(`
    import { register } from 'node:module';
    register(${JSON.stringify(
      script(`const margay = ${JSON.stringify(pathToFileURL(join(compiled, 'src', 'index.js')).href)};
      export const resolve = (name, context, next) => next(name === 'margay' ? margay : name, context);`),
    )});`);

  it.each(['coders', 'auth', 'subprotocols', 'streaming', 'side-by-side', 'injection'])('%s is a program', async (name) => {
    const file = join(compiled, 'examples', 'ideas', `${name}.js`);
    const child = execFile(process.execPath, ['--import', asMargay, file], { env: { ...process.env, PORT: '0' } });
    const ended = new Promise((resolve) => child.once('exit', (code, signal) => resolve([code, signal])));
    try {
      const url = await new Promise<string>((resolve, reject) => {
        child.stdout?.once('data', (text: string) => resolve(text.trim()));
        child.once('exit', (code) => reject(new Error(`it ended with ${code}`)));
      });
      expect(url).toMatch(/^http:\/\/localhost:\d+(\/live)?$/);
      child.kill('SIGTERM');
      expect(await ended).toEqual([0, null]);
    } finally {
      child.kill('SIGKILL');
    }
  });
});
