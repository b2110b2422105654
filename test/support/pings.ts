/** A peer that answers pings, as every client does by itself and the raw one does not. */
import { OPCODES } from './frames.js';
import type { RawPeer, Sendable } from './raw-peer.js';

export interface Answers {
  /** Which pings are answered; the first is 1. */
  readonly which?: (count: number) => boolean;
  /** What leaves in the same packet, behind an answer. */
  readonly behind?: () => readonly Sendable[];
  readonly rsv?: number;
}

/** What the pings so far carried. */
export const pingsOf = (peer: RawPeer): string[] =>
  peer.frames.filter(({ opcode }) => opcode === OPCODES.ping).map(({ payload }) => payload.toString('hex'));

/** Answers the pings that come from now on. */
export function answerPings(peer: RawPeer, { which = () => true, behind = () => [], rsv = 0 }: Answers = {}): void {
  let seen = 0;
  peer.socket.on('data', () => {
    const pings = peer.frames.filter(({ opcode }) => opcode === OPCODES.ping);
    for (const { payload } of pings.slice(seen)) {
      seen++;
      if (which(seen) && peer.socket.writable) peer.send({ opcode: OPCODES.pong, rsv, payload }, ...behind());
    }
  });
}
