/** A room: some of its members send, everybody gets all; each sends again when its own message has come back. */
import { messageOf, reply, request } from './frames.js';
import type { Peer } from './peer.js';
import type { Field, Running } from './running.js';
import { Stream } from './stream.js';

const SIZE = 64;
const DIGITS = 4; // a text begins with its sender's number

/** Counts deliveries. */
export function room({ load: { depth: senders }, dialect, peers }: Field): Running {
  const messages = Array.from({ length: senders }, (_, i) => request(messageOf(dialect, SIZE, String(i).padStart(DIGITS, '0'))));
  const answer = reply(messageOf(dialect, SIZE));
  const stream = new Stream(answer);
  const digits = answer.length - SIZE - dialect.after.length; // where they begin in a frame
  let bytes = 0;
  const running = { begin, count: 0 };
  return running;

  function begin(): void {
    for (const [mine, peer] of peers.entries()) listen(peer, mine);
    for (const [i, message] of messages.entries()) peers[i]?.send(message);
  }

  function listen(peer: Peer, mine: number): void {
    let number = 0;
    peer.onBytes = (chunk, count) => {
      bytes += count;
      running.count = Math.floor(bytes / stream.length);
      // the digits may lie on both sides of a chunk's edge: they are read one by one
      for (let i = 0; i < count; ) {
        const inFrame = (peer.position + i) % stream.length;
        const digit = inFrame - digits;
        if (digit >= 0 && digit < DIGITS) {
          number = (digit === 0 ? 0 : number * 10) + ((chunk[i] as number) - 48);
          if (digit === DIGITS - 1) heard(number);
          i++;
        } else {
          const some = Math.min((digit < 0 ? digits : stream.length) - inFrame, count - i);
          stream.check(chunk, i, i + some, inFrame);
          i += some;
        }
      }
    };
    const heard = (sender: number): void => {
      const message = messages[sender];
      if (message === undefined) throw new Error('the server sends something else');
      if (sender === mine) peer.send(message);
    };
  }
}
