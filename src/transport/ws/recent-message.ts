/** The message that was last to be compressed: to another socket in the same turn it is the same one, compressed and held once. [REL-10, REL-15] */
import type { Bytes } from '../spi.js';
import { viewOf } from './frame-writer.js';
import { PreparedMessage } from './prepared-message.js';
import { atTurnEnd } from './turn-buffer.js';

const recent = {
  isAsked: false,
  message: null as string | Bytes | null,
  prepared: null as PreparedMessage | null,

  /** What was sent in one turn is seldom sent in the next, and need not be kept for it. */
  turnEnds(): void {
    recent.isAsked = false;
    recent.message = null;
    recent.prepared = null;
  },
};

export function recentMessage(message: string | Bytes): PreparedMessage {
  const known = recent.prepared;
  if (known !== null && recent.message === message && isUnchanged(known, message)) return known;
  const prepared = new PreparedMessage(message);
  recent.message = message;
  recent.prepared = prepared;
  if (!recent.isAsked) {
    recent.isAsked = true;
    atTurnEnd(recent);
  }
  return prepared;
}

/** Text cannot change; bytes may be others by now. */
const isUnchanged = ({ payload }: PreparedMessage, message: string | Bytes): boolean =>
  typeof message === 'string' || payload.equals(viewOf(message));
