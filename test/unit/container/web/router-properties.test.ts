/** The router beside a plain list that is searched by the ledger's rule. */
import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Router } from '../../../../src/container/web/router.js';
import { UriTemplate } from '../../../../src/container/web/uri-template.js';
import { disproportion } from '../../../support/cost.js';
import { HOSTILE, pathOf } from '../../../support/paths.js';
import { holds, seed } from '../../../support/property.js';

/** Few segments, so that paths meet. */
const LITERALS = ['a', 'b', 'c', '|', '~', 'é', ...HOSTILE.slice(0, 2)];
const literal = fc.constantFrom(...LITERALS);
const segments = fc.array(fc.oneof(literal, fc.constantFrom('{x}', '{y}', '<__proto__>')), { minLength: 1, maxLength: 4 });
const template = fc
  .tuple(segments, fc.boolean())
  .filter(([parts]) => new Set(parts.filter(isVariable)).size === parts.filter(isVariable).length)
  .map(([parts, isOpen]) => `/${[...parts, ...(isOpen ? [''] : [])].join('/')}`);
const request = fc
  .array(fc.oneof(literal, fc.constant('d')), { minLength: 1, maxLength: 4 })
  .chain((parts) => fc.boolean().map((isOpen) => `/${[...parts, ...(isOpen ? [''] : [])].map(encodeURIComponent).join('/')}`));

function isVariable(segment: string): boolean {
  return /^[{<]/.test(segment);
}

const partsOf = (source: string) => source.slice(1).split('/');

/** The same once variables are renamed. [URI-5] */
const shapeOf = (source: string) => source.replace(/\{[^}]*\}|<[^>]*>/g, '{}');

/** Of the templates that answer, the one with the first literal where another has a variable; no two are alike. [URI-6, URI-7] */
function best(templates: Iterable<string>, target: string): { source: string; values: string[] } | null {
  const asked = pathOf(target).segments;
  const fitting = [...templates].filter((source) => {
    const parts = partsOf(source);
    return parts.length === asked.length && parts.every((part, i) => (isVariable(part) ? asked[i] !== '' : part === asked[i]));
  });
  const rank = (source: string) =>
    partsOf(source)
      .map((part) => (isVariable(part) ? '1' : '0'))
      .join('');
  const [source] = fitting.sort((a, b) => rank(a).localeCompare(rank(b)));
  return source === undefined ? null : { source, values: asked.filter((_, i) => isVariable(partsOf(source)[i] as string)) };
}

const found = (router: Router<string>, target: string) => {
  const hit = router.find(pathOf(target));
  return hit && { source: hit.value, values: [...hit.parameters.values()] };
};

function routerOf(sources: Iterable<string>): Router<string> {
  const router = new Router<string>();
  for (const source of sources) router.add(new UriTemplate(source), source);
  return router;
}

const apart = fc.uniqueArray(template, { selector: shapeOf, maxLength: 14 });

it(`[URI-6, URI-7, URI-8, URI-9, URI-10, URI-11] finds what a search of all templates finds, in whatever order they came (seed ${seed})`, () => {
  const cases = apart.chain((sources) =>
    fc.record({
      sources: fc.constant(sources),
      shuffled: fc.shuffledSubarray(sources, { minLength: sources.length }),
      requests: fc.array(request, { minLength: 4, maxLength: 12 }),
    }),
  );
  holds(
    cases,
    ({ sources, shuffled, requests }) => {
      const [one, other] = [routerOf(sources), routerOf(shuffled)];
      for (const target of requests) {
        const wanted = best(sources, target);
        expect(found(one, target)).toEqual(wanted);
        expect(found(other, target)).toEqual(wanted);
      }
    },
    600,
  );
});

it(`[URI-5] after any additions and removals it answers as a list does, and knows what is taken (seed ${seed})`, () => {
  const steps = fc.array(
    fc.oneof(
      { weight: 3, arbitrary: template.map((source) => ({ what: 'add' as const, source })) },
      { weight: 2, arbitrary: template.map((source) => ({ what: 'remove' as const, source })) },
      { weight: 2, arbitrary: request.map((source) => ({ what: 'find' as const, source })) },
    ),
    { maxLength: 40 },
  );
  holds(
    steps,
    (each) => {
      const router = new Router<string>();
      const list = new Map<string, string>(); // by shape
      for (const { what, source } of each) {
        if (what === 'find') {
          expect(found(router, source)).toEqual(best(list.values(), source));
          continue;
        }
        const [made, shape] = [new UriTemplate(source), shapeOf(source)];
        expect(router.taken(made)).toBe(list.get(shape));
        if (what === 'remove') expect(router.remove(made)).toBe(list.delete(shape));
        else if (list.has(shape)) expect(() => router.add(made, source)).toThrow(TypeError);
        else {
          router.add(made, source);
          list.set(shape, source);
        }
      }
    },
    600,
  );
});

it(`[REL-4] no set of templates makes a request of 16 KiB cost more than its length does (seed ${seed})`, () => {
  const units = fc.constantFrom('/a', 'a', '/', '/%61', '%C3%A9', '/b/a', '/a/a/..', '/.');
  holds(
    fc.record({ sources: apart, unit: units }),
    ({ sources, unit }) => {
      const router = routerOf(sources);
      expect(disproportion(unit, (text) => router.find(pathOf(`/${text.replace(/%.?$|%C3$|%C3%.?$/, '')}`)))).toBeNull();
    },
    24,
  );
});
