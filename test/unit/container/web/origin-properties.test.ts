/** Any origin beside any host: the same, or not, and never more than that. */
import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { AllowedOrigins, parseHost, sameHost } from '../../../../src/container/web/origin.js';
import { RefusedOrigins } from '../../../../src/container/web/refused-origins.js';
import { disproportion } from '../../../support/cost.js';
import { recased, tedious } from '../../../support/headers.js';
import { HOSTILE } from '../../../support/paths.js';
import { holds, seed } from '../../../support/property.js';

const DEFAULT: Record<string, number | undefined> = { http: 80, ws: 80, https: 443, wss: 443 };

/** As it is meant: port null for none. */
interface Place {
  readonly scheme: string;
  readonly host: string;
  readonly port: number | null;
}

const hosts = fc.oneof(
  fc.constantFrom(
    'a.example',
    'b.example',
    'localhost',
    '127.0.0.1',
    '[::1]',
    '[2001:db8::a]',
    ...HOSTILE.map((each) => each.toLowerCase()),
  ),
  fc.domain(),
  fc.ipV4(),
  fc
    .ipV6()
    .filter((each) => !each.includes('.'))
    .map((each) => `[${each}]`),
);
const places: fc.Arbitrary<Place> = fc.record({
  scheme: fc.constantFrom('http', 'https', 'ws', 'wss', 'chrome-extension'),
  host: hosts,
  port: fc.oneof(fc.constant(null), fc.constantFrom(80, 443, 8080, 0, 65535), fc.nat(65535)),
});

const hostOf = ({ host, port }: Place) => (port === null ? host : `${host}:${port}`);
const originOf = (place: Place) => `${place.scheme}://${hostOf(place)}`;
const effective = ({ scheme, port }: Place) => (port === DEFAULT[scheme] ? null : port);
const isSame = (one: Place, other: Place) => one.host.toLowerCase() === other.host.toLowerCase() && effective(one) === effective(other);

/** Two places that are often one, in any letter case; a default port is written or not. */
const pairs = fc
  .record({ one: places, other: places, isOne: fc.boolean(), port: fc.constantFrom('as it is', 'default', null) })
  .map(({ one, other, isOne, port }) => {
    if (!isOne) return { one, other };
    return { one, other: { ...one, port: port === null ? null : port === 'default' ? (DEFAULT[one.scheme] ?? null) : one.port } };
  })
  .chain(({ one, other }) => fc.record({ one: fc.constant(one), other: fc.constant(other), spelled: recased(originOf(one)) }));

it(`[D-06, REL-6] an origin is a host's own if host and port are, whatever their letter case (seed ${seed})`, () => {
  holds(
    pairs,
    ({ one, other, spelled }) => {
      // Host knows no scheme: the port that is left out is the one of the origin's.
      expect(sameHost(spelled, hostOf(other))).toBe(isSame(one, { ...other, scheme: one.scheme }));
    },
    1000,
  );
});

it(`[D-06, REL-6] a list has what stands in it, and nothing else (seed ${seed})`, () => {
  holds(
    fc.record({ pair: pairs, others: fc.array(places, { maxLength: 4 }), hasNull: fc.boolean() }),
    ({ pair: { one, other, spelled }, others, hasNull }) => {
      const listed = [other, ...others];
      const allowed = new AllowedOrigins([...listed.map(originOf), ...(hasNull ? ['null'] : [])]);
      expect(allowed.has(spelled)).toBe(listed.some((each) => each.scheme === one.scheme && isSame(one, each)));
      expect(allowed.has('null')).toBe(hasNull);
    },
    600,
  );
});

it(`[D-06, REL-1] a host is read as it is meant (seed ${seed})`, () => {
  const any = fc.tuple(places, fc.option(fc.nat(140_000), { nil: null })).map(([place, port]) => ({ ...place, port: port ?? place.port }));
  holds(any, (place) => {
    const isLegal = place.port === null || place.port <= 65535;
    expect(parseHost(hostOf(place))).toEqual(isLegal ? { host: place.host.toLowerCase(), port: place.port } : null);
  });
});

const odd = fc.oneof(
  fc
    .array(fc.constantFrom('http', '://', ':', '80', '[', ']', '::1', 'a', '.', '@', '/', 'null', '*', ' ', ',', '%', '\0', 'é'), {
      maxLength: 7,
    })
    .map((parts) => parts.join('')),
  fc.string({ unit: 'binary', maxLength: 20 }),
);

it(`[D-06, REL-1, REL-6] what is no origin is nobody's, and no host is read into it (seed ${seed})`, () => {
  const legal = /^[a-z][a-z0-9+.-]*:\/\/(?:[a-z0-9._~!$&'()*+,;=-]+|\[[0-9a-f:.]+(?:%[0-9a-z._~-]*)?\])(?::[0-9]*)?$/i;
  holds(
    fc.record({ origin: odd, host: fc.oneof(odd, hosts) }),
    ({ origin, host }) => {
      const isOne = sameHost(origin, host);
      if (!legal.test(origin)) expect(isOne).toBe(false);
      expect(sameHost(`http://${host}`, host)).toBe(parseHost(host) !== null);
      expect(parseHost(host) === null || host.toLowerCase().startsWith(parseHost(host)?.host as string)).toBe(true);
      expect(AllowedOrigins.objections([origin]).length === 0).toBe(
        legal.test(origin) ? sameHost(origin, origin.replace(/^[^/]*\/\//, '')) : origin.toLowerCase() === 'null',
      );
    },
    2000,
  );
});

it(`[D-06] any option is taken, or refused with what is wrong with it (seed ${seed})`, () => {
  const any = fc.oneof(odd, fc.anything({ withBigInt: true, withNullPrototype: true }));
  holds(fc.oneof(fc.array(any, { maxLength: 3 }), any), (value) => {
    const make = () => new AllowedOrigins(value as readonly string[]);
    if (AllowedOrigins.objections(value).length > 0) expect(make).toThrow(/^allowedOrigins (?:is|has) /);
    else expect(make).not.toThrow();
  });
});

it(`[D-06] an origin is new once; nobody else's makes it old (seed ${seed})`, () => {
  holds(fc.array(fc.oneof(fc.constantFrom(...HOSTILE, 'http://a', 'http://b'), fc.string()), { maxLength: 40 }), (asked) => {
    const refused = new RefusedOrigins();
    const known = new Set<string>();
    for (const origin of asked) {
      expect(refused.isNew(origin)).toBe(!known.has(origin));
      known.add(origin);
    }
  });
});

it(`[REL-4] no origin and no host costs more than its length does (seed ${seed})`, () => {
  holds(
    tedious,
    (unit) => {
      const work = (text: string) => void (sameHost(`http://${text}`, text) || sameHost(text, `[${text}`));
      expect(disproportion(unit, work)).toBeNull();
    },
    16,
  );
});
