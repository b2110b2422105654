/** What finding an endpoint costs, counted in looks and not in time: the number of templates makes no difference. */
import { expect, it, jest } from '@jest/globals';
import { RequestPath } from '../../../../src/container/web/request-path.js';
import { Router } from '../../../../src/container/web/router.js';
import { UriTemplate } from '../../../../src/container/web/uri-template.js';
import { pathOf } from '../../../support/paths.js';

/** Templates that lie beside each other in every way: next to one another, below one another, below a variable. */
const FAMILIES: Readonly<Record<string, (i: number) => string>> = {
  'literals side by side': (i) => `/app/s${i}/end`,
  'variables below literals': (i) => `/t${i}/{a}/m/{b}`,
  'literals below a variable': (i) => `/{a}/lit${i}/{b}`,
  'every third with a variable first': (i) => (i % 3 === 0 ? `/{x}/k${i}/{y}` : `/v${i % 7}/k${i}/{y}`),
};

interface Looks {
  readonly found: boolean;
  /** How often a segment of the request was read, and how often a node was asked for one. */
  readonly segments: number;
  readonly nodes: number;
}

/** Finds it, and counts. */
function looksFor(router: Router<string>, target: string): Looks {
  const { segments, query } = pathOf(target);
  let read = 0;
  const watched = new Proxy(segments, {
    get(of, key, receiver) {
      if (typeof key === 'string' && /^\d+$/.test(key)) read++;
      return Reflect.get(of, key, receiver);
    },
  });
  const get = jest.spyOn(Map.prototype, 'get');
  const walks = (['keys', 'values', 'entries', 'forEach'] as const).map((way) => jest.spyOn(Map.prototype, way));
  try {
    const found = router.find(new RequestPath(watched, query)) !== null;
    const asked = get.mock.calls.filter(([key]) => segments.includes(key as string)).length;
    for (const walk of walks) expect(walk).not.toHaveBeenCalled();
    return { found, segments: read, nodes: asked };
  } finally {
    jest.restoreAllMocks();
  }
}

function routerOf(count: number, source: (i: number) => string): Router<string> {
  const router = new Router<string>();
  for (let i = 0; i < count; i++) router.add(new UriTemplate(source(i)), source(i));
  return router;
}

it.each(Object.entries(FAMILIES))('[REL-4] %s: as many looks among 10 templates as among 10,000', (_what, source) => {
  const few = routerOf(10, source);
  const many = routerOf(10_000, source);
  for (const i of [0, 4, 9]) {
    const target = source(i).replace(/\{.\}/g, 'value');
    const looks = looksFor(few, target);
    expect(looks.found).toBe(true);
    expect(looksFor(many, target)).toEqual(looks);
    expect(looksFor(many, `${target}/more`)).toEqual(looksFor(few, `${target}/more`));
  }
});

it('[REL-4] each segment more costs the same again', () => {
  const sources = [1, 2, 3, 4].map((times) => `/${'a/{x}/'.repeat(times)}end`.replace(/x/g, () => `x${counter++}`));
  const router = new Router<string>();
  for (const source of sources) router.add(new UriTemplate(source), source);
  const looks = sources.map((source) => looksFor(router, source.replace(/\{x\d+\}/g, 'value')));
  expect(looks.every(({ found }) => found)).toBe(true);
  expect(looks.map(({ nodes }) => nodes)).toEqual([3, 5, 7, 9]);
  const steps = looks.slice(1).map(({ segments }, i) => segments - (looks[i] as Looks).segments);
  expect(new Set(steps).size).toBe(1);
});

/** Each variable of a template has a name of its own. */
let counter = 0;
