/** What a session takes in: sizes of messages, and how each kind is to be read. */
import type { Intake } from '../transport/spi.js';
import type { MessageHandler } from './plan.js';

/** Nobody takes it: read, checked and thrown away. [LIF-9] */
export const SKIP: Intake = Object.freeze({ mode: 'skip', limit: Number.POSITIVE_INFINITY });
/** Somebody may take it yet. */
export const WAIT: Intake = Object.freeze({ mode: 'wait', limit: Number.POSITIVE_INFINITY });
const PARTS: Intake = Object.freeze({ mode: 'parts', limit: Number.POSITIVE_INFINITY });

const shared = new Map<number, Intake>();
const SHARED_AT_MOST = 256; // sizes come from the application; most have one or two

/** How a handler's messages are to be read, given the session's buffer size for their type. [ANN-15, SES-16, SES-28] */
export function intakeOf(handler: MessageHandler, bufferSize: number): Intake {
  if (handler.partial) return PARTS;
  const limit = handler.maxMessageSize < 0 ? bufferSize : Math.min(handler.maxMessageSize, bufferSize);
  const known = shared.get(limit);
  if (known !== undefined) return known;
  const made: Intake = Object.freeze({ mode: 'whole', limit });
  if (shared.size < SHARED_AT_MOST) shared.set(limit, made);
  return made;
}

/** A maxMessageSize above the session's buffer size raises it. [ANN-15] */
export function raised(bufferSize: number, handler: MessageHandler | null): number {
  return handler === null || handler.partial ? bufferSize : Math.max(bufferSize, handler.maxMessageSize);
}
