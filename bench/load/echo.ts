/** Echo: each connection keeps so many messages under way. */
import { messageOf, reply, request, times } from './frames.js';
import type { Field, Running } from './running.js';
import { Stream } from './stream.js';

const MANY = 64;

export function echo({ load: { depth, size }, dialect, peers }: Field): Running {
  const text = messageOf(dialect, size);
  const one = request(text);
  const many = times(one, Math.max(MANY, depth));
  const stream = new Stream(reply(text));
  const latencies: number[] = [];
  const running = { begin, count: 0, latencies };
  return running;

  function begin(): void {
    for (const peer of peers) {
      let sentAt = performance.now();
      peer.onBytes = (bytes, count) => {
        stream.check(bytes, 0, count, peer.position);
        let whole = stream.wholeIn(peer.position, count);
        running.count += whole;
        if (depth === 1 && whole > 0) {
          const at = performance.now();
          latencies.push((at - sentAt) * 1e6);
          sentAt = at;
        }
        for (; whole > 0; whole -= MANY) peer.send(many.subarray(0, Math.min(whole, MANY) * one.length));
      };
      peer.send(many.subarray(0, depth * one.length));
    }
  }
}
