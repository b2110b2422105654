/** Who comes and goes is there once, or not at all. */
import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Roll } from '../../../src/runtime/roll.js';
import { holds, seed } from '../../support/property.js';

interface Somebody {
  readonly name: number;
  seat: number;
}

const step = fc.record({ comes: fc.boolean(), name: fc.nat(9) });

it(`holds whom a Set would hold (seed ${seed})`, () => {
  holds(fc.array(step, { maxLength: 60 }), (steps) => {
    const people: Somebody[] = Array.from({ length: 10 }, (_, name) => ({ name, seat: -1 }));
    const roll = new Roll<Somebody>();
    const set = new Set<Somebody>();
    for (const { comes, name } of steps) {
      const who = people[name] as Somebody;
      if (comes) {
        roll.add(who);
        set.add(who);
      } else {
        expect(roll.delete(who)).toBe(set.delete(who));
      }
      expect(roll.size).toBe(set.size);
    }
    const byName = (a: Somebody, b: Somebody) => a.name - b.name;
    expect(roll.all.sort(byName)).toEqual([...set].sort(byName));
    for (const who of people) expect(who.seat >= 0).toBe(set.has(who));
  });
});

it('gives away a copy, so that members may go while somebody goes through it', () => {
  const roll = new Roll<Somebody>();
  for (let name = 0; name < 5; name++) roll.add({ name, seat: -1 });
  const met: number[] = [];
  for (const who of roll.all) {
    met.push(who.name);
    roll.delete(who);
  }
  expect([met, roll.size]).toEqual([[0, 1, 2, 3, 4], 0]);
});
