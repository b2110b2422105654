/** Between two sessions of an endpoint that comes back: the last one's remotes wait for the next, and keep messages for it. */
import type { CloseReason } from '../api/close-reason.js';
import type { IOException } from '../api/exceptions.js';
import type { Session } from '../api/session.js';
import type { Bytes } from '../api/tokens.js';
import type { MessageKind } from '../transport/spi.js';
import { copyOf } from './bytes.js';
import { reconnecting, sendClosed } from './failures.js';
import { utf8Length } from './weight.js';

/** Bytes: about what a message costs that is kept, beside its own. */
const REMEMBERED = 300;

/** Who makes the next session. */
export interface Comeback {
  /** The attempt that is waited for or under way, counted from 1 since a session was last open. */
  readonly attempt: number;
  /** Whether it is certain at once that nobody comes back from this. */
  rulesOut(reason: CloseReason): boolean;
  /** A session's @OnOpen has completed. */
  opened(): void;
  /** The last session that was open is over, its @OnClose too. */
  lost(session: Session, reason: CloseReason): void;
  /** Nobody comes back any more. */
  over(): void;
}

/** What the next session sends with. */
interface Outgoing {
  text(text: string, call: string, limit: number | null): Promise<void>;
  binary(data: Bytes, call: string, limit: number | null): Promise<void>;
  object(value: unknown, call: string, limit: number | null): Promise<void>;
}

/** A session that has come, as its predecessor's messages need it. */
export interface Successor {
  readonly session: Session;
  /** False once sends are refused. */
  readonly sending: boolean;
  readonly outbound: Outgoing;
}

/** A message, whole, that nothing has been done about yet. */
export interface Unsent {
  readonly kind: MessageKind | 'object';
  readonly message: unknown;
  /** As its send says; counted from when it is handed to the next session. */
  readonly limit: number | null;
}

interface Kept extends Unsent {
  readonly bytes: number;
  readonly resolve: (sent: Promise<void>) => void;
  readonly reject: (error: unknown) => void;
}

/** One for all sessions of a connect, which follow each other. */
export class Away {
  readonly #comeback: Comeback;
  /** Messages that may be kept. */
  readonly #queue: number;
  /** The latest whose @OnOpen has completed. */
  #last: Session | null = null;
  /** The one there is, from before its @OnOpen until its @OnClose has settled. */
  #current: Session | null = null;
  #isOver = false;
  #kept: Kept[] = [];
  /** Bytes: theirs, and what it costs to remember each; of an object only the latter is known before. */
  #bytes = 0;
  /** Who waits until it is known what becomes of the current session. */
  #waiting: (() => void)[] = [];

  constructor(comeback: Comeback, queue: number) {
    this.#comeback = comeback;
    this.#queue = queue;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Whether the remotes of a session that sends no more wait for the next one. */
  holds(session: Session): boolean {
    return session === this.#last && !this.#isOver;
  }

  /** Why the session sends nothing now; null: it never will again. */
  refusal(session: Session): IOException | null {
    return this.holds(session) ? reconnecting(session, this.#comeback.attempt) : null;
  }

  /** Settles as the send over the next session does. Null: it is not kept. @param cap bytes that may wait for a peer */
  keep(session: Session, unsent: Unsent, cap: number): Promise<void> | null {
    if (!this.holds(session) || this.#kept.length >= this.#queue) return null;
    if (this.#bytes >= cap) return null; // all at once they would make a slow peer of the next one [REL-10]
    const { kind, limit } = unsent;
    const message = kind === 'binary' ? copyOf(unsent.message as Bytes) : unsent.message; // the caller's may change [REM-5]
    const bytes = REMEMBERED + sizeOf(message);
    this.#bytes += bytes;
    return new Promise((resolve, reject) => {
      this.#kept.push({ kind, message, limit, bytes, resolve, reject });
    });
  }

  /** Settles once @OnOpen of the session there is has completed, or its @OnClose has settled. */
  decided(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#tell();
    });
  }

  /** Nobody comes back: what was kept fails. */
  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const kept = this.#kept;
    this.#kept = [];
    this.#bytes = 0;
    for (const { reject } of kept) reject(sendClosed(this.#last as Session, null));
    this.#comeback.over();
  }

  // What a connection tells.

  /** Its @OnOpen is about to run. */
  began(session: Session): void {
    this.#current = session;
    if (this.#isOver) void session.close(); // it was no longer wanted when it came
  }

  /** Its @OnOpen has completed: what was kept leaves before anything that it sends from now on. */
  opened(next: Successor): void {
    if (this.#isOver) return;
    this.#last = next.session;
    this.#comeback.opened();
    this.#tell();
    this.#release(next);
  }

  /** It has left `open`. */
  left(session: Session, reason: CloseReason): void {
    if (session === this.#last && this.#comeback.rulesOut(reason)) this.end();
  }

  /** Its @OnClose has settled. */
  ended(session: Session, reason: CloseReason): void {
    this.#current = null; // none comes before it has ended
    this.#tell();
    if (this.holds(session)) this.#comeback.lost(session, reason);
  }

  /**
   * The application has closed one of them: the one that is there, or one before it, for whoever connected may hold no other.
   * Settles when the close frame of the one that is there has left; undefined: it is the one that was closed, or there is none.
   */
  closed(session: Session, reason: CloseReason | undefined): Promise<void> | undefined {
    if (this.#isOver) return undefined;
    if (session !== this.#current && this.#current !== null) return this.#current.close(reason); // which brings it here
    this.end();
    return undefined;
  }

  /** What the session does not take any more, because it ends meanwhile, stays. */
  #release(next: Successor): void {
    const kept = this.#kept;
    let handed = 0;
    for (const each of kept) {
      if (!next.sending) break;
      handed++;
      this.#bytes -= each.bytes;
      hand(each, next.outbound);
    }
    if (!this.#isOver) this.#kept = kept.slice(handed);
  }

  #tell(): void {
    if (this.#current !== null && this.#current !== this.#last) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const tell of waiting) tell();
  }
}

/** An object goes through the encoders of the session that takes it. */
function hand({ kind, message, limit, resolve, reject }: Kept, outbound: Outgoing): void {
  try {
    if (kind === 'text') resolve(outbound.text(message as string, 'sendText(text)', limit));
    else if (kind === 'binary') resolve(outbound.binary(message as Bytes, 'sendBinary(data)', limit));
    else resolve(outbound.object(message, 'sendObject(data)', limit));
  } catch (error) {
    reject(error); // @OnOpen has left a message unended, say
  }
}

function sizeOf(message: unknown): number {
  if (typeof message === 'string') return utf8Length(message);
  return message instanceof ArrayBuffer ? message.byteLength : 0;
}
