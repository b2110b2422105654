/** Figures as lines of text: in detail, as the last table of a run, and as a page has it. */
import { type Goal, holds, type Measured, ratioOf, valuesOf } from './measured.js';
import { median, type Spread } from './statistics.js';

const NONE = '–';

/** Numbers of every size, with about three digits. */
export function figure(value: number): string {
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en-US');
  return Math.abs(value) >= 10 ? value.toFixed(1) : value.toFixed(2);
}

const spread = ({ median, least, most }: Spread): string => `${figure(median)} (${figure(least)} to ${figure(most)})`;

const goalOf = ({ sense, bound }: Goal): string => `${sense === 'at least' ? '≥' : '≤'} ${bound.toLocaleString('en-US')}`;

const verdictOf = (measured: Measured): string => {
  const verdict = holds(measured);
  return verdict === null ? NONE : verdict ? 'holds' : 'MISSED';
};

/** Every row of one workload, with the processor's time where it was looked at. */
export function details(measured: Measured): string[] {
  const { name, unit, rows, notes, control } = measured;
  const hasCpu = rows.some(({ user }) => user !== undefined);
  const lines = rows.map((row): readonly string[] => [
    row.name,
    figure(median(row.values)),
    spreadOrNone(ratioOf(measured, row.name)),
    ...(hasCpu ? [medianOf(row.user ?? []), medianOf(row.system ?? [])] : []),
  ]);
  const heading = ['', unit, `to ${control} (least to most)`, ...(hasCpu ? ['user µs', 'system µs'] : [])];
  return [name, ...columns([heading, ...lines]), ...notes.map((note) => `  without ${note}`)];
}

/** The heading and a line for each workload: what ws does, and ratios to it. */
export function summary(all: readonly Measured[]): string[][] {
  return [['workload', 'unit', 'control', 'margay', 'ratio (least to most)', 'net', 'goal', 'verdict'], ...all.map(summed)];
}

function summed(measured: Measured): string[] {
  const { name, unit, control, subject, goal } = measured;
  const net = ratioOf(measured, 'net');
  return [
    name,
    unit,
    medianOf(valuesOf(measured, control)),
    medianOf(valuesOf(measured, subject)),
    spreadOrNone(ratioOf(measured, subject)),
    net === null ? NONE : figure(net.median),
    goal === null ? NONE : `${goalOf(goal)}${goal.of === 'value' ? ` ${unit.split(' ')[0]}` : ''}`,
    verdictOf(measured),
  ];
}

const medianOf = (values: readonly number[]): string => (values.length === 0 ? NONE : figure(median(values)));
const spreadOrNone = (found: Spread | null): string => (found === null ? NONE : spread(found));

/** Aligned: the first column to the left, the others to the right. */
export function columns(lines: readonly (readonly string[])[]): string[] {
  const widths = (lines[0] ?? []).map((_, i) => Math.max(...lines.map((line) => line[i]?.length ?? 0)));
  return lines.map(
    (line) => `  ${line.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join('   ')}`,
  );
}

/** As Markdown has tables. */
export function markdown([heading = [], ...lines]: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(heading), `|${'---|'.repeat(heading.length)}`, ...lines.map(line)].join('\n');
}

/** What the server's processor spent on each message, for a page. */
export function processorTime(all: readonly Measured[]): string[][] {
  const lines = all.filter(({ rows }) => rows.some(({ user }) => user !== undefined)).map(spentOn);
  return [['workload', 'ws, user + system', 'margay, user + system', 'net, user + system'], ...lines];
}

function spentOn({ name, rows }: Measured): string[] {
  const of = (server: string): string => {
    const row = rows.find((each) => each.name === server);
    return row?.user && row.system ? `${figure(median(row.user))} + ${figure(median(row.system))}` : NONE;
  };
  return [name, of('ws'), of('margay'), of('net')];
}
