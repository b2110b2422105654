/** Who is counted, and that nothing stays of those who are gone. [REL-16] */
import { describe, expect, it } from '@jest/globals';
import { Capacity, type Place } from '../../../../src/container/handshake/capacity.js';

describe('[REL-16] a capacity', () => {
  it('keeps nothing of an address that has no place left, and nothing of one that got none', () => {
    const capacity = new Capacity({ maxConnections: 3, maxConnectionsPerAddress: 2 });
    const places = ['a', 'a', '__proto__'].map((address) => capacity.take(address) as Place);
    expect([capacity.take('a'), capacity.take('b'), capacity.taken]).toEqual([null, null, { places: 3, addresses: 2 }]);
    for (const place of places) place.free();
    expect(capacity.taken).toEqual({ places: 0, addresses: 0 });
  });

  it('takes a place back once', () => {
    const capacity = new Capacity({ maxConnections: 2, maxConnectionsPerAddress: Infinity });
    const [one] = [capacity.take('a'), capacity.take('a')];
    one?.free();
    one?.free();
    expect(capacity.taken).toEqual({ places: 1, addresses: 1 });
    expect([capacity.take('b') === null, capacity.take('b') === null]).toEqual([false, true]);
  });

  it('counts nobody where there is no limit', () => {
    const capacity = new Capacity({ maxConnections: Infinity, maxConnectionsPerAddress: Infinity });
    expect(capacity.take('a')).toBe(capacity.take('b'));
    expect(capacity.taken).toEqual({ places: 0, addresses: 0 });
  });
});
