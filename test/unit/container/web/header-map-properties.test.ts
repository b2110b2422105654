/** Headers by name, in any letter case, beside a list of names. */
import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { HeaderMap, HeaderView } from '../../../../src/container/web/header-map.js';
import { recased, token } from '../../../support/headers.js';
import { holds, seed } from '../../../support/property.js';

const name = fc.oneof(fc.constantFrom('set-cookie', 'x-a', '__proto__', 'constructor'), token).chain(recased);
const step = fc.record({ what: fc.constantFrom('set', 'set', 'get', 'delete'), name, lines: fc.array(fc.string(), { maxLength: 2 }) });

it(`[HS-8, REL-4] a response's header keeps its first spelling and is found in any other (seed ${seed})`, () => {
  holds(fc.array(step, { maxLength: 30 }), (steps) => {
    const map = new HeaderMap();
    let list: [string, string[]][] = [];
    for (const each of steps) {
      const known = list.find(([spelling]) => spelling.toLowerCase() === each.name.toLowerCase());
      expect(map.has(each.name)).toBe(known !== undefined);
      expect(map.get(each.name)).toBe(known?.[1]);
      if (each.what === 'delete') {
        expect(map.delete(each.name)).toBe(known !== undefined);
        list = list.filter((entry) => entry !== known);
      } else if (each.what === 'set') {
        map.set(each.name, each.lines);
        if (known === undefined) list.push([each.name, each.lines]);
        else known[1] = each.lines;
      }
      expect([...map]).toEqual(list);
    }
  });
});

it(`[HS-7, REL-4] a request's header is found in any letter case, and none that it does not have (seed ${seed})`, () => {
  holds(fc.record({ names: fc.uniqueArray(token.map((each) => each.toLowerCase())), asked: name }), ({ names, asked }) => {
    const view = new HeaderView(names.map((each) => [each, [`of ${each}`]] as const));
    for (const each of names) expect(view.get(each.toUpperCase())).toEqual([`of ${each}`]);
    expect(view.has(asked)).toBe(names.includes(asked.toLowerCase()));
    expect(view.get(asked) === undefined).toBe(!names.includes(asked.toLowerCase()));
  });
});
