/** What is going on, in one line: once a second on a terminal, every ten seconds elsewhere. */
import type { Sample } from './messages.js';

const QUIET = 10; // seconds between two lines where nobody watches
const MB = 1e6;

export interface Moment {
  /** Seconds since the load began. */
  readonly second: number;
  readonly sample: Sample;
  readonly messagesPerSecond: number;
  /** ms */
  readonly p99: number;
}

const isTerminal = process.stdout.isTTY === true;

export function showLine({ second, sample, messagesPerSecond, p99 }: Moment): void {
  if (!isTerminal && second % QUIET !== 0) return;
  const time = `${String(Math.floor(second / 60)).padStart(2, '0')}:${String(second % 60).padStart(2, '0')}`;
  const parts = [
    time,
    `${sample.sessions} connections`,
    `${Math.round(messagesPerSecond)} messages/s`,
    `p99 ${p99.toFixed(1)} ms`,
    `RSS ${(sample.rss / MB).toFixed(0)} MB`,
    `heap ${(sample.heapUsed / MB).toFixed(0)} MB`,
    `${sample.descriptors} descriptors`,
  ];
  process.stdout.write(isTerminal ? `\r\x1b[K${parts.join('   ')}` : `${parts.join('   ')}\n`);
}

export function endLine(): void {
  if (isTerminal) process.stdout.write('\n');
}
