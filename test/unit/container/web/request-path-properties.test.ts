/** Any request target: the path that RFC 3986 makes of it, or a refusal. */
import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ContextPath } from '../../../../src/container/web/context-path.js';
import { RequestPath } from '../../../../src/container/web/request-path.js';
import { disproportion } from '../../../support/cost.js';
import { nearMiss, pathOf, type Spelled, segment } from '../../../support/paths.js';
import { holds, seed } from '../../../support/property.js';

const dots = fc.constantFrom('.', '..', '%2e', '%2E', '.%2e', '%2e%2E').map((inRequest) => ({ inRequest }) as Spelled);
const targets = fc
  .tuple(fc.array(fc.oneof({ weight: 3, arbitrary: segment }, dots), { maxLength: 6 }), fc.boolean())
  .map(([parts, isOpen]) => `/${parts.map(({ inRequest }) => inRequest).join('/')}${isOpen && parts.length > 0 ? '/' : ''}`);

it(`[URI-12, URI-17] a path is what URL makes of it, but nothing leads above the root (seed ${seed})`, () => {
  holds(
    targets,
    (target) => {
      const path = RequestPath.parse(target);
      const depths = target
        .split('/')
        .slice(1)
        .reduce(
          ({ depth, least }, part) => {
            const isUp = /^(?:\.|%2e){2}$/i.test(part);
            const next = depth + (isUp ? -1 : /^(?:\.|%2e)$/i.test(part) ? 0 : 1);
            return { depth: next, least: Math.min(least, next) };
          },
          { depth: 0, least: 0 },
        );
      if (depths.least < 0) return expect(path).toEqual({ refusal: 'The request target leads above the root.' });
      const wanted = new URL(`http://host${target.replace(/\\/g, '%5C')}`).pathname.split('/').slice(1).map(decodeURIComponent);
      expect((path as RequestPath).segments).toEqual(wanted);
    },
    1000,
  );
});

it(`[URI-12, URI-17, REL-1] any target is a path or is refused, and its canonical spelling is the same path (seed ${seed})`, () => {
  const any = fc.oneof(targets, nearMiss('http://h', '//', 'é', '*', '\u007f'), fc.string({ unit: 'binary' }));
  holds(
    any,
    (target) => {
      const path = RequestPath.parse(target);
      if (!(path instanceof RequestPath)) return expect(path.refusal).toMatch(/^The request target .*\.$/);
      const mark = target.indexOf('?');
      expect(path.query).toBe(mark < 0 ? null : target.slice(mark + 1));
      expect(
        path.segments.every(
          (each, i) => each !== '.' && each !== '..' && !each.includes('\0') && (each !== '' || i === path.segments.length - 1),
        ),
      ).toBe(true);
      expect(pathOf(path.canonical).segments).toEqual(path.segments);
      if (target.startsWith('/')) expect(pathOf(`HTTP://some-host:1${target}`).segments).toEqual(path.segments);
    },
    2000,
  );
});

it(`[URI-14] what lies below a context path is all that is asked for, and nothing else does (seed ${seed})`, () => {
  const contexts = fc.array(segment, { maxLength: 3 });
  const written = (parts: readonly Spelled[]) => parts.map(({ inRequest }) => `/${inRequest}`).join('');
  holds(
    fc.record({ context: contexts, other: contexts, below: fc.boolean(), target: fc.option(targets, { nil: '', freq: 3 }) }),
    ({ context, other, below, target }) => {
      const source = context.map(({ inTemplate }) => `/${inTemplate}`).join('');
      expect(ContextPath.objections(source)).toEqual([]);
      const asked = RequestPath.parse(written(below ? context : other) + target);
      if (!(asked instanceof RequestPath)) return;
      const isInside = asked.segments.length > context.length && context.every(({ text }, i) => asked.segments[i] === text);
      const rest = new ContextPath(source).strip(asked);
      expect(rest?.segments ?? null).toEqual(isInside ? asked.segments.slice(context.length) : null);
    },
    600,
  );
});

it(`[URI-14] any string is a context path, or is refused with what is wrong with it (seed ${seed})`, () => {
  holds(fc.oneof(nearMiss(), fc.constant(''), fc.anything()), (path) => {
    const objections = ContextPath.objections(path);
    if (objections.length > 0) return expect(() => new ContextPath(path as string)).toThrow(TypeError);
    expect(new ContextPath(path as string).source).toBe(path);
    expect(path).toMatch(/^(?:\/[^/{}<>]+)*$/);
  });
});

it(`[REL-4] no target costs more than its length does (seed ${seed})`, () => {
  const units = fc.array(fc.constantFrom('/', '.', 'a', '%', '%41', '%C3%A9', '?', ':', '/..', '/a', '://'), {
    minLength: 1,
    maxLength: 4,
  });
  holds(units, (parts) => expect(disproportion(parts.join(''), (text) => void RequestPath.parse(`/${text}`))).toBeNull(), 24);
});
