/** What many are sent in one turn, with permessage-deflate and no context, is compressed once. [REL-10, REL-15] */
import { createHook } from 'node:async_hooks';
import { setImmediate as turn } from 'node:timers/promises';
import { constants, inflateRawSync } from 'node:zlib';
import { expect, it } from '@jest/globals';
import { recentMessage } from '../../../../src/transport/ws/recent-message.js';
import { Sending } from '../../../../src/transport/ws/sending.js';
import { SlowSocket } from '../../../support/slow-socket.js';
import { parse } from '../../../support/wire-frames.js';

const deflate = { serverNoContextTakeover: true, clientNoContextTakeover: true, serverMaxWindowBits: 15, clientMaxWindowBits: 15 };

function sending(serverNoContextTakeover = true) {
  const socket = new SlowSocket();
  const owner = { onWritten() {}, onDefect() {}, onUnsendable() {} };
  return { socket, sends: new Sending(socket, { isServer: true, deflate: { ...deflate, serverNoContextTakeover } }, owner) };
}

/** How often zlib was asked for a stream, or for a result at once. */
function compressions(run: () => void): number {
  let count = 0;
  const hook = createHook({ init: (_id, type) => void (type === 'ZLIB' && count++) }).enable();
  run();
  hook.disable();
  return count;
}

const messages = ({ socket }: { readonly socket: SlowSocket }): string[] =>
  parse(socket.bytes).map(({ payload }) =>
    inflateRawSync(Buffer.concat([payload, Buffer.from([0, 0, 0xff, 0xff])]), { finishFlush: constants.Z_SYNC_FLUSH }).toString(),
  );

it.each(['text', Buffer.from('bytes')])('[REL-15] %s to twenty in a loop is compressed once, and each gets it', async (message) => {
  const all = Array.from({ length: 20 }, () => sending());
  const kind = typeof message === 'string' ? 'text' : 'binary';
  expect(
    compressions(() => {
      for (const { sends } of all) sends.part(kind, message, true, true);
    }),
  ).toBe(1);
  await turn();
  for (const each of all) expect(messages(each)).toEqual([String(message)]);
});

it('[EXT-14] whoever keeps his context has the message compressed for himself', () => {
  const all = [sending(), sending(false), sending()];
  expect(
    compressions(() => {
      for (const { sends } of all) sends.part('text', 'x'.repeat(100), true, true);
    }),
  ).toBe(2);
});

it('[REL-10] one message is one only as long as it says the same, and in one turn', async () => {
  const bytes = Buffer.from('first');
  const prepared = recentMessage(bytes);
  expect(recentMessage(bytes)).toBe(prepared);
  bytes.write('other');
  expect(recentMessage(bytes).payload.toString()).toBe('other');
  expect(prepared.payload.toString()).toBe('first');
  const text = recentMessage('said');
  expect(recentMessage('said')).toBe(text);
  await turn();
  expect(recentMessage('said')).not.toBe(text);
});
