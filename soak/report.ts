/** What a soak has come to, for people. */
import type { Sample } from './messages.js';
import { quantile } from './numbers.js';
import type { Outcome } from './soak.js';
import type { Verdict } from './verdicts.js';

export function report({ tallies, crowd, after, holds, seconds }: Outcome, verdicts: readonly Verdict[]): void {
  console.log(`\n${seconds.toFixed(0)} s; ${crowd.count} good clients got ${crowd.received} messages\n`);
  const width = Math.max(...tallies.map(({ name }) => name.length));
  for (const { name, count, ends, failed, failures } of tallies) {
    const how = [...ends].sort(([, a], [, b]) => b - a).map(([end, times]) => `${end} × ${times}`);
    console.log(`  ${name.padEnd(width)}  ${String(count).padStart(6)}  ${how.join(', ')}${failed > 0 ? `  FAILED × ${failed}` : ''}`);
    for (const failure of failures) console.log(`  ${' '.repeat(width)}          ${failure}`);
  }
  console.log(`\n${counts(after)}`);
  console.log(`  event loop held for ${quantile(holds, 0.5).toFixed(0)} ms a second at most, p99 ${quantile(holds, 0.99).toFixed(0)} ms\n`);
  for (const { claim, found, holds, isAsserted } of verdicts) {
    const word = holds ? 'PASS' : isAsserted ? 'FAIL' : 'miss';
    console.log(`  ${word}  ${claim}: ${found}${isAsserted ? '' : '  (not asserted in so short a run)'}`);
  }
}

function counts({ opened, closed, refused, errors, logged, slowPeer }: Sample): string {
  const list = (of: Readonly<Record<string, number>>) =>
    Object.entries(of)
      .map(([key, count]) => `${key} × ${count}`)
      .join(', ') || 'none';
  return [
    `  sessions   ${opened}; closed with ${list(closed)}`,
    `  refused    ${list(refused)}`,
    `  errors     ${errors}; reported or logged ${list(logged)}`,
    `  slow peers ${list({ ...slowPeer })}`,
  ].join('\n');
}
