/** Any offers and any options: what is agreed on keeps what was asked for (RFC 7692, 7.1). */
import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import * as ws from 'ws';
import type { PerMessageDeflateOptions } from '../../../../src/api/endpoint-settings.js';
import { negotiateDeflate } from '../../../../src/container/negotiation/permessage-deflate.js';
import { type ExtensionParameter, extensionsOf } from '../../../../src/container/web/header-grammar.js';
import { type Meant, pairHeader, token } from '../../../support/headers.js';
import { holds, seed } from '../../../support/property.js';

/** ws's own reading of a response, as a client that has made an offer. */
interface Judge {
  offer(): unknown;
  accept(responses: Record<string, (string | true)[]>[]): unknown;
}
const { PerMessageDeflate } = ws as unknown as { PerMessageDeflate: new (options: object) => Judge };

const NAMES = ['server_no_context_takeover', 'client_no_context_takeover', 'server_max_window_bits', 'client_max_window_bits'] as const;
const bits = fc.integer({ min: 9, max: 15 });
const options: fc.Arbitrary<PerMessageDeflateOptions> = fc.record(
  { serverNoContextTakeover: fc.boolean(), clientNoContextTakeover: fc.boolean(), serverMaxWindowBits: bits, clientMaxWindowBits: bits },
  { requiredKeys: [] },
);

const values = fc.oneof(
  { weight: 3, arbitrary: fc.constant(null) },
  { weight: 3, arbitrary: fc.integer({ min: 8, max: 15 }).map(String) },
  fc.constantFrom('', '7', '16', '08', '1e1', '0x9', ' 9', '9 ', '-9', '９'),
);
const parameter = fc.oneof(
  { weight: 8, arbitrary: fc.record({ name: fc.constantFrom<string>(...NAMES), value: values }) },
  { weight: 1, arbitrary: fc.record({ name: token, value: values }) },
);
const offers = fc.array(fc.array(parameter, { maxLength: 4 }), { maxLength: 4 });

/** RFC 7692, 7.1: known names, each once, each with what it may have. zlib has no window of 8 bits to write with. */
function isLegal(offer: readonly ExtensionParameter[]): boolean {
  const inRange = (value: string | null, least: number) =>
    value !== null && ['8', '9', '10', '11', '12', '13', '14', '15'].includes(value) && Number(value) >= least;
  return offer.every(({ name, value }, i) => {
    if (offer.findIndex((other) => other.name === name) !== i) return false;
    if (name === NAMES[0] || name === NAMES[1]) return value === null;
    return (name === NAMES[2] && inRange(value, 9)) || (name === NAMES[3] && (value === null || inRange(value, 8)));
  });
}

it(`[EXT-13, D-34, REL-15] the first legal offer is taken, within what it asks and what the options allow (seed ${seed})`, () => {
  holds(
    fc.record({ options, offers }),
    ({ options: ours, offers: theirs }) => {
      const agreed = negotiateDeflate(ours, theirs);
      const taken = theirs.find(isLegal);
      if (taken === undefined) return expect(agreed).toBeNull();
      if (agreed === null) throw new Error('nothing was agreed on');
      const asked = new Map(taken.map(({ name, value }) => [name, value]));
      const said = new Map(agreed.response.map(({ name, value }) => [name, value]));
      const { serverNoContextTakeover, clientNoContextTakeover, serverMaxWindowBits, clientMaxWindowBits } = agreed.parameters;
      expect(said.size).toBe(agreed.response.length);
      expect(serverNoContextTakeover).toBe(asked.has(NAMES[0]) || (ours.serverNoContextTakeover ?? true));
      expect(clientNoContextTakeover).toBe(asked.has(NAMES[1]) || (ours.clientNoContextTakeover ?? true));
      expect([said.has(NAMES[0]), said.has(NAMES[1])]).toEqual([serverNoContextTakeover, clientNoContextTakeover]);
      expect(serverMaxWindowBits).toBe(Math.min(Number(asked.get(NAMES[2]) ?? 15), ours.serverMaxWindowBits ?? 15));
      expect(said.get(NAMES[2]) ?? '15').toBe(String(serverMaxWindowBits));
      expect(asked.has(NAMES[2]) && !said.has(NAMES[2])).toBe(false);
      expect(said.has(NAMES[3])).toBe(asked.has(NAMES[3])); // who cannot be told must not be
      const told = said.has(NAMES[3]) ? Math.min(Number(asked.get(NAMES[3]) ?? 15), ours.clientMaxWindowBits ?? 15) : 15;
      expect(said.get(NAMES[3]) ?? '15').toBe(String(told));
      expect(clientMaxWindowBits).toBe(Math.max(9, told));
    },
    1500,
  );
});

it(`[EXT-13] ws, as the client that made the offer, takes the answer (seed ${seed})`, () => {
  const client = fc.record({
    serverNoContextTakeover: fc.boolean(),
    clientNoContextTakeover: fc.option(fc.constant(true), { nil: undefined }), // false would mean: refuse to
    serverMaxWindowBits: fc.option(bits, { nil: undefined }),
    clientMaxWindowBits: fc.option(bits, { nil: undefined }),
  });
  holds(fc.record({ options, client }), ({ options: ours, client: theirs }) => {
    const judge = new PerMessageDeflate({ ...theirs, isServer: false });
    const offer = Object.entries(judge.offer() as Record<string, unknown>).map(([name, value]) => ({
      name,
      value: value === true ? null : String(value),
    }));
    const agreed = negotiateDeflate(ours, [offer]);
    if (agreed === null) throw new Error(`declined ${JSON.stringify(offer)}`);
    const response = Object.fromEntries(agreed.response.map(({ name, value }) => [name, [value ?? true] as (string | true)[]]));
    const isWide = theirs.clientMaxWindowBits === undefined || Number(response[NAMES[3]]?.[0] ?? 15) <= theirs.clientMaxWindowBits;
    if (isWide) expect(() => judge.accept([response])).not.toThrow();
  });
});

it(`[HS-14, EXT-13, REL-4] the header says what was meant, however it is spelled (seed ${seed})`, () => {
  const deflate = fc.constant<Meant>({ name: 'permessage-deflate', value: null });
  const legal = fc.oneof(
    fc.record({ name: fc.constantFrom<string>(NAMES[0], NAMES[1], NAMES[3]), value: fc.constant(null) }),
    fc.record({ name: fc.constantFrom<string>(NAMES[2], NAMES[3]), value: bits.map(String) }),
  );
  holds(fc.record({ options, header: pairHeader(deflate, legal) }), ({ options: ours, header: { meant, lines } }) => {
    const entries = extensionsOf(lines);
    if ('refusal' in entries) throw new Error(entries.refusal);
    expect(
      negotiateDeflate(
        ours,
        entries.map(({ parameters }) => parameters),
      ),
    ).toEqual(
      negotiateDeflate(
        ours,
        meant.map(([, ...rest]) => rest),
      ),
    );
  });
});
