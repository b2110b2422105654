/** `npm run bench [-- name] [-- --quick]`: every workload against bare ws in the same rounds. Ratios, never absolute times. See docs/performance.md. */
import { fileURLToPath } from 'node:url';
import { affordable, type Conditions, QUICK, WHOLE } from './conditions.js';
import { buildInC, inJavaScript } from './generator.js';
import type { Measured } from './measured.js';
import { optionsOf } from './options.js';
import { findPinning } from './pinning.js';
import { publish } from './publication.js';
import { headingOf, machineOf, readResults, writeResults } from './results.js';
import { columns, details, summary } from './table.js';
import { WORKLOADS } from './workloads/all.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const results = fileURLToPath(new URL('results.json', import.meta.url));
const options = optionsOf(process.argv.slice(2));

try {
  if (options.isChart) publish(root, readResults(results));
  else await bench();
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}

async function bench(): Promise<void> {
  const program = buildInC(`${root}bench/load.c`, fileURLToPath(new URL('load-in-c', import.meta.url))) ?? inJavaScript;
  const { hasPeers, peersFrom, only } = options;
  const effort = affordable(options.isQuick ? QUICK : WHOLE);
  const conditions: Conditions = { effort, program, pinning: findPinning(), hasPeers, peersFrom };
  const machine = machineOf(conditions);
  const measured: Measured[] = [];
  console.log(headingOf(machine));
  for (const workload of WORKLOADS.filter(({ name }) => name.includes(only))) {
    for (const each of await workload.measure(conditions)) {
      measured.push(each);
      console.log(`\n${details(each).join('\n')}`);
    }
  }
  if (measured.length === 0) throw new Error(`no workload has "${only}" in its name: ${WORKLOADS.map(({ name }) => name).join('; ')}`);
  console.log(`\n${headingOf(machine)}\n${columns(summary(measured)).join('\n')}`);
  if (only === '') writeResults(results, { machine, measured }); // a part of it would not be the whole table
}
