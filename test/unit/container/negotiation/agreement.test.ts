/** What a client makes of the extensions in a response. */
import { describe, expect, it } from '@jest/globals';
import type { Extension } from '../../../../src/api/extension.js';
import { agreementOf, extensionObjection, offerOf } from '../../../../src/container/negotiation/agreement.js';
import { extensionOf } from '../../../../src/container/negotiation/extension.js';
import { type ExtensionEntry, extensionsOf } from '../../../../src/container/web/header-grammar.js';
import type { ExtensionFactory, Transformation } from '../../../../src/transport/spi.js';

const offered = (header: string) => (extensionsOf([header]) as ExtensionEntry[]).map(extensionOf);
const shown = (list: readonly Extension[]) => list.map(String);

/** A factory, and which of its transformations were closed. */
function factory(name: string, answer: (parameters: string) => object | null = () => ({}), closed: string[] = []): ExtensionFactory {
  return {
    name,
    build: (sets, isServer) => {
      const told = sets.map((set) => set.map((each) => `${each.getName()}=${each.getValue()}`).join());
      const more = answer(`${told.join(' | ')} ${isServer}`);
      if (more === null) return null;
      // not a copy, so that a promise stays one
      return Object.assign(more, {
        rsv: [],
        parameters: [],
        inbound: same,
        outbound: same,
        close: () => closed.push(name),
        ...more,
      }) as object as Transformation;
    },
  };
}
const same = <T>(frame: T) => frame;

/** What is agreed on, with permessage-deflate and the extensions a, b and c; or the objection. */
function outcome(offer: string, response: string | string[], extensions = ['a', 'b', 'c'].map((name) => factory(name))) {
  const agreed = agreementOf([response].flat(), offered(offer), { deflate: true, extensions });
  return 'objection' in agreed ? agreed.objection : shown(agreed.extensions);
}

describe('agreementOf', () => {
  it.each<[string, string | string[], string[]]>([
    ['', [], []],
    ['a', [], []],
    ['a', '', []],
    ['a', ', ,', []],
    ['a; key=7; plain, b', 'a; key=8', ['a; key=8']],
    ['a, b, c', 'c, a', ['c', 'a']],
    ['a, b, c', ['b; x', 'a'], ['b; x', 'a']],
    ['a, permessage-deflate', 'permessage-deflate, a', ['permessage-deflate', 'a']],
    ['unknown, a', 'a', ['a']], // what nobody can run may be offered [D-07]
  ])('[CLI-6, D-07] "%s" answered %j runs with %j', (offer, response, extensions) => {
    expect(outcome(offer, response)).toEqual(extensions);
  });

  it.each<[string, string | string[], string]>([
    ['a', 'a; x="', "The server's Sec-WebSocket-Extensions cannot be read. Line 1, column 6: a quote is never closed."],
    ['a', ['a', 'a=1'], "The server's Sec-WebSocket-Extensions cannot be read. Line 2, column 1: an extension has a value."],
    ['', 'a', 'The server accepted the extension "a", which was not offered.'],
    ['a', 'A', 'The server accepted the extension "A", which was not offered.'],
    ['a', 'b, a', 'The server accepted the extension "b", which was not offered.'],
    ['a, a', 'a, a; x', 'The server accepted a twice.'],
    ['unknown, a', 'a, unknown; x', 'The server accepted the extension unknown, which nobody here can run.'],
    [
      'a, permessage-deflate',
      'a, permessage-deflate',
      'The server accepted permessage-deflate behind a; it can be run only before all others.',
    ],
  ])('[CLI-6, D-07, EXT-16] "%s" answered %j is refused: %s', (offer, response, objection) => {
    expect(outcome(offer, response)).toBe(objection);
  });

  it('[D-07] permessage-deflate that this end does not compress is refused, unless a factory runs it', () => {
    const offer = offered('permessage-deflate');
    expect(agreementOf(['permessage-deflate'], offer, { deflate: false, extensions: [] })).toEqual({
      objection: 'The server accepted the extension permessage-deflate, which nobody here can run.',
    });
    const extensions = [factory('permessage-deflate')];
    expect(agreementOf(['permessage-deflate'], offer, { deflate: false, extensions })).toMatchObject({ deflate: null });
  });

  it('[EXT-16] a factory is told what the server accepted, and that it is a client; its transformations stand in the order of the response', () => {
    const told: string[] = [];
    const made = ['a', 'b'].map((name) =>
      factory(name, (parameters) => {
        told.push(`${name}: ${parameters}`);
        return { name };
      }),
    );
    const agreed = agreementOf(['b; x=1; y, a'], offered('a; z=9, b'), { deflate: true, extensions: made });
    expect(told).toEqual(['b: x=1,y=null false', 'a:  false']);
    expect('objection' in agreed ? agreed : agreed.transformations.map((each) => (each as { name?: unknown }).name)).toEqual(['b', 'a']);
  });

  const boom = new Error('boom');
  it.each<[string, (parameters: string) => object | null, string, unknown]>([
    [
      'throws',
      () => {
        throw boom;
      },
      'The server accepted the extension bad, which cannot be run here: boom',
      boom,
    ],
    ['declines', () => null, 'The server accepted the extension bad as its factory cannot run it.', null],
    ['promises', () => Promise.resolve(), 'bad built a promise', expect.any(TypeError)],
    ['claims no bit', () => ({ rsv: [4] }), 'rsv must be a list of 1, 2 and 3', expect.any(TypeError)],
    ['clashes', () => ({ rsv: [2] }), 'The extensions b and bad both use RSV2.', null],
    ['clashes with compression', () => ({ rsv: [1] }), 'The extensions permessage-deflate and bad both use RSV1.', null],
  ])('[CLI-6, EXT-16] a factory that %s: the others are let go', (_, answer, objection, cause) => {
    const closed: string[] = [];
    const extensions = [factory('a', undefined, closed), factory('b', () => ({ rsv: [2] }), closed), factory('bad', answer, [])];
    const agreed = agreementOf(['permessage-deflate, a, b, bad'], offered('permessage-deflate, a, b, bad'), { deflate: true, extensions });
    expect(agreed).toMatchObject({ objection: expect.stringContaining(objection) });
    expect((agreed as { cause?: unknown }).cause ?? null).toEqual(cause);
    expect(closed).toEqual(['a', 'b']);
  });

  it('[CLI-6] nothing is let go where all agree, and all where the last is refused', () => {
    const closed: string[] = [];
    const extensions = ['a', 'b'].map((name) => factory(name, undefined, closed));
    agreementOf(['a, b'], offered('a, b'), { deflate: true, extensions });
    expect(closed).toEqual([]);
    agreementOf(['a, b, c'], offered('a, b'), { deflate: true, extensions });
    expect(closed).toEqual(['a', 'b']);
  });
});

describe('offerOf', () => {
  it.each<[string, [string, [string, string | null][]][]]>([
    ['', []],
    ['a', [['a', []]]],
    [
      'a, b; x; y=7, a',
      [
        ['a', []],
        [
          'b',
          [
            ['x', null],
            ['y', '7'],
          ],
        ],
        ['a', []],
      ],
    ],
    [
      'permessage-deflate; foo; client_max_window_bits=20',
      [
        [
          'permessage-deflate',
          [
            ['foo', null],
            ['client_max_window_bits', '20'],
          ],
        ],
      ],
    ],
    [
      'a; x="b c"; y=""; z=";,="',
      [
        [
          'a',
          [
            ['x', 'b c'],
            ['y', ''],
            ['z', ';,='],
          ],
        ],
      ],
    ],
    ['a; x="say \\"\\\\\\""', [['a', [['x', 'say "\\"']]]]],
  ])('[CLI-4, D-07] all that is configured, in order and unchanged: %s', (header, configured) => {
    const extensions = configured.map(([name, list]) => ({
      getName: () => name,
      getParameters: () => list.map(([each, value]) => parameter(each, value)),
    }));
    expect(offerOf(extensions)).toBe(header);
  });
});

it.each<[unknown, string | null]>([
  [null, 'has no method getName()'],
  [undefined, 'has no method getName()'],
  ['a', 'has no method getName()'],
  [{ getName: () => 'a' }, 'has no method getParameters()'],
  [{ getName: () => 'a b', getParameters: () => [] }, 'has the name "a b", which is no token'],
  [{ getName: () => '', getParameters: () => [] }, 'has the name "", which is no token'],
  [{ getName: () => 7, getParameters: () => [] }, 'has the name 7, which is no token'],
  [{ getName: () => 'a', getParameters: () => null }, 'has parameters that are no list'],
  [
    {
      getName: () => {
        throw new Error('no');
      },
      getParameters: () => [],
    },
    'cannot be asked: no',
  ],
])('[GEN-3, CLI-4] an extension that cannot be offered: %#', (extension, objection) => {
  expect(extensionObjection(extension)).toBe(objection);
});

it.each<[unknown, string | null]>([
  [parameter('x', null), null],
  [parameter('x', ''), null],
  [parameter('x', 'a "b"; c'), null],
  [null, 'has a parameter without the methods getName() and getValue()'],
  [{ getName: () => 'x' }, 'has a parameter without the methods getName() and getValue()'],
  [parameter('x y', null), 'has the parameter "x y", which is no token'],
  [parameter(undefined, null), 'has the parameter undefined, which is no token'],
  [parameter('x', 7), 'has the parameter x with the value 7; a header takes null or ASCII'],
  [parameter('x', undefined), 'has the parameter x with the value undefined; a header takes null or ASCII'],
  [parameter('x', 'a\r\nEvil: 1'), 'has the parameter x with the value "a\\r\\nEvil: 1"; a header takes null or ASCII'],
  [parameter('x', 'é'), 'has the parameter x with the value "é"; a header takes null or ASCII'],
])('[GEN-3, CLI-4] a parameter behind one that is right: %#', (second, objection) => {
  expect(extensionObjection({ getName: () => 'a', getParameters: () => [parameter('ok', '1'), second] })).toBe(objection);
});

function parameter<N, V>(name: N, value: V) {
  return { getName: () => name, getValue: () => value };
}
