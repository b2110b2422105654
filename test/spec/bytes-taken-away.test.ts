/** Bytes that their owner takes away while they wait for the peer: a mistake that costs a connection, and not the process. [REL-1, REM-5] */
import { expect, it } from '@jest/globals';
import { LARGE, watch, withDeafPeer } from '../support/deaf-peer.js';
import { eventually } from '../support/eventually.js';
import { RawPeer } from '../support/raw-peer.js';

it.each<[string, (bytes: ArrayBuffer) => void]>([
  ['transferred', (bytes) => void structuredClone(bytes, { transfer: [bytes] })],
  ['made smaller', (bytes) => (bytes as ArrayBuffer & { resize(size: number): void }).resize(0)],
])('[REL-1] bytes that are %s before they have left end their session, and no more', async (_what, takeAway) => {
  const { session, client, trace, port } = await withDeafPeer({ slowPeer: { policy: 'wait' } });
  const remote = session.getAsyncRemote();
  void remote.sendBinary(new Uint8Array(LARGE)); // more than the kernel takes
  const Resizable = ArrayBuffer as new (size: number, options: { maxByteLength: number }) => ArrayBuffer;
  const bytes = new Resizable(100_000, { maxByteLength: 100_000 });
  const sent = watch(remote.sendBinary(bytes));
  void remote.sendText('behind it');
  takeAway(bytes);
  client.read();
  await eventually(() => expect(trace.at(-1)).toBe(1006));
  expect(sent.error).toMatchObject({ code: 'MARGAY_SEND_FAILED' });
  expect(client.frames.map(({ payload }) => payload.toString()).join()).not.toContain('behind it'); // nothing passes for what is lost
  const next = await RawPeer.open({ port }, '/deaf'); // the others notice nothing
  next.reset();
});
