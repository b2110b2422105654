/** How long it takes to find the endpoint for a path: with few templates and with many, with few segments and with many. */
import { RequestPath } from '../../dist/container/web/request-path.js';
import { Router } from '../../dist/container/web/router.js';
import { UriTemplate } from '../../dist/container/web/uri-template.js';
import { atMost, type Goal, type Measured } from '../measured.js';
import { nanoseconds } from '../nanoseconds.js';
import type { Workload } from '../workload.js';

const TEMPLATES = [10, 100, 1000, 10_000];
const SEGMENTS = [1, 2, 3, 4, 5, 6, 7, 8];
const PATHS = 64; // that are asked for in turn, all over the templates

export const router: Workload = {
  name: 'router',
  measure: async ({ effort }) => {
    const flat = TEMPLATES.map(
      (count) => [`${count} templates`, finding(count, (i) => [`/app/t${i}/{id}`, `/app/t${i}/someone`])] as const,
    );
    const long = SEGMENTS.map((count) => [`${count} ${count === 1 ? 'segment' : 'segments'}`, finding(1, () => deep(count))] as const);
    const rows = (runs: Parameters<typeof nanoseconds>[0]) => nanoseconds(runs, effort.repeats / 4, effort.rounds);
    return [
      measured('router, 10,000 templates against 10', rows(flat), atMost(2)),
      measured('router, 8 segments against 1', rows(long), atMost(8)),
    ];
  },
};

/** The first row is the control, the last is judged. */
function measured(name: string, rows: Measured['rows'], goal: Goal): Measured {
  return { name, unit: 'ns', control: rows[0]?.name ?? '', subject: rows.at(-1)?.name ?? '', goal, rows, notes: [] };
}

/** Literals and variables by turns, the last one a variable. */
function deep(count: number): [template: string, path: string] {
  const isVariable = (i: number): boolean => (count - i) % 2 === 1;
  const segments = Array.from({ length: count }, (_, i) => i);
  return [
    segments.map((i) => (isVariable(i) ? `/{v${i}}` : `/literal${i}`)).join(''),
    segments.map((i) => (isVariable(i) ? `/value${i}` : `/literal${i}`)).join(''),
  ];
}

function finding(count: number, at: (i: number) => [template: string, path: string]): (times: number) => void {
  const found = new Router<number>();
  for (let i = 0; i < count; i++) found.add(new UriTemplate(at(i)[0]), i);
  const paths = Array.from({ length: PATHS }, (_, i) => RequestPath.parse(at(Math.floor((i * count) / PATHS))[1]) as RequestPath);
  return (times) => {
    let misses = 0;
    for (let i = 0; i < times; i++) if (found.find(paths[i % PATHS] as RequestPath) === null) misses++;
    if (misses > 0) throw new Error('a template was not found');
  };
}
