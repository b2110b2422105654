/** Bars, drawn by hand: how often as many messages as ws, for margay and for what node can do at most. */
import { type Measured, ratioOf } from './measured.js';
import type { Results } from './results.js';
import { figure } from './table.js';

const WIDTH = 760;
const LEFT = 320; // where 1 is
const RIGHT = 60; // for the figure behind the longest bar
const TOP = 84;
const ROW = 38;
const BAR = 12;
const TICKS = [1, 2, 5, 10, 20, 50, 100, 200];

const STYLE = `
  text { font: 12px system-ui, sans-serif; fill: #24292f }
  .title { font-size: 15px; font-weight: 600 }
  .quiet { fill: #57606a }
  .grid { stroke: #d0d7de }
  .one { stroke: #57606a }
  .margay { fill: #0f766e }
  .net { fill: #b6bec8 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 }
    .quiet { fill: #9198a1 }
    .grid { stroke: #30363d }
    .one { stroke: #9198a1 }
    .margay { fill: #2dd4bf }
    .net { fill: #545d68 }
  }`;

interface Bars {
  readonly name: string;
  readonly margay: number;
  readonly net: number | null;
}

/** All rates that were measured against ws, in their order. */
export function chartOf({ measured, machine }: Results): string {
  const bars = measured.filter(({ unit }) => unit === 'messages/s').flatMap(barsOf);
  const most = Math.max(2, ...bars.flatMap(({ margay, net }) => [margay, net ?? 1]));
  const least = Math.min(1, ...bars.flatMap(({ margay, net }) => [margay, net ?? 1]));
  const scale = (WIDTH - LEFT - RIGHT) / Math.log(most / least);
  const x = (ratio: number): number => LEFT + Math.log(ratio / least) * scale;
  const height = TOP + bars.length * ROW + 34;
  const said = bars
    .map(({ name, margay, net }) => `${name}: margay ${figure(margay)}${net === null ? '' : `, net ${figure(net)}`}`)
    .join('; ');
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-labelledby="title desc">
<title id="title">Messages per second, as ratio to ws</title>
<desc id="desc">${escaped(said)}</desc>
<style>${STYLE}
</style>
<text class="title" x="16" y="26">Messages per second, as ratio to ws</text>
<rect class="margay" x="16" y="40" width="${BAR}" height="${BAR}"/><text x="34" y="50">margay, annotated endpoint</text>
<rect class="net" x="226" y="40" width="${BAR}" height="${BAR}"/><text x="244" y="50">bare node:net with ready-made bytes</text>
${ticks(x, most, least, height)}
${bars.map((each, i) => row(each, TOP + i * ROW, x)).join('\n')}
<text class="quiet" x="16" y="${height - 10}">Logarithmic. ws = 1. Node.js ${escaped(machine.node)}, ${machine.date}. Longer is better.</text>
</svg>
`;
}

function barsOf(measured: Measured): Bars[] {
  const margay = ratioOf(measured, 'margay');
  if (measured.control !== 'ws' || margay === null) return [];
  return [{ name: measured.name, margay: margay.median, net: ratioOf(measured, 'net')?.median ?? null }];
}

function ticks(x: (ratio: number) => number, most: number, least: number, height: number): string {
  return TICKS.filter((each) => each <= most && each >= least)
    .map((each) => {
      const at = round(x(each));
      return `<line class="${each === 1 ? 'one' : 'grid'}" x1="${at}" y1="${TOP - 8}" x2="${at}" y2="${height - 30}"/><text class="quiet" x="${at}" y="${TOP - 12}" text-anchor="middle">${each}</text>`;
    })
    .join('\n');
}

function row({ name, margay, net }: Bars, y: number, x: (ratio: number) => number): string {
  const label = `<text x="${LEFT - 12}" y="${y + BAR + 4}" text-anchor="end">${escaped(name)}</text>`;
  return label + bar('margay', margay, y, x) + (net === null ? '' : bar('net', net, y + BAR + 2, x));
}

/** From 1 to the ratio, whichever side it lies on; a ratio of 1 is a thin line. */
function bar(name: string, ratio: number, y: number, x: (ratio: number) => number): string {
  const [from, to] = [x(Math.min(1, ratio)), x(Math.max(1, ratio))];
  const shape = `<rect class="${name}" x="${round(from)}" y="${y}" width="${round(Math.max(1.5, to - from))}" height="${BAR}"/>`;
  return `${shape}<text class="quiet" x="${round(to + 5)}" y="${y + BAR - 2}">${figure(ratio)}</text>`;
}

const round = (value: number): number => Math.round(value * 10) / 10;

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
