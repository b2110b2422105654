/** `npm run bench [-- name] [-- --quick]`: what a message costs inside, and every workload against bare ws in the same run. Ratios, never absolute times. */
import { dispatch, verdict } from './dispatch.js';
import { rounds } from './rounds.js';
import { median, spread } from './statistics.js';
import { WORKLOADS } from './workloads.js';

const args = process.argv.slice(2);
const isQuick = args.includes('--quick');
const only = args.find((each) => !each.startsWith('--')) ?? '';
const effort = isQuick ? { rounds: 3, ms: 400 } : { rounds: 7, ms: 1000 };

if ('dispatch'.includes(only)) await dispatch();
for (const workload of WORKLOADS.filter(({ name }) => name.includes(only))) {
  const rates = await rounds(workload, effort);
  const control = rates.get(workload.servers[0] as string) as number[];
  console.log(`${workload.name}: messages/s, and ratio to bare ws of the same round`);
  for (const [name, list] of rates) {
    const ratios = list.map((rate, round) => rate / (control[round] as number));
    const isOurs = name === workload.servers[1];
    const claim = isOurs ? `  ${verdict(median(ratios) >= workload.goal)} at least ${workload.goal}` : '';
    console.log(`  ${name.padEnd(13)} ${Math.round(median(list)).toString().padStart(8)}   ${spread(ratios)}${claim}`);
  }
}
