/** What an upgrade request must say: however it says it, and nothing less. */
import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { badConnection, badKey, badVersion } from '../../../../src/container/handshake/refusals.js';
import { httpObjection, upgradeObjection } from '../../../../src/container/handshake/upgrade-checks.js';
import type { Offer } from '../../../../src/transport/spi.js';
import { listHeader, nearLines, recased, token } from '../../../support/headers.js';
import { holds, seed } from '../../../support/property.js';

const offer = (headers: Record<string, readonly string[]>, httpVersion = '1.1') =>
  ({ httpVersion, headers: new Map(Object.entries(headers).filter(([, lines]) => lines.length > 0)) }) as unknown as Offer;

const among = (word: string) =>
  fc
    .tuple(listHeader(token), recased(word), listHeader(token))
    .map(([before, spelled, behind]) => [...before.lines, ` ${spelled}\t`, ...behind.lines]);
const key = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => [` ${Buffer.from(bytes).toString('base64')} `]);
const good = fc.record({
  connection: among('upgrade'),
  'sec-websocket-version': among('13').map((lines) => [lines.join(',')]),
  'sec-websocket-key': key,
});

it(`[HS-1, HS-13] a request that says all of it is taken, and each thing left out is missed, in the order of the table (seed ${seed})`, () => {
  const ROWS = [
    ['connection', badConnection],
    ['sec-websocket-version', badVersion],
    ['sec-websocket-key', badKey],
  ] as const;
  holds(
    fc.record({ headers: good, left: fc.subarray([0, 1, 2]) }),
    ({ headers, left }) => {
      const said = offer({ ...headers, ...Object.fromEntries(left.map((row) => [ROWS[row]?.[0], ['no']])) });
      expect(upgradeObjection(said)).toBe(left.length === 0 ? null : ROWS[left[0] as number]?.[1]);
      expect(httpObjection(said, 'ws://host')).toBeNull();
    },
    600,
  );
});

it(`[REL-1, REL-5] any lines are judged; two of one kind, a body or an old HTTP are refused (seed ${seed})`, () => {
  const names = ['connection', 'host', 'sec-websocket-key', 'sec-websocket-version', 'transfer-encoding', 'content-length'] as const;
  const lines = nearLines('0', ' 0 ', '13', 'upgrade', 'chunked', 'http');
  const headers = fc.record(Object.fromEntries(names.map((name) => [name, fc.option(lines, { nil: [], freq: 3 })])));
  holds(
    fc.record({ headers, version: fc.constantFrom('1.1', '1.0', '0.9', '2.0', '1.2') }),
    ({ headers: said, version }) => {
      const isOdd =
        !['1.1', '1.2'].includes(version) ||
        ['host', 'sec-websocket-key', 'sec-websocket-version'].some((name) => (said[name]?.length ?? 0) > 1) ||
        (said['transfer-encoding']?.length ?? 0) > 0 ||
        (said['content-length'] ?? []).some((each) => each.trim() !== '0');
      expect(httpObjection(offer(said, version), 'ws://host')?.status).toBe(isOdd ? 400 : undefined);
      expect(httpObjection(offer(said, version), null)?.status).toBe(400);
      const answer = upgradeObjection(offer(said))?.status;
      expect(answer === undefined || answer === 400 || answer === 426).toBe(true);
    },
    1000,
  );
});
