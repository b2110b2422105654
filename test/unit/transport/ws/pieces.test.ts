/** What waits for one socket, and in whose memory. [REL-10] */
import { expect, it } from '@jest/globals';
import { Pieces } from '../../../../src/transport/ws/pieces.js';
import { Range } from '../../../../src/transport/ws/turn-buffer.js';

function write(pieces: Pieces, text: string): void {
  const block = pieces.room(text.length, false);
  block.bytes.write(text, block.used);
  pieces.commit(text.length, false);
}

it('[REL-10] leaves nothing in the turn’s memory once the peer has stopped reading, and keeps the order', () => {
  const pieces = new Pieces();
  const large = Buffer.alloc(1000, 'b');
  write(pieces, 'first');
  pieces.push(large, false);
  write(pieces, 'last');
  pieces.settle();
  const { pieces: all, length } = pieces.take(10_000);
  expect(all.some((piece) => piece instanceof Range && piece.block.shared)).toBe(false);
  expect(all).toContain(large); // nobody writes to it, so it need not be copied
  expect(length).toBe(1009);
  expect(Buffer.concat(all.map((piece) => (piece instanceof Range ? piece.bytes : piece))).toString()).toBe(`first${large}last`);
});
