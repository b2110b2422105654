/** Any legal template, any values, any string: what the ledger says of them. */
import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { RequestPath } from '../../../../src/container/web/request-path.js';
import { UriTemplate } from '../../../../src/container/web/uri-template.js';
import { answers, expanded, nearMiss, type Piece, pathOf, segment, sourceOf, template } from '../../../support/paths.js';
import { holds, seed } from '../../../support/property.js';

const read = (target: string) => {
  const path = RequestPath.parse(target);
  return path instanceof RequestPath ? path : null;
};

it(`[URI-1, URI-2, URI-3, URI-12, URI-13, PP-6] a template filled with any values gives them back (seed ${seed})`, () => {
  const requests = fc.record({ written: template, slashes: fc.nat(2), query: fc.constantFrom('', '?', '?a=/b/../c?d') });
  holds(requests, ({ written, slashes, query }) => {
    const target = expanded(written, written.values);
    expect(UriTemplate.objections(written.source)).toEqual([]);
    const made = new UriTemplate(written.source);
    const found = made.match(pathOf(target.replace(/\//g, '/'.repeat(1 + slashes)) + query)); // a run of slashes is one [URI-17]
    expect(found && [...found]).toEqual(made.names.map((name, i) => [name, written.values[i]?.text]));
    expect(made.names).toEqual(written.pieces.flatMap((piece) => ('name' in piece ? piece.name : [])));
  });
});

/** The rules of URI-1 to URI-4, written down once more. */
function isLegal(path: string): boolean {
  const segments = path.split('/').slice(1);
  const names = segments.flatMap((each) => /^\{([A-Za-z0-9_.-]+)\}$|^<([A-Za-z0-9_.-]+)>$/.exec(each)?.slice(1).filter(Boolean) ?? []);
  const literals = segments.filter((each) => !/^(?:\{[A-Za-z0-9_.-]+\}|<[A-Za-z0-9_.-]+>)$/.test(each));
  return (
    path.startsWith('/') &&
    segments.every((each, i) => each !== '' || i === segments.length - 1) &&
    new Set(names).size === names.length &&
    literals.every((each) => {
      if (/[{}<>?#]|%(?![0-9A-Fa-f]{2})|%00|\0/.test(each) || !each.isWellFormed()) return false;
      return isText(each) && !/^(?:\.|%2e){1,2}$/i.test(each);
    })
  );
}

/** Whether its percent sequences are UTF-8. */
function isText(raw: string): boolean {
  const bytes = raw.split(/(%..)/).map((part) => (/^%..$/.test(part) ? Buffer.from(part.slice(1), 'hex') : Buffer.from(part)));
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(bytes));
    return true;
  } catch {
    return false;
  }
}

it(`[URI-1, URI-2, URI-3, URI-4] any string is a path, or is refused with what is wrong with it (seed ${seed})`, () => {
  const odd = fc.constantFrom(
    '.',
    '..',
    '%2e',
    '.%2E',
    '...',
    '',
    '{x}',
    '{x*}',
    '{a}{b}',
    '{x:3}',
    '{}',
    'a{b}',
    '<x}',
    '%ff',
    '%00',
    '%',
    '?',
  );
  const segments = fc.array(fc.oneof({ weight: 3, arbitrary: segment.map((each) => each.inTemplate) }, odd), {
    minLength: 1,
    maxLength: 3,
  });
  holds(
    fc.oneof(
      segments.map((each) => `/${each.join('/')}`),
      nearMiss('{x*}', '{__proto__}', 'é'),
      fc.anything(),
    ),
    (path) => {
      const objections = UriTemplate.objections(path);
      expect(objections.length === 0).toBe(typeof path === 'string' && isLegal(path));
      if (objections.length > 0) expect(() => new UriTemplate(path as string)).toThrow(TypeError);
      else expect(new UriTemplate(path as string).source).toBe(path);
    },
    1500,
  );
});

it(`[URI-6, URI-10, URI-11, URI-12] any request is answered as the rule says, segment by segment (seed ${seed})`, () => {
  /** What becomes of a request for the template itself. */
  const CHANGES: Record<string, (target: string) => string> = {
    none: (target) => target,
    upper: (target) => target.toUpperCase(), // escapes stay what they are
    lower: (target) => target.toLowerCase(),
    longer: (target) => `${target}/a`,
    open: (target) => `${target}/`,
    shorter: (target) => target.slice(0, Math.max(1, target.lastIndexOf('/'))),
    emptied: (target) => target.slice(0, target.lastIndexOf('/') + 1),
  };
  const changes = fc.constantFrom(...Object.keys(CHANGES)).map((name) => CHANGES[name] as (target: string) => string);
  holds(
    fc.record({ written: template, change: changes, other: fc.option(nearMiss(), { nil: null, freq: 6 }) }),
    ({ written, change, other }) => {
      const path = read(other ?? change(expanded(written, written.values)));
      if (path === null) return;
      const found = new UriTemplate(written.source).match(path);
      expect(found !== null).toBe(answers(written.pieces, path.segments));
      const wanted = written.pieces.flatMap((piece, i) => ('name' in piece ? [path.segments[i]] : []));
      expect(found === null || [...found.values()]).toEqual(found === null || wanted);
    },
    1000,
  );
});

it(`[URI-5] templates have equal shapes if and only if they answer the same requests (seed ${seed})`, () => {
  const textOf = (piece: Piece) => ('literal' in piece ? piece.literal.text : `{${piece.name}}`);
  const literally = (texts: readonly string[]) => {
    const pieces = texts.map((text): Piece => {
      const spelling = encodeURIComponent(text);
      return { literal: { text, inTemplate: spelling, inRequest: spelling } };
    });
    return { pieces, source: sourceOf(pieces) };
  };
  /** The same template in another spelling, its variables renamed; perhaps with one segment changed, or all of them in one. */
  const pairs = fc
    .record({
      one: template,
      other: template,
      kind: fc.constantFrom('other', 'alike', 'joined'),
      at: fc.nat(4),
      by: fc.option(segment, { nil: null }),
      isSign: fc.boolean(),
    })
    .map(({ one, other, kind, at, by, isSign }) => {
      if (kind === 'other') return { one, other };
      if (kind === 'joined') return { one: literally(one.pieces.map(textOf)), other: literally([one.pieces.map(textOf).join('/')]) };
      const pieces = one.pieces.map((piece, i): Piece => {
        if (i === at && by !== null) return { literal: by };
        if (i === at && isSign && 'name' in piece) return { literal: { text: '{}', inTemplate: '%7B%7D', inRequest: '{}' } };
        if ('name' in piece) return { name: `v${i}`, isAngled: !piece.isAngled };
        const { text, inRequest } = piece.literal; // every spelling of a request is one of a template, but for the brackets
        return { literal: { text, inTemplate: inRequest.replace(/[{}<>]/g, encodeURIComponent), inRequest } };
      });
      return { one, other: { pieces, source: sourceOf(pieces) } };
    });
  const fresh = Array.from({ length: 5 }, (_, i) => ({ text: '', inTemplate: '', inRequest: `in-no-literal-${i}` }));
  holds(
    pairs,
    ({ one, other }) => {
      const [first, second] = [new UriTemplate(one.source), new UriTemplate(other.source)];
      const requests = [expanded(one, fresh), expanded(other, fresh)].map(pathOf);
      const isAlike = requests.every((path) => (first.match(path) === null) === (second.match(path) === null));
      expect(first.shape === second.shape).toBe(isAlike);
    },
    800,
  );
});
