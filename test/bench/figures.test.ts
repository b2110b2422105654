/** What the bench makes of its figures: ratios of one round, verdicts, tables, and the chart and the page that are drawn from them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { chartOf } from '../../bench/chart.js';
import { atLeast, atMost, holds, judged, type Measured, ratioOf, valueAtMost } from '../../bench/measured.js';
import { optionsOf } from '../../bench/options.js';
import { coresOf, findPinning, type Pinning, spawnOn } from '../../bench/pinning.js';
import { drawn } from '../../bench/publication.js';
import type { Machine } from '../../bench/results.js';
import { median, spreadOf } from '../../bench/statistics.js';
import { columns, details, figure, markdown, processorTime, summary } from '../../bench/table.js';
import { read, root } from '../support/project.js';

const measured = (change: Partial<Measured> = {}): Measured => ({
  name: 'echo, 64 connections, 8 in flight',
  unit: 'messages/s',
  subject: 'margay',
  control: 'ws',
  goal: atLeast(5),
  rows: [
    { name: 'ws', values: [100, 200, 400], user: [3, 1, 2], system: [6, 5, 4] },
    { name: 'margay', values: [600, 800, 2800] },
    { name: 'net', values: [1000, 2000, 4000] },
  ],
  notes: [],
  ...change,
});
const machine: Machine = {
  date: '2026-11-21',
  node: '20.0.0',
  cpu: 'a <cpu> & more',
  cores: 2,
  load: 'C',
  isPinned: true,
  rounds: 3,
  ms: 1000,
};

describe('figures', () => {
  it('have a median, also of an even number, and a spread', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(spreadOf([3, 1, 2])).toEqual({ median: 2, least: 1, most: 3 });
  });

  it('are compared within their round, not their medians with each other', () => {
    expect(ratioOf(measured(), 'margay')).toEqual({ median: 6, least: 4, most: 7 }); // of the medians it would be 4
    expect(ratioOf(measured(), 'nest')).toBeNull();
    expect(ratioOf(measured({ control: 'nest' }), 'margay')).toBeNull();
  });

  it('are judged as ratios or as values, at least or at most, the bound included', () => {
    expect(holds(measured({ goal: atLeast(6) }))).toBe(true);
    expect(holds(measured({ goal: atLeast(6.01) }))).toBe(false);
    expect(holds(measured({ goal: atMost(6) }))).toBe(true);
    expect(holds(measured({ goal: atMost(5.99) }))).toBe(false);
    expect(holds(measured({ goal: valueAtMost(800) }))).toBe(true);
    expect(holds(measured({ goal: valueAtMost(799) }))).toBe(false);
    expect(judged(measured({ goal: valueAtMost(1) }))?.median).toBe(800);
    expect([holds(measured({ goal: null })), holds(measured({ rows: [] }))]).toEqual([null, null]);
  });
});

describe('tables', () => {
  it('write numbers of every size with about three digits', () => {
    expect([0.1234, 1, 12.34, 123.4, 1234567].map(figure)).toEqual(['0.12', '1.00', '12.3', '123', '1,234,567']);
  });

  it('show every row in detail, and why one is missing', () => {
    const lines = details(measured({ notes: ['nest: not installed'] }));
    expect(lines.map((line) => line.trim().split(/ {2,}/))).toEqual([
      ['echo, 64 connections, 8 in flight'],
      ['messages/s', 'to ws (least to most)', 'user µs', 'system µs'],
      ['ws', '200', '1.00 (1.00 to 1.00)', '2.00', '5.00'],
      ['margay', '800', '6.00 (4.00 to 7.00)', '–', '–'],
      ['net', '2,000', '10.0 (10.0 to 10.0)', '–', '–'],
      ['without nest: not installed'],
    ]);
    expect(new Set(columns([['a', 'b'], ['long', 'longer']]).map((line) => line.length)).size).toBe(1); // biome-ignore format: a table
  });

  it('sum each workload up in a line, with its goal and a verdict', () => {
    const [heading = [], ...lines] = summary([
      measured(),
      measured({ goal: atLeast(7) }),
      measured({ unit: 'bytes each', goal: valueAtMost(8192) }),
      measured({ goal: null, rows: [] }),
    ]);
    expect(lines.map((line) => line.length)).toEqual(lines.map(() => heading.length));
    expect(lines.map((line) => line.slice(2))).toEqual([
      ['200', '800', '6.00 (4.00 to 7.00)', '10.0', '≥ 5', 'holds'],
      ['200', '800', '6.00 (4.00 to 7.00)', '10.0', '≥ 7', 'MISSED'],
      ['200', '800', '6.00 (4.00 to 7.00)', '10.0', '≤ 8,192 bytes', 'holds'],
      ['–', '–', '–', '–', '–', '–'],
    ]);
    expect(markdown([heading, ...lines]).split('\n')).toHaveLength(6);
    expect(processorTime([measured()])[1]).toEqual([measured().name, '2.00 + 5.00', '–', '–']);
  });
});

describe('the chart', () => {
  const bars = (svg: string, name: string) =>
    [...svg.matchAll(new RegExp(`<rect class="${name}" x="([\\d.]+)" y="\\d+" width="([\\d.]+)"`, 'g'))]
      .slice(1)
      .map(([, x, width]) => [Number(x), Number(width)]); // the first is the legend's

  it('is drawn in proportion to the logarithm of each ratio, to the left of 1 below it', () => {
    const slow = { name: 'margay', values: [50, 100, 200] };
    const all = [measured(), measured({ rows: [measured().rows[0] as Measured['rows'][0], slow] })];
    const svg = chartOf({ machine, measured: all });
    const [[one, six], [half, less]] = bars(svg, 'margay') as [[number, number], [number, number]];
    const [[, ten]] = bars(svg, 'net') as [[number, number]];
    expect(bars(svg, 'net')).toHaveLength(1);
    expect(six / ten).toBeCloseTo(Math.log(6) / Math.log(10), 2);
    expect(less / ten).toBeCloseTo(Math.log(2) / Math.log(10), 2);
    expect(half + less).toBeCloseTo(one, 0);
  });

  it('says in words what it shows, in both colour schemes, and escapes what it is given', () => {
    const svg = chartOf({ machine: { ...machine, node: '<&>' }, measured: [measured({ name: 'a < b' })] });
    expect(svg).toContain('<desc id="desc">a &lt; b: margay 6.00, net 10.0</desc>');
    expect(svg).toContain('Node.js &lt;&amp;&gt;');
    expect(svg).toMatch(/role="img" aria-labelledby="title desc"/);
    expect(svg).toContain('prefers-color-scheme: dark');
  });
});

describe('what is published', () => {
  it.each([...drawn(root).keys()])('%s is what the figures in docs/assets/bench.json have it be', (file) => {
    expect(read(file) === drawn(root).get(file)).toBe(true); // npm run bench -- --chart
  });

  it('has every workload of the issue, is small, and is shown in the README', () => {
    const { measured: all } = JSON.parse(read('docs/assets/bench.json')) as { measured: readonly Measured[] };
    expect(all.filter(({ goal }) => goal !== null).length).toBeGreaterThan(20);
    expect(all.filter(({ unit, goal }) => unit === 'messages/s' && goal !== null)).toHaveLength(9);
    expect(Buffer.byteLength(read('docs/assets/bench.svg'))).toBeLessThan(12_288);
    expect(read('README.md')).toContain('](docs/assets/bench.svg)');
  });
});

describe('the command line', () => {
  it('has a name, and options that it knows', () => {
    expect(optionsOf(['room', 'of', '--quick', '--peers-from', '/x'])).toEqual({
      only: 'room of',
      isQuick: true,
      hasPeers: true,
      peersFrom: '/x',
      isChart: false,
    });
    expect(optionsOf([])).toMatchObject({ only: '', isQuick: false, hasPeers: false, isChart: false });
    expect(() => optionsOf(['--fast'])).toThrow(/--fast/);
  });
});

describe('pinning', () => {
  const pinning = findPinning();

  it('reads the cores as the kernel lists them', () => {
    expect(coresOf('0-3,8,10-11')).toEqual([0, 1, 2, 3, 8, 10, 11]);
  });

  (pinning === null ? it.skip : it)('puts server and load on a core each', async () => {
    const { server, load } = pinning as Pinning;
    expect(server).not.toBe(load);
    const child = spawnOn(server, 'sleep', ['5'], { stdio: 'ignore' });
    try {
      await new Promise((resolve) => child.once('spawn', resolve));
      let list = '';
      while (list !== String(server)) {
        list = /^Cpus_allowed_list:\s*(\S+)$/m.exec(readFileSync(join('/proc', String(child.pid), 'status'), 'utf8'))?.[1] ?? '';
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    } finally {
      child.kill();
    }
  });
});
