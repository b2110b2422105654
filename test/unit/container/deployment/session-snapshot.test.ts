/** Looks like a Set from every side, whether it has a table or not. [SES-19] */
import { deepStrictEqual } from 'node:assert';
import { inspect } from 'node:util';
import { describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import type { Session } from 'margay';
import { SessionSnapshot } from '../../../../src/container/deployment/session-snapshot.js';
import { holds, seed } from '../../../support/property.js';

const NAMES = ['a', 'b', 'c', 'd', 'e', 'f'];
const ALL = new Map(NAMES.map((name) => [name, { name } as unknown as Session]));
const named = (names: readonly string[]): Session[] => names.map((name) => ALL.get(name) as Session);

/** What the loop over a set sees if it does something at each step. */
function walked(set: Set<Session>, steps: readonly Step[]): unknown[] {
  const seen: unknown[] = [];
  let at = 0;
  for (const each of set) {
    seen.push(each);
    const step = steps[at++];
    if (step !== undefined) seen.push(does(set, step));
    if (seen.length > 40) break;
  }
  return seen;
}

interface Step {
  readonly what: 'add' | 'delete' | 'has' | 'clear' | 'size' | 'look' | 'spread' | 'values';
  readonly name: string;
}

function does(set: Set<Session>, { what, name }: Step): unknown {
  const session = ALL.get(name) as Session;
  if (what === 'add') return set.add(session).size;
  if (what === 'delete' || what === 'has') return set[what](session);
  if (what === 'clear') return set.clear();
  if (what === 'size') return set.size;
  if (what === 'spread') return [...set];
  if (what === 'values') return [...set.values(), ...set.keys(), ...set.entries()];
  const looked: unknown[] = [];
  set.forEach((value, key, all) => void looked.push(value, key, all === set));
  return looked;
}

const step = fc.record({
  what: fc.constantFrom('add', 'add', 'delete', 'delete', 'has', 'clear', 'size', 'look', 'spread', 'values') as fc.Arbitrary<Step['what']>,
  name: fc.constantFrom(...NAMES),
});

it(`[SES-19] does what a Set does, also to those who are on their way through it (seed ${seed})`, () => {
  holds(fc.tuple(fc.subarray(NAMES), fc.array(step), fc.array(step)), ([names, first, second]) => {
    const sessions = named(names);
    const snapshot = new SessionSnapshot(sessions);
    const set = new Set(sessions);
    for (const steps of [first, second]) expect(walked(snapshot, steps)).toEqual(walked(set, steps));
    expect([...snapshot]).toEqual([...set]);
    expect(sessions).toEqual(named(names)); // others have the same list
  });
});

it('[SES-19] a walk that is over stays over', () => {
  const [a, b] = named(['a', 'b']) as [Session, Session];
  const snapshot = new SessionSnapshot([a]);
  const walk = snapshot[Symbol.iterator]();
  expect([walk.next(), walk.next()]).toEqual([
    { value: a, done: false },
    { value: undefined, done: true },
  ]);
  snapshot.add(b);
  expect(walk.next()).toEqual({ value: undefined, done: true });
  expect([...walk]).toEqual([]);
  const empty = new SessionSnapshot([]);
  const none = empty[Symbol.iterator]();
  expect(none.next().done).toBe(true);
  empty.add(b);
  expect(none.next().done).toBe(true);
});

describe('[SES-19] a snapshot', () => {
  const sessions = named(['a', 'b']);

  it('is a Set for those who ask', () => {
    const snapshot = new SessionSnapshot(sessions);
    expect(snapshot).toBeInstanceOf(Set);
    expect(snapshot).toEqual(new Set(sessions));
    expect(new SessionSnapshot(sessions)).toStrictEqual(new Set(sessions));
    expect(snapshot.constructor).toBe(Set);
    expect(Object.prototype.toString.call(snapshot)).toBe('[object Set]');
    expect(inspect(new SessionSnapshot(sessions))).toBe(inspect(new Set(sessions)));
    deepStrictEqual(new Set(new SessionSnapshot(sessions)), new Set(sessions));
  });

  it('has every method that a Set has here', () => {
    const methods = Object.getOwnPropertyNames(Set.prototype).filter((name) => name !== 'constructor');
    for (const name of methods) expect(Object.hasOwn(SessionSnapshot.prototype, name)).toBe(true);
    const later = Reflect.get(Set.prototype, 'union') as ((this: Set<Session>, other: Set<Session>) => Set<Session>) | undefined;
    if (later === undefined) return; // this Node has none yet
    expect(later.call(new SessionSnapshot(named(['a'])), new SessionSnapshot(named(['b'])))).toEqual(new Set(named(['a', 'b'])));
  });

  it('builds no table for a loop', () => {
    const added = jest.spyOn(Set.prototype, 'add');
    const snapshot = new SessionSnapshot(sessions);
    for (const each of snapshot) expect(sessions).toContain(each);
    expect(snapshot.size).toBe(2);
    expect(added.mock.contexts).not.toContain(snapshot);
    expect(snapshot.has(sessions[0] as Session)).toBe(true);
    expect(added.mock.contexts.filter((context) => context === snapshot)).toHaveLength(2);
    added.mockRestore();
  });
});
