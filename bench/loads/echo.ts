/** Echo: each connection keeps so many messages under way. */
import type { Load } from '../load.js';
import { reply, request, textOf } from './frames.js';
import { closeAll, openAll } from './peer.js';

const MANY = 64;

export async function echo({ port, ms, connections, depth, size }: Extract<Load, { kind: 'echo' }>): Promise<number> {
  const text = textOf(size);
  const one = request(text);
  const answer = reply(text);
  const many = Buffer.concat(Array.from({ length: Math.max(MANY, depth) }, () => one));
  const peers = await openAll(port, connections);
  let received = 0;
  for (const peer of peers) {
    let loose = 0; // bytes of an answer that is not whole yet
    let checked = false;
    peer.onBytes = (bytes, count) => {
      if (!checked && count >= answer.length) {
        checked = true;
        if (!bytes.subarray(0, answer.length).equals(answer)) throw new Error('the server does not echo');
      }
      const all = loose + count;
      let whole = Math.floor(all / answer.length);
      loose = all - whole * answer.length;
      received += whole;
      for (; whole > 0; whole -= MANY) peer.send(many.subarray(0, Math.min(whole, MANY) * one.length));
    };
  }
  const start = performance.now();
  for (const peer of peers) peer.send(many.subarray(0, depth * one.length));
  await new Promise((resolve) => setTimeout(resolve, ms));
  const rate = (received / (performance.now() - start)) * 1000;
  await closeAll(peers);
  return rate;
}
