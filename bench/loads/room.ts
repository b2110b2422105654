/** A room: some of its members send, everybody gets all; each sends again when its own message has come back. */
import type { Load } from '../load.js';
import { reply, request, textOf } from './frames.js';
import { closeAll, openAll } from './peer.js';

const SIZE = 64;
const DIGITS = 4; // a message begins with its sender's number

/** Deliveries a second. */
export async function room({ port, ms, members, senders }: Extract<Load, { kind: 'room' }>): Promise<number> {
  const peers = await openAll(port, members);
  const messages = Array.from({ length: senders }, (_, i) => request(textOf(SIZE, String(i).padStart(DIGITS, '0'))));
  const answer = reply(textOf(SIZE));
  const at = answer.length - SIZE;
  let bytes = 0;
  for (const [mine, peer] of peers.entries()) {
    if (mine >= senders) {
      peer.onBytes = (_chunk, count) => {
        bytes += count;
      };
      continue;
    }
    let position = 0; // in the stream of answers, all of which are equally long
    let number = 0;
    peer.onBytes = (chunk, count) => {
      bytes += count;
      // the sender's digits may lie on both sides of a chunk's edge: they are read one by one
      let i = 0;
      while (i < count) {
        const inFrame = position % answer.length;
        if (inFrame < at) {
          const skip = Math.min(at - inFrame, count - i);
          i += skip;
          position += skip;
        } else if (inFrame < at + DIGITS) {
          number = (inFrame === at ? 0 : number * 10) + ((chunk[i] as number) - 48);
          if (inFrame === at + DIGITS - 1 && number === mine) peer.send(messages[mine] as Buffer);
          i++;
          position++;
        } else {
          const skip = Math.min(answer.length - inFrame, count - i);
          i += skip;
          position += skip;
        }
      }
    };
  }
  const start = performance.now();
  for (const [i, message] of messages.entries()) peers[i]?.send(message);
  await new Promise((resolve) => setTimeout(resolve, ms));
  const rate = (bytes / answer.length / (performance.now() - start)) * 1000;
  await closeAll(peers);
  return rate;
}
