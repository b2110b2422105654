/** Fan-out: one sends, everybody gets it; the next is sent when all have got the one before `depth`. */
import type { Load } from '../load.js';
import { reply, request, textOf } from './frames.js';
import { closeAll, openAll } from './peer.js';

const SIZE = 64;

/** Deliveries a second. */
export async function fanOut({ port, ms, receivers, depth }: Extract<Load, { kind: 'fan-out' }>): Promise<number> {
  const text = textOf(SIZE);
  const one = request(text);
  const answer = reply(text);
  const peers = await openAll(port, receivers);
  const [sender] = peers as [(typeof peers)[number]];
  let bytes = 0;
  let sent = depth;
  for (const peer of peers) {
    let checked = false;
    peer.onBytes = (chunk, count) => {
      if (!checked && count >= answer.length) {
        checked = true;
        if (!chunk.subarray(0, answer.length).equals(answer)) throw new Error('the server does not broadcast');
      }
      bytes += count;
      const delivered = Math.floor(bytes / (answer.length * receivers)); // whole broadcasts, all receivers taken together
      for (; sent < delivered + depth; sent++) sender.send(one);
    };
  }
  const start = performance.now();
  for (let i = 0; i < depth; i++) sender.send(one);
  await new Promise((resolve) => setTimeout(resolve, ms));
  const rate = (bytes / answer.length / (performance.now() - start)) * 1000;
  await closeAll(peers);
  return rate;
}
