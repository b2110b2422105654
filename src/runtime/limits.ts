/** What a session takes in: sizes of messages, and how each kind is to be read. */
import type { Intake } from '../transport/spi.js';
import type { MessageHandler } from './plan.js';

/** Nobody takes it: read, checked and thrown away. [LIF-9] */
export const SKIP: Intake = Object.freeze({ mode: 'skip', limit: Number.POSITIVE_INFINITY });
/** Somebody may take it yet. */
export const WAIT: Intake = Object.freeze({ mode: 'wait', limit: Number.POSITIVE_INFINITY });
const PARTS: Intake = Object.freeze({ mode: 'parts', limit: Number.POSITIVE_INFINITY });

const shared = { whole: new Map<number, Intake>(), parts: new Map<number, Intake>([[Number.POSITIVE_INFINITY, PARTS]]) };
const SHARED_AT_MOST = 256; // sizes come from the application; most have one or two

/** How a handler's messages are to be read, given the session's buffer size for their type. [ANN-15, SES-16, SES-28] */
export function intakeOf(handler: MessageHandler, bufferSize: number): Intake {
  if (handler.form === 'parts') return PARTS;
  const own = handler.maxMessageSize < 0 ? Number.POSITIVE_INFINITY : handler.maxMessageSize;
  return handler.form === 'stream' ? known('parts', own) : known('whole', Math.min(own, bufferSize));
}

function known(mode: 'whole' | 'parts', limit: number): Intake {
  const found = shared[mode].get(limit);
  if (found !== undefined) return found;
  const made: Intake = Object.freeze({ mode, limit });
  if (shared[mode].size < SHARED_AT_MOST) shared[mode].set(limit, made);
  return made;
}

/** A maxMessageSize above the session's buffer size raises it. [ANN-15] */
export function raised(bufferSize: number, handler: MessageHandler | null): number {
  return handler?.form !== 'whole' ? bufferSize : Math.max(bufferSize, handler.maxMessageSize);
}
