import { expect, it } from '@jest/globals';
import { release } from '../../../../src/container/handshake/extensions.js';
import type { Transformation } from '../../../../src/transport/spi.js';

it('[EXT-16, LIF-11] of transformations that no channel runs each is closed, also behind one that throws or rejects', async () => {
  const closed: string[] = [];
  const each = (name: string, close: () => unknown): Transformation => ({
    rsv: [],
    parameters: [],
    inbound: (frame) => frame,
    outbound: (frame) => frame,
    close: () => {
      closed.push(name);
      close();
    },
  });
  release([
    each('throws', () => {
      throw new Error('no');
    }),
    { ...each('rejects', () => {}), close: () => Promise.reject(new Error('no')) as unknown as undefined },
    each('last', () => {}),
  ]);
  expect(closed).toEqual(['throws', 'last']);
});
