/** Whose messages they are, as everything that sends sees it. */
import type { CloseReason } from '../api/close-reason.js';
import type { Encoder } from '../api/codec.js';
import type { Logger } from '../api/logger.js';
import type { Session } from '../api/session.js';
import type { EncoderPlan } from './plan.js';

export interface Sender {
  readonly session: Session;
  /** False once sends are refused. */
  readonly sending: boolean;
  /** Why it closes, as far as it is known. */
  readonly reason: CloseReason | null;
  readonly logger: Logger;
  readonly settings: { readonly highWaterMark: number; readonly strict: boolean; readonly blockingSendTimeout: number };
  readonly opening: { readonly plan: { readonly encoders: readonly EncoderPlan[] }; readonly encoders: readonly Encoder[] };
  /** One line, under that name: id, path, state. */
  spelled(name: string): string;
  /** A send of the Async remote took longer than it may: the connection goes. [REM-12] */
  sendExpired(error: Error): void;
  /** The peer took nothing while a send of the Basic remote waited: the session closes. [REM-10] */
  sendStalled(error: Error): void;
  /** A message has begun and cannot be completed: nothing more can be sent in this session. [REM-9] */
  messageBroken(error: Error): void;
}
