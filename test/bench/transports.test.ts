/** The guide's figures about transports: the page and the picture say what was recorded, and that is a whole sweep. */
import { describe, expect, it } from '@jest/globals';
import { drawn, type Point, type Recorded, readRecorded } from '../../bench/transports/figures.js';
import { read, root } from '../support/project.js';

const point = (transport: string, clients: number, change: Partial<Point> = {}): Point => ({
  transport,
  clients,
  seconds: 10,
  connecting: 500 * clients,
  requests: 0,
  bytesIn: 0,
  bytesOut: 50 * clients,
  delivered: clients,
  missed: 0,
  disordered: 0,
  delay: { mean: 1, p50: 1.5, p99: 2 },
  ...change,
});
const recorded: Recorded = {
  machine: { date: '2026-11-22', node: '20.0.0', cpu: 'a cpu', cores: 2 },
  order: { upTo: 10, perSecond: 1, every: 1000, seconds: 10 },
  points: [1, 10].flatMap((clients) => [
    point('polling', clients, { requests: 2 * clients, bytesIn: 600 * clients, bytesOut: 400 * clients, delay: null }),
    point('long-polling', clients, { bytesIn: 450 * clients, requests: clients }),
    point('streaming', clients, { bytesOut: 75 * clients }),
    point('websocket', clients),
  ]),
};

describe("the guide's figures about transports", () => {
  it.each(['docs/assets/transports.svg', 'docs/guide/transports.md'])('%s is what docs/assets/transports.json has it be', (file) => {
    expect(read(file) === drawn(root).get(file)).toBe(true); // node dist-bench/transports/main.js
  });

  it('are of a whole sweep, in which nothing was lost', () => {
    const { order, points } = readRecorded(root);
    expect(points).toHaveLength(16);
    expect(points.map(({ clients }) => clients).at(-1)).toBe(1000);
    for (const { missed, disordered, delivered, clients, transport } of points) {
      expect([missed, disordered]).toEqual([0, 0]);
      const whole = clients * order.perSecond * order.seconds;
      expect([transport, clients, Math.abs(delivered / whole - 1) <= 0.25]).toEqual([transport, clients, true]);
    }
  });

  it('are sums of all steps, and ratios to WebSocket', () => {
    const page = String(drawn(root, recorded).get('docs/guide/transports.md'));
    expect(page).toContain('| Polling | 1,000 | 20.0 | 2.00 | 500 | – | – |');
    expect(page).toContain('| Long polling | 500 | 10.0 | 1.00 | 500 | 1.50 | 1.50 |');
    expect(page).toContain('| WebSocket | 50.0 | 1.00 | 0.00 | 500 | 1.50 | 1.50 |');
    expect(page).toContain('A poll costs 500 bytes');
    expect(page).toContain('polling carries 20.0 times the bytes of WebSocket, long polling 10.0 times, streaming 1.50 times');
    expect(page).toContain('Node.js 20.0.0, a cpu, 2 cores, server and load on the same machine, 2026-11-22. One message a second');
  });
});

describe('the chart', () => {
  const svg = String(drawn(root, recorded).get('docs/assets/transports.svg'));
  const marks = (name: string): number[][] =>
    [...(new RegExp(`<g class="${name}">(.*)</g>`).exec(svg)?.[1] ?? '').matchAll(/translate\(([\d.]+) ([\d.]+)\)/g)].map(([, x, y]) => [
      Number(x),
      Number(y),
    ]);

  it('has a line with a marker for each step, in proportion to the logarithms', () => {
    const [[x1, polling], [x10, tenfold]] = marks('polling') as [[number, number], [number, number]];
    const [[, socket]] = marks('websocket') as [[number, number]];
    expect(x10).toBeGreaterThan(x1);
    expect((socket - polling) / (polling - tenfold)).toBeCloseTo(Math.log10(20), 1);
    expect(['polling', 'long-polling', 'streaming', 'websocket'].map((name) => marks(name).length)).toEqual([2, 2, 2, 2]);
  });

  it('says in words what it shows, in both colour schemes, and tells lines apart without colours', () => {
    expect(svg).toContain('<title id="chart-title">Bytes per second, by number of clients</title>');
    expect(svg).toMatch(/<desc id="chart-said">Polling with 1: 100; Long polling with 1: 50; .*WebSocket with 10: 50<\/desc>/);
    expect(svg).toContain('prefers-color-scheme: dark');
    const dashes = [...svg.matchAll(/<g class="([\w-]+)"><path class="line" d="[^"]*" stroke-dasharray="([^"]*)"/g)];
    expect(new Set(dashes.map(([, , dash]) => dash)).size).toBe(4);
    expect(Buffer.byteLength(svg)).toBeLessThan(12_288);
  });
});
