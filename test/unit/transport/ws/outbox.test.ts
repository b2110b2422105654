import { expect, it } from '@jest/globals';
import { FrameWriter } from '../../../../src/transport/ws/frame-writer.js';
import { Outbox } from '../../../../src/transport/ws/outbox.js';
import { WriteQueue } from '../../../../src/transport/ws/write-queue.js';
import { SlowSocket } from '../../../support/slow-socket.js';

it('[REL-1] what zlib throws is told to the connection’s owner, and not thrown at who sends', () => {
  const defects: unknown[] = [];
  const owner = { onQueued() {}, onWritten() {}, onDefect: (error: unknown) => void defects.push(error) };
  const writer = new FrameWriter(new WriteQueue(new SlowSocket(), owner), true);
  const outbox = new Outbox(writer, { noContextTakeover: true, windowBits: 15, level: 99 }, true, owner);
  outbox.send('text', Buffer.from('a message'), true, true, undefined);
  expect(defects).toEqual([expect.objectContaining({ code: 'ERR_OUT_OF_RANGE' })]);
});
