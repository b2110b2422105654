/** The figures that the project shows: in docs/assets/bench.json, and drawn from it. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chartOf } from './chart.js';
import { headingOf, type Results, readResults, writeResults } from './results.js';
import { markdown, processorTime, summary } from './table.js';

const JSON_FILE = 'docs/assets/bench.json';
const CHART = 'docs/assets/bench.svg';
const PAGE = 'docs/performance.md';

/** Files of the project, by their names, as the figures would have them. */
export function drawn(root: string): ReadonlyMap<string, string> {
  const results = readResults(join(root, JSON_FILE));
  const page = readFileSync(join(root, PAGE), 'utf8');
  return new Map([
    [CHART, chartOf(results)],
    [PAGE, withFigures(page, results)],
  ]);
}

/** Makes a run's results those that are shown. */
export function publish(root: string, results: Results): void {
  writeResults(join(root, JSON_FILE), results);
  for (const [file, text] of drawn(root)) writeFileSync(join(root, file), text);
}

/** @throws Error if the page has lost a place for them */
function withFigures(page: string, { machine, measured }: Results): string {
  const figures = `${headingOf(machine)}.\n\n${markdown(summary(measured))}`;
  return between(between(page, 'figures', figures), 'processor', markdown(processorTime(measured)));
}

function between(page: string, name: string, text: string): string {
  const [begin, end] = [`<!-- ${name}: drawn by npm run bench -- --chart -->`, `<!-- /${name} -->`];
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`the page has no place between ${begin} and ${end}`);
  return `${page.slice(0, from + begin.length)}\n\n${text}\n\n${page.slice(to)}`;
}
