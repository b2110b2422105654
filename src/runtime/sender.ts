/** Whose messages they are, as everything that sends sees it. */
import type { CloseReason } from '../api/close-reason.js';
import type { Encoder } from '../api/codec.js';
import type { IOException } from '../api/exceptions.js';
import type { Logger } from '../api/logger.js';
import type { Session } from '../api/session.js';
import type { Away } from './away.js';
import { sendClosed } from './failures.js';
import type { Owning } from './own-times.js';
import type { EncoderPlan, Owner, Settings } from './plan.js';

export interface Sender extends Owning {
  readonly session: Session;
  /** False once sends are refused. */
  readonly sending: boolean;
  /** Why it closes, as far as it is known. */
  readonly reason: CloseReason | null;
  readonly logger: Logger;
  readonly settings: Pick<Settings, 'highWaterMark' | 'strict' | 'blockingSendTimeout' | 'slowPeer'>;
  readonly opening: {
    readonly plan: { readonly encoders: readonly EncoderPlan[] };
    readonly encoders: readonly Encoder[];
    readonly owner: Pick<Owner, 'slowPeer'>;
    readonly away: Away | null;
  };
  /** One line, under that name: id, path, state. */
  spelled(name: string): string;
  /** A send of the Async remote took longer than it may: the connection goes. [REM-12] */
  sendExpired(error: Error): void;
  /** The peer took nothing while a send of the Basic remote waited: the session closes. [REM-10] */
  sendStalled(error: Error): void;
  /** The peer does not take what waits for it: that is given up, and the session closes. [REL-10] */
  tooSlow(error: IOException): void;
  /** A message has begun and cannot be completed: nothing more can be sent in this session. [REM-9] */
  messageBroken(error: Error): void;
}

/** What a send fails with once sends are refused. [REM-3] */
export const refusalOf = ({ opening, session, reason }: Sender): IOException =>
  opening.away?.refusal(session) ?? sendClosed(session, reason);
