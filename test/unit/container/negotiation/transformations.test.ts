/** Transformations of factories: what can be run, what is let go. */
import { describe, expect, it } from '@jest/globals';
import { clashOf, release, run } from '../../../../src/container/negotiation/transformations.js';
import type { ExtensionFactory, Transformation } from '../../../../src/transport/spi.js';

function transformation(name: string, closed: string[], more: object = {}): Transformation {
  return {
    rsv: [],
    parameters: [],
    inbound: (frame) => frame,
    outbound: (frame) => frame,
    close: () => {
      closed.push(name);
    },
    ...more,
  };
}
const parameter = (name: unknown, value: unknown = null) => ({ getName: () => name, getValue: () => value });

it('[EXT-16, LIF-11] of transformations that no channel runs each is closed, also behind one that throws or rejects', async () => {
  const closed: string[] = [];
  const throwing = transformation('throws', closed);
  release([
    {
      ...throwing,
      close: () => {
        throwing.close?.();
        throw new Error('no');
      },
    },
    transformation('rejects', closed, { close: () => Promise.reject(new Error('no')) }),
    transformation('last', closed),
  ]);
  expect(closed).toEqual(['throws', 'last']);
});

describe('run', () => {
  it.each([true, false])('[EXT-16] a factory is told the sets of the other side, and which end it is on (server: %s)', (isServer) => {
    let told: unknown;
    const factory: ExtensionFactory = {
      name: 'xor',
      build: (sets, server) => {
        told = [sets.map((set) => set.map((each) => [each.getName(), each.getValue()])), server];
        return transformation('xor', [], { parameters: [parameter('key', '7')] });
      },
    };
    const running = run(factory, [[{ name: 'key', value: '7' }], [{ name: 'plain', value: null }]], isServer);
    expect(told).toEqual([[[['key', '7']], [['plain', null]]], isServer]);
    expect(running?.parameters).toEqual([{ name: 'key', value: '7' }]);
  });

  it.each([
    ['rsv', { rsv: [4] }],
    ['inbound', { inbound: null }],
    ['token', { parameters: [parameter('a b')] }],
    ['token', { parameters: [parameter('a', 'b c')] }],
    ['no words', { parameters: [{}] }],
    ['no list', { parameters: undefined }],
  ])('[EXT-16] what cannot be run is let go: %s', (name, more) => {
    const closed: string[] = [];
    expect(() => run({ name, build: () => transformation(name, closed, more) }, [], true)).toThrow(TypeError);
    expect(closed).toEqual([name]);
  });

  it.each([null, undefined])('[EXT-16] a factory that answers %s declines', (answer) => {
    expect(run({ name: 'xor', build: () => answer as null }, [], true)).toBeNull();
  });
});

it('[EXT-16] two that claim a bit clash, one that claims it twice does not', () => {
  expect(
    clashOf([
      { name: 'a', rsv: [2, 2] },
      { name: 'b', rsv: [3] },
    ]),
  ).toBeNull();
  expect(
    clashOf([
      { name: 'a', rsv: [1] },
      { name: 'b', rsv: [3, 2] },
      { name: 'c', rsv: [2] },
    ]),
  ).toBe('The extensions b and c both use RSV2.');
});
