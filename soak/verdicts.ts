/** What the ledger says of a soak, claim by claim. */
import { growthOf, heldBy, TOLERANCE } from './memory.js';
import { quantile } from './numbers.js';
import type { ServerProcess } from './server-process.js';
import { isLike, type Outcome } from './soak.js';

export interface Verdict {
  readonly claim: string;
  readonly found: string;
  readonly holds: boolean;
  /** It counts; figures do not, in short runs. */
  readonly isAsserted: boolean;
}

/** Seconds: from here on figures count; in which every attack has come to an end at least once; and each of some seconds. */
const LONG = 600;
const ROUND = 55;
/** Bytes that the process itself may differ by; what it once had it need not give back. */
const RESIDENT = 64 * 2 ** 20;

const mb = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
const ms = (value: number): string => `${value.toFixed(1)} ms`;
const briefly = (lines: readonly string[]): string => (lines.length === 0 ? 'none' : lines.slice(0, 3).join(' | '));

export function verdictsOn(outcome: Outcome, server: ServerProcess): Verdict[] {
  return [...promises(outcome, server), ...memory(outcome), ...figures(outcome)];
}

function promises(outcome: Outcome, server: ServerProcess): Verdict[] {
  const { crowd, tallies, after, before, seconds } = outcome;
  const failed = tallies.filter(({ failed }) => failed > 0);
  const idle = tallies.filter(({ count }) => count === 0).map(({ name }) => name);
  const stuck = tallies.find(({ name }) => name === 'stuck readers')?.ends.get('1006') ?? 0;
  const isRound = seconds >= ROUND;
  return [
    claim(
      '[REL-1] the server lives, and has nothing to complain of',
      briefly(server.complaints),
      !server.hasDied && server.complaints.length === 0,
    ),
    claim('[REL-11] good clients lose nothing and wait for nobody', briefly(crowd.failures), crowd.failures.length === 0),
    claim(
      'attackers get what the ledger says',
      briefly(failed.map(({ name, failures }) => `${name}: ${failures[0]}`)),
      failed.length === 0,
    ),
    claim('every attack has taken place', idle.length === 0 ? 'all' : `not: ${idle.join(', ')}`, idle.length === 0, isRound),
    claim('[REL-1] one @OnClose for every session', `${server.closedTwice} were told twice`, server.closedTwice === 0),
    claim(
      '[REL-10] stuck readers are cut, and counted',
      `${stuck} cut, ${after.slowPeer.close} counted`,
      stuck > 0 && after.slowPeer.close >= stuck,
      isRound,
    ),
    claim('[REL-14] sessions, descriptors, handles are where they were', leftOver(outcome), after.sessions === 0 && isLike(after, before)),
  ];
}

function leftOver({ before, after }: Outcome): string {
  if (after.sessions === 0 && isLike(after, before)) return `${after.opened} sessions came and went, ${after.descriptors} descriptors`;
  const of = ({ sessions, descriptors, handles }: typeof after) => JSON.stringify({ sessions, descriptors, handles });
  return `${of(before)} before, ${of(after)} after`;
}

function memory({ before, after, held, resident }: Outcome): Verdict[] {
  const [inUse, process] = [growthOf(held), growthOf(resident)];
  const difference = heldBy(after) - heldBy(before);
  const said = ({ first, last, rise }: typeof inUse) => `${mb(first)} in the first third, ${mb(last)} in the last, rise ${mb(rise)}`;
  return [
    claim('[REL-14] memory is flat under load', said(inUse), inUse.isFlat, held.length >= 9),
    claim('[REL-14] the process does not grow', said(process), process.last - process.first <= RESIDENT, resident.length >= 9),
    claim('[REL-14] memory is where it was when the load has gone, within 16 MiB', mb(difference), difference <= TOLERANCE),
  ];
}

function figures({ crowd, figures: quiet, measured, ownDelay, seconds }: Outcome): Verdict[] {
  const isLong = seconds >= LONG;
  const handshakes = measured.get('REL-2') ?? [];
  const [middle, p99] = [quantile(handshakes, 0.5), quantile(handshakes, 0.99)];
  const { smallHandshake, largeHandshake, deflateCost, deflateHold } = quiet;
  const waits = `p99 ${ms(crowd.latency.p99)}, at most ${ms(crowd.latency.most)}, of ${crowd.latency.count}; the driver's own share ${ms(ownDelay)}`;
  return [
    claim('[REL-2] a good handshake beside 200 slow ones: p99 under 250 ms', `${ms(middle)}, p99 ${ms(p99)}`, p99 < 250 && p99 > 0, isLong),
    claim(
      '[REL-4] 16 KiB of hostile headers cost under 10 ms',
      `${ms(largeHandshake)}; 1 KiB ${ms(smallHandshake)}`,
      largeHandshake - smallHandshake < 10,
      isLong,
    ),
    claim('[REL-11] good clients beside five stuck readers: p99 under 250 ms', waits, crowd.latency.p99 < 250, isLong),
    claim(
      '[REL-15] a connection costs at most 64 KiB more with permessage-deflate',
      `${deflateCost.toFixed(1)} KiB`,
      deflateCost <= 64,
      isLong,
    ),
    claim('[REL-15] compression of 1 MB holds nobody for more than 50 ms', ms(deflateHold), deflateHold <= 50, isLong),
  ];
}

function claim(what: string, found: string, holds: boolean, isAsserted = true): Verdict {
  return { claim: what, found, holds, isAsserted };
}
