/** The bench's load generators, in C where it can be built: they count what a server does right, and end loudly at what it does wrong. */
import { type EventEmitter, once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { type WebSocket, WebSocketServer } from 'ws';
import { buildInC, Generator, inJavaScript } from '../../bench/generator.js';
import type { Load } from '../../bench/load/protocol.js';
import { BroadcastRoom, Echo, echoAt, Room } from '../../bench/servers/margay.js';
import { root } from '../support/project.js';
import { sideBySide } from '../support/side-by-side.js';
import { start } from '../support/start.js';

const folder = mkdtempSync(join(tmpdir(), 'margay-load-'));
const inC = buildInC(`${root}/bench/load.c`, join(folder, 'load'));
const generators = new Set<Generator>();
const servers = new Set<WebSocketServer>();
const MS = 60;
const LONG = 10_000; // ms: what goes wrong ends a run at once

/** What a server does with the message of that number, counted from 1 on each connection. */
type Answer = (socket: WebSocket, text: string, number: number) => void;

const times = (count: number, act: () => void): void => {
  for (let i = 0; i < count; i++) act();
};

/** A server of ws's that answers as the test likes. */
async function serverOf(open: (socket: WebSocket) => void, perMessageDeflate = false): Promise<number> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate });
  servers.add(server);
  server.on('connection', (socket) => open(socket.on('error', () => {})));
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

afterEach(async () => {
  await Promise.all([...generators].map((each) => each.stop()));
  generators.clear();
  for (const server of servers) server.close();
  servers.clear();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('is built in C where there are cc and epoll, and nowhere else', () => {
  expect(inC === null || process.platform === 'linux').toBe(true);
  expect(buildInC(`${root}/bench/none.c`, join(folder, 'none'))).toBeNull();
  expect(buildInC(`${root}/README.md`, join(folder, 'none'))).toBeNull();
});

describe.each([inJavaScript, inC].flatMap((program) => program ?? []))('the load in $language', (program) => {
  const load = (kind: Load['kind'], rest: Partial<Load> = {}): Load => ({
    kind,
    dialect: 'plain',
    connections: 8,
    depth: 4,
    size: 64,
    ...rest,
  });

  /** The only receiver of what it says itself. */
  const ALONE = load('fan-out', { connections: 1, depth: 1 });

  function generator(): Generator {
    const made = new Generator(program);
    generators.add(made);
    return made;
  }

  /** Opens, runs and closes, and says what came. */
  async function outcome(made: Generator, what: Load, port: number, ms = MS) {
    await made.open(what, port);
    const found = await made.run(ms);
    await made.close();
    return found;
  }

  /** Against a server of its own; for longer, where a machine has so much else to do that nothing came. */
  async function counted(what: Load, endpoints: Parameters<typeof start>[0], least: number) {
    const made = generator();
    for (let ms = MS; ; ms *= 4) {
      const { container, port } = await start(endpoints);
      const found = await outcome(made, what, port, ms);
      if (found.count > least || ms > LONG) return { ...found, ms, statistics: container.statistics() };
    }
  }

  it('counts echoes: one at a time with their latencies, many at a time, and large ones', async () => {
    for (const what of [load('echo', { depth: 1 }), load('echo', { depth: 100 }), load('echo', { size: 1024 })]) {
      const { count, rate, p50 = 0, p99 = 0, ms, statistics } = await counted(what, Echo, what.connections);
      expect(count).toBeGreaterThan(what.connections);
      expect(count).toBeLessThanOrEqual(statistics.messagesReceived);
      expect(count).toBeGreaterThanOrEqual(statistics.messagesReceived - what.connections * what.depth);
      expect(rate > 0 && rate <= (count * 1000) / (ms - 1)).toBe(true); // node's timers may be a ms early
      expect(p50 > 0 && p99 >= p50).toBe(what.depth === 1);
    }
  });

  it('counts the deliveries of broadcasts, with one sender and with several', async () => {
    for (const kind of ['fan-out', 'room'] as const) {
      for (const endpoint of [Room, BroadcastRoom]) {
        const { count, statistics } = await counted(load(kind), endpoint, 8);
        expect(count).toBeGreaterThan(8);
        expect(count).toBeLessThanOrEqual(statistics.messagesSent);
        if (kind === 'fan-out') expect(count).toBeGreaterThanOrEqual((statistics.messagesReceived - 4) * 8); // four are in flight
      }
    }
  });

  it('counts handshakes that have come and gone, at one template after another', async () => {
    const what = load('handshakes', { depth: 2, size: 0 });
    const { count, statistics } = await counted(what, [echoAt('/t0/{one}'), echoAt('/t1/{one}')], 0);
    expect(count).toBeGreaterThan(0);
    expect(count).toBeLessThanOrEqual(statistics.opened);
    expect(count).toBeGreaterThanOrEqual(statistics.opened - 2 * 8);
  });

  it('holds connections, also such that have exchanged a compressed message, until it is told to drop them', async () => {
    const { container, port } = await start(Echo, { perMessageDeflate: true });
    const made = generator();
    expect(await made.open(load('idle'), port)).toEqual({ open: 8 });
    expect(container.statistics().messagesReceived).toBe(0);
    expect(await made.close()).toEqual({ open: 0 });
    expect(await made.open(load('squeezed'), port)).toEqual({ open: 8 });
    expect(container.statistics().messagesReceived).toBe(8);
    await made.close();
  });

  const last = (text: string): string => `${text.slice(0, -1)}!`;
  const FAULTS: readonly [what: string, load: Load, complaint: RegExp, answer: Answer][] = [
    ['the last byte of the third echo', load('echo'), /something else/, (s, text, i) => s.send(i === 3 ? last(text) : text)],
    ['a longer echo', load('echo'), /something else/, (s, text) => s.send(`${text} `)],
    ['bytes for text', load('echo'), /something else/, (s, text) => s.send(Buffer.from(text))],
    ['an end', load('echo'), /has closed|does not take/, (s, text, i) => (i === 3 ? s.terminate() : s.send(text))],
    ['one message twice', ALONE, /more than it was told/, (s, text, i) => times(i === 3 ? 3 : 1, () => s.send(text))],
    ['a sender that there is not', load('room'), /something else/, (s, text, i) => s.send(i === 3 ? `9999${text.slice(4)}` : text)],
    ['what no sender said', load('room'), /something else/, (s, text, i) => s.send(i === 3 ? last(text) : text)],
    ['nothing compressed', load('squeezed'), /does not compress|something else/, (s) => s.send('m'.repeat(2048), { compress: false })],
  ];

  it('ends with a sentence at whatever a server does wrong', () =>
    sideBySide(
      FAULTS,
      ([what]) => what,
      async ([, what, complaint, answer]) => {
        const port = await serverOf((socket) => {
          let number = 0;
          socket.on('message', (data) => answer(socket, String(data), ++number));
        }, what.kind === 'squeezed');
        await expect(outcome(generator(), what, port, LONG)).rejects.toThrow(complaint);
      },
      4,
    ));

  it('ends where nobody switches protocols, or answers a close frame', async () => {
    const { port } = await start(Echo); // not at /t0/one
    await expect(outcome(generator(), load('handshakes', { depth: 1 }), port, LONG)).rejects.toThrow(/switch protocols/);
    const stubborn = await serverOf((socket) => {
      const { _receiver } = socket as unknown as { _receiver: EventEmitter }; // it answers with the code that it is told
      _receiver.removeAllListeners('conclude').once('conclude', () => socket.close(4000));
    });
    await expect(outcome(generator(), load('handshakes', { depth: 1 }), stubborn, LONG)).rejects.toThrow(/answer the close frame/);
    const rude = await serverOf((socket) => setImmediate(() => socket.terminate()));
    await expect(outcome(generator(), load('handshakes', { depth: 1 }), rude, LONG)).rejects.toThrow(/load: /);
  });

  it('fails at a line that it does not understand', async () => {
    await expect(generator().open(load('dance' as 'echo'), 1)).rejects.toThrow(/not known/);
    await expect(generator().run(MS)).rejects.toThrow(/nothing to run/);
  });
});
