/** Ties a session to the identity it was opened under: it ends when that does. [HS-11, EXT-11] */
import { CloseReason } from '../../api/close-reason.js';
import type { Session } from '../../api/session.js';
import type { Principal } from '../../api/tokens.js';
import type { Registry } from '../../runtime/plan.js';
import { soon } from '../../runtime/soon.js';
import { isThenable, settled, unheard } from '../../runtime/thenable.js';
import { after, type Timer } from '../../runtime/timer.js';
import { spell } from '../options/spelling.js';
import type { Identity, IdentityHooks } from './identity.js';

const SESSION_ENDED = 'This connection was opened under an authenticated HTTP session that has ended.';
const EXPIRED = 'The authenticated identity of this connection has expired.';

/** ms; the system's clock may be set, or stand still while the machine sleeps, and node's timers do not notice. */
const LOOK_AGAIN = 60_000;

/** What the tie is made of. */
export interface Ties {
  readonly identity: Pick<Identity, 'principal' | 'httpSession'>;
  /** Its endpoint is for certain roles. */
  readonly isProtected: boolean;
  readonly onSessionEnd: IdentityHooks['onSessionEnd'];
  /** An unsubscribing function threw or rejected, or the principal threw when it was asked how long it lives. */
  failed(error: unknown): void;
}

/** A registry for one session: while the session is in it, the identity is watched. */
export class IdentityBond implements Registry {
  readonly #sessions: Registry;
  readonly #failed: Ties['failed'];
  /** null: its end does not matter. */
  readonly #expiring: Principal | null;
  #session: Session | null = null;
  #unsubscribe: (() => void) | null = null;
  #timer: Timer | undefined;
  /** What to say at the end, once it has come. */
  #over: string | null = null;

  /**
   * The registry to give to a connection. The identity that expires matters to a protected endpoint alone; the HTTP session
   * to every session that has a principal, too.
   * @throws whatever `onSessionEnd` throws, and Error if it, or the HTTP session, does not do
   */
  static between(sessions: Registry, ties: Ties): IdentityBond | null {
    const { principal, httpSession } = ties.identity;
    if (principal === null) return null;
    const subscribes = httpSession !== null && ties.onSessionEnd !== undefined;
    const expires = ties.isProtected && principal.expires != null;
    if (!subscribes && !expires) return null;
    const bond = new IdentityBond(sessions, ties.failed, expires ? principal : null);
    if (subscribes) bond.#subscribe(ties);
    return bond;
  }

  /** Lives as long as the session: the identity, which knows node's request, is not kept. */
  private constructor(sessions: Registry, failed: Ties['failed'], expiring: Principal | null) {
    this.#sessions = sessions;
    this.#failed = failed;
    this.#expiring = expiring;
  }

  add(session: Session): void {
    this.#sessions.add(session);
    this.#session = session;
    if (this.#over !== null)
      soon(() => this.#close()); // @OnOpen has its turn first
    else if (this.#expiring !== null) this.#look();
  }

  delete(session: Session): void {
    this.#sessions.delete(session);
    this.release();
  }

  sessions(): Set<Session> {
    return this.#sessions.sessions();
  }

  /** The session has left `open`, or has never come. */
  release(): void {
    clearTimeout(this.#timer);
    const unsubscribe = this.#unsubscribe;
    this.#unsubscribe = null;
    try {
      const done: unknown = unsubscribe?.();
      if (isThenable(done)) void settled(done, this.#failed);
    } catch (error) {
      this.#failed(error);
    }
  }

  #subscribe({ identity, onSessionEnd }: Ties): void {
    const id = identity.httpSession?.id;
    if (typeof id !== 'string' || id === '')
      throw new Error(`httpSession returned a session whose id is ${spell(id)}; onSessionEnd needs one`);
    const unsubscribe: unknown = onSessionEnd?.(id, () => this.#end(SESSION_ENDED));
    unheard(unsubscribe);
    if (typeof unsubscribe !== 'function')
      throw new Error(`onSessionEnd returned ${spell(unsubscribe)}; return a function that unsubscribes`);
    this.#unsubscribe = unsubscribe as () => void;
  }

  /** Asks the principal each time, since one that is used may live longer. */
  #look(): void {
    const left = this.#left();
    if (left > 0) this.#timer = after(Math.min(left, LOOK_AGAIN), () => this.#look());
    else this.#end(EXPIRED);
  }

  /** ms; what is no date any more has ended: a timer has nobody above it who would catch what it throws. [LIF-11] */
  #left(): number {
    try {
      const expires = this.#expiring?.expires;
      return expires == null ? Infinity : expires.getTime() - Date.now();
    } catch (error) {
      this.#failed(error);
      return 0;
    }
  }

  #end(phrase: string): void {
    if (this.#over !== null) return;
    this.#over = phrase;
    this.#close();
  }

  /** At once, with the same reason on both sides; nothing happens to a session that is closing already. */
  #close(): void {
    void this.#session?.close(new CloseReason(CloseReason.CloseCodes.VIOLATED_POLICY, this.#over));
  }
}
