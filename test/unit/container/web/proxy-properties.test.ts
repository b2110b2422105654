/** Any chain of proxies: the caller is the last whom nobody trusts. */
import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { TrustedProxies } from '../../../../src/container/web/proxy.js';
import { disproportion } from '../../../support/cost.js';
import { nearLines, recased, tedious } from '../../../support/headers.js';
import { holds, seed } from '../../../support/property.js';

/** An address as it is known, and as a proxy may write it. */
interface Address {
  readonly known: string;
  readonly isTrusted: boolean;
  readonly node: string;
}

const NEAR = ['10.0.0.0/8', 'fd00::/8'];

const ipv4 = (first: fc.Arbitrary<number>) => fc.tuple(first, fc.nat(255), fc.nat(255), fc.nat(255)).map((parts) => parts.join('.'));
const plain = fc.oneof(
  ipv4(fc.constant(10)).map((known) => ({ known, isTrusted: true })),
  ipv4(fc.integer({ min: 11, max: 223 })).map((known) => ({ known, isTrusted: false })),
  fc.nat(0xfffe).map((part) => ({ known: `fd00::${(part + 1).toString(16)}`, isTrusted: true })),
  fc.nat(0xfffe).map((part) => ({ known: `2001:db8::${(part + 1).toString(16)}`, isTrusted: false })),
);
const address: fc.Arbitrary<Address> = fc
  .record({ plain, isMapped: fc.boolean(), isBracketed: fc.boolean(), port: fc.constantFrom('', ':80', ':65535') })
  .map(({ plain: { known, isTrusted }, isMapped, isBracketed, port }) => {
    const isFour = known.includes('.');
    const text = isFour && isMapped ? `::ffff:${known}` : known;
    const isSix = text.includes(':');
    return { known, isTrusted, node: isSix ? (isBracketed || port !== '' ? `[${text}]${port}` : text) : `${text}${port}` };
  });

/** The client first, the proxy that connected to us last. */
const chain = fc.array(address, { minLength: 1, maxLength: 6 });

/** From the nearest on, until one that nobody trusts. */
function callerOf(hops: readonly Address[]): string {
  for (let i = hops.length - 1; i > 0; i--) if (!hops[i]?.isTrusted) return (hops[i] as Address).known;
  return (hops[0] as Address).known;
}

const request = (headers: Record<string, readonly string[]>) => new Map(Object.entries({ host: ['inner'], ...headers }));

it(`[D-37] the caller is the nearest hop that is not trusted, whoever writes it how (seed ${seed})`, () => {
  const cases = fc.record({ hops: chain, isForwarded: fc.boolean(), names: recased('for'), lines: fc.boolean(), isSpoofed: fc.boolean() });
  holds(
    cases,
    ({ hops, isForwarded, names, lines, isSpoofed }) => {
      const told = hops.slice(0, -1).map(({ node }) => (isForwarded ? `${names}="${node}"` : node));
      const forged = isSpoofed && !(hops[0] as Address).isTrusted ? [isForwarded ? 'for=9.9.9.9' : '9.9.9.9'] : []; // by an untrusted client
      const all = [...forged, ...told];
      const headers = request({ [isForwarded ? 'forwarded' : 'x-forwarded-for']: lines ? all : [all.join(', ')] });
      const peer = (hops.at(-1) as Address).known;
      expect(new TrustedProxies(NEAR).callerOf(peer, false, all.length > 0 ? headers : request({})).remoteAddress).toBe(callerOf(hops));
    },
    1000,
  );
});

const HEADERS = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-port', 'x-forwarded-proto'];
const odd = fc
  .record(
    Object.fromEntries(HEADERS.map((name) => [name, nearLines('for=', 'host=a', 'proto=https', '1.2.3.4', '[::1]', ':80', '10.0.0.1')])),
    { requiredKeys: [] },
  )
  .map((lines) => request(lines as Record<string, string[]>));

it(`[D-37, REL-1] no header makes a caller of what is no address, and from whom nobody trusts none counts (seed ${seed})`, () => {
  holds(
    fc.record({ headers: odd, peer: address.map(({ known }) => known), secure: fc.boolean() }),
    ({ headers, peer, secure }) => {
      expect(new TrustedProxies(false).callerOf(peer, secure, headers)).toEqual({ remoteAddress: peer, host: 'inner', secure });
      const { remoteAddress, host } = new TrustedProxies(true).callerOf(peer, secure, headers);
      const lines = [...headers.values()].flat();
      const bare = (text: string) => text.replaceAll('\\', '');
      expect(remoteAddress === peer || lines.some((line) => bare(line).includes(remoteAddress))).toBe(true);
      expect(remoteAddress).toMatch(/^[0-9a-f:.]+(?:%.*)?$/i);
      expect(
        host === null || host.split(':').every((part) => part === 'inner' || lines.some((line) => bare(line).includes(bare(part)))),
      ).toBe(true);
    },
    1500,
  );
});

it(`[D-37] any option is taken, or refused with what is wrong with it (seed ${seed})`, () => {
  const entry = fc.oneof(
    fc
      .array(fc.constantFrom('10.0.0.0', '::1', '/', '8', '33', '129', '::ffff:10.0.0.0', '-', '0x8', 'a'), { maxLength: 4 })
      .map((parts) => parts.join('')),
    fc.tuple(fc.constantFrom('10.0.0.0', '::1', '::ffff:10.0.0.0'), fc.nat(200)).map(([range, bits]) => `${range}/${bits}`),
    fc.anything({ withBigInt: true, withNullPrototype: true }),
  );
  holds(
    fc.oneof(fc.array(entry, { maxLength: 3 }), fc.anything({ withBigInt: true })),
    (trust) => {
      const make = () => new TrustedProxies(trust as readonly string[]);
      if (TrustedProxies.objections(trust).length > 0) expect(make).toThrow(/^trustProxy (?:is|has) /);
      else expect(make).not.toThrow();
    },
    800,
  );
});

it(`[REL-4] no chain costs more than its length does (seed ${seed})`, () => {
  const proxies = new TrustedProxies(['10.0.0.0/8']);
  const units = fc.oneof(tedious, fc.constantFrom('for=10.0.0.1,', '10.0.0.1, ', 'for="[::1]:1";proto=https,'));
  holds(
    units,
    (unit) => {
      const work = (text: string) =>
        void proxies
          .callerOf('10.0.0.1', false, request({ forwarded: [text] }))
          .host?.concat(
            proxies.callerOf('10.0.0.1', false, request({ 'x-forwarded-for': [text], 'x-forwarded-host': [text] })).remoteAddress,
          );
      expect(disproportion(unit, work)).toBeNull();
    },
    16,
  );
});
