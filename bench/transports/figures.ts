/** The guide's figures about transports: a sweep of examples/transports, and the page and the picture that are drawn from it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { figure, markdown } from '../table.js';

/** As the application's sweep tells it. */
export interface Point {
  readonly transport: string;
  readonly clients: number;
  readonly seconds: number;
  readonly connecting: number;
  readonly requests: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly delivered: number;
  readonly missed: number;
  readonly disordered: number;
  readonly delay: { readonly mean: number; readonly p50: number; readonly p99: number } | null;
}

export interface Recorded {
  readonly machine: { readonly date: string; readonly node: string; readonly cpu: string; readonly cores: number };
  readonly order: { readonly upTo: number; readonly perSecond: number; readonly every: number; readonly seconds: number };
  readonly points: readonly Point[];
}

/** What examples/transports/chart.js makes of itself. */
interface Chart {
  readonly transports: readonly { readonly name: string; readonly label: string }[];
  draw(points: readonly Point[], metric: string, look: { readonly width: number; readonly height: number; readonly style: string }): string;
}

export const JSON_FILE = 'docs/assets/transports.json';
const PICTURE = 'docs/assets/transports.svg';
const PAGE = 'docs/guide/transports.md';
const [BEGIN, END] = ['<!-- figures: drawn by dist-bench/transports/main.js -->', '<!-- /figures -->'];

/** The page's own style is not there when a picture stands alone. */
const STYLE = `<style>
  text { font: 13px system-ui, sans-serif; fill: #24292f }
  .name { font-weight: 600 }
  .tick { font-size: 12px; fill: #57606a }
  .grid { stroke: #d0d7de; fill: none }
  .line { fill: none; stroke-width: 2; stroke-linejoin: round; stroke-linecap: round }
  .polling { stroke: #b4520c; fill: #b4520c }
  .long-polling { stroke: #7a3ea8; fill: #7a3ea8 }
  .streaming { stroke: #0b6a88; fill: #0b6a88 }
  .websocket { stroke: #2c6a49; fill: #2c6a49 }
  .key { stroke: none }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 }
    .tick { fill: #9198a1 }
    .grid { stroke: #30363d }
    .polling { stroke: #f2a14a; fill: #f2a14a }
    .long-polling { stroke: #cda4f4; fill: #cda4f4 }
    .streaming { stroke: #6cc6e4; fill: #6cc6e4 }
    .websocket { stroke: #86cda2; fill: #86cda2 }
  }
</style>
`;

/** Files of the project, by their names, as the figures would have them. */
export function drawn(root: string, recorded = readRecorded(root)): ReadonlyMap<string, string> {
  const chart = chartOf(root);
  return new Map([
    [PICTURE, chart.draw(recorded.points, 'rate', { width: 720, height: 400, style: STYLE })],
    [PAGE, withFigures(readFileSync(join(root, PAGE), 'utf8'), figuresOf(recorded, chart))],
  ]);
}

export const readRecorded = (root: string): Recorded => JSON.parse(readFileSync(join(root, JSON_FILE), 'utf8')) as Recorded;

/** The page's script, as a browser runs it. */
function chartOf(root: string): Chart {
  const page: { transportsChart?: Chart } = {};
  runInNewContext(readFileSync(join(root, 'examples/transports/chart.js'), 'utf8'), page);
  return page.transportsChart as Chart;
}

function withFigures(page: string, figures: string): string {
  const [from, to] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (from < 0 || to < from) throw new Error(`the page has no place between ${BEGIN} and ${END}`);
  return `${page.slice(0, from + BEGIN.length)}\n\n${figures}\n\n${page.slice(to)}`;
}

function figuresOf({ machine, order, points }: Recorded, { transports }: Chart): string {
  const { date, node, cpu, cores } = machine;
  const all = transports.map(({ name, label }) => ({ label, own: points.filter(({ transport }) => transport === name) }));
  const [polling, long, streaming, socket] = all.map(({ own }) => bytesPerMessage(own)) as [number, number, number, number];
  const counts = [...new Set(points.map(({ clients }) => clients))];
  const rows = all.map(({ label, own }) => [
    label,
    figure(bytesPerMessage(own)),
    `${figure(bytesPerMessage(own) / socket)}`,
    figure(sum(own, 'requests') / sum(own, 'delivered')),
    figure(sum(own, 'connecting') / sum(own, 'clients')),
    ...counts.map((clients) => delayOf(own.find((point) => point.clients === clients))),
  ]);
  const heading = ['transport', 'bytes per message', 'to WebSocket', 'requests per message', 'bytes to connect', ...counts.map(delayTitle)];
  const pollBytes = (sum(all[0]?.own ?? [], 'bytesIn') + sum(all[0]?.own ?? [], 'bytesOut')) / sum(all[0]?.own ?? [], 'requests');
  return [
    `Node.js ${node}, ${cpu}, ${cores} cores, server and load on the same machine, ${date}. ${rate(order.perSecond)} for each client, a poll every ${order.every / 1000} s, ${order.seconds} s for each point.`,
    markdown([heading, ...rows]),
    `A poll costs ${figure(pollBytes)} bytes, whether it brings a message or not. At this rate polling carries ${figure(polling / socket)} times the bytes of WebSocket, long polling ${figure(long / socket)} times, streaming ${figure(streaming / socket)} times.`,
  ].join('\n\n');
}

const rate = (perSecond: number): string => (perSecond === 1 ? 'One message a second' : `${perSecond} messages a second`);
const delayTitle = (clients: number): string => `median delay, ms, ${clients.toLocaleString('en')} ${clients === 1 ? 'client' : 'clients'}`;
const delayOf = (point: Point | undefined): string => (point?.delay ? figure(point.delay.p50) : '–');
const bytesPerMessage = (points: readonly Point[]): number => (sum(points, 'bytesIn') + sum(points, 'bytesOut')) / sum(points, 'delivered');

function sum(points: readonly Point[], name: 'bytesIn' | 'bytesOut' | 'delivered' | 'requests' | 'connecting' | 'clients'): number {
  return points.reduce((total, point) => total + point[name], 0);
}
