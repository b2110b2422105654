/** Fan-out: one sends, everybody gets it; the next is sent when all have got the one before `depth`. */
import { messageOf, reply, request } from './frames.js';
import type { Peer } from './peer.js';
import type { Field, Running } from './running.js';
import { Stream } from './stream.js';

const SIZE = 64;

/** Counts deliveries. */
export function fanOut({ load: { depth }, dialect, peers }: Field): Running {
  const text = messageOf(dialect, SIZE);
  const one = request(text);
  const stream = new Stream(reply(text));
  const [sender] = peers as readonly [Peer];
  let bytes = 0;
  let sent = depth;
  const running = { begin, count: 0 };
  return running;

  function begin(): void {
    for (const peer of peers) {
      peer.onBytes = (chunk, count) => {
        stream.check(chunk, 0, count, peer.position);
        if (peer.position + count > sent * stream.length) throw new Error('the server sends more than it was told');
        bytes += count;
        running.count = Math.floor(bytes / stream.length);
        const delivered = Math.floor(running.count / peers.length); // whole broadcasts, all receivers taken together
        for (; sent < delivered + depth; sent++) sender.send(one);
      };
    }
    for (let i = 0; i < depth; i++) sender.send(one);
  }
}
