/** Comes back when a connection is lost: whether, when, and how often. One for each connect that asks for it. */
import type { CloseReason } from '../../api/close-reason.js';
import type { ConnectOptions } from '../../api/connect-options.js';
import type { Logger } from '../../api/logger.js';
import type { Session } from '../../api/session.js';
import type { Handled } from '../../api/tokens.js';
import { Away, type Comeback } from '../../runtime/away.js';
import { after, type Timer } from '../../runtime/timer.js';

/** What `ReconnectOptions` come to. Times are ms. */
export interface ReconnectTerms {
  readonly minDelay: number;
  readonly maxDelay: number;
  readonly attempts: number;
  readonly stopOn: readonly number[];
  readonly decide: ((reason: CloseReason, attempt: number) => Handled<boolean>) | null;
  readonly queue: number;
}

export const RECONNECT: ReconnectTerms = Object.freeze({
  minDelay: 1000,
  maxDelay: 30_000,
  attempts: Number.POSITIVE_INFINITY,
  stopOn: Object.freeze([1000, 1002, 1003, 1007, 1008, 1009, 1010]),
  decide: null,
  queue: 0,
});

/** null: nobody comes back. */
export function reconnectTerms(option: ConnectOptions['reconnect']): ReconnectTerms | null {
  if (option === undefined || option === false) return null;
  const given = option === true ? {} : option;
  return {
    minDelay: given.minDelay ?? RECONNECT.minDelay,
    maxDelay: given.maxDelay ?? RECONNECT.maxDelay,
    attempts: given.attempts ?? RECONNECT.attempts,
    stopOn: given.stopOn ?? RECONNECT.stopOn,
    decide: given.decide ?? RECONNECT.decide,
    queue: given.queue ?? RECONNECT.queue,
  };
}

/** What a reconnection works with. */
export interface Means {
  readonly terms: ReconnectTerms;
  /** Connects once more; settles as `connectToServer`. The signal: nobody wants it any more. */
  dial(signal: AbortSignal): Promise<Session>;
  /** The container closes. */
  readonly signal: AbortSignal;
  /** Nobody comes back any more: the signal is not listened to. */
  done(): void;
  readonly logger: Logger;
  /** Where to, for people. */
  readonly uri: string;
  /** From 0 to 1. */
  readonly random: () => number;
}

/** The session that was lost. */
interface Lost {
  readonly id: string;
  readonly reason: CloseReason;
}

export class Reconnection implements Comeback {
  /** For each session, so that it knows who follows it. */
  readonly away: Away;
  readonly #means: Means;
  readonly #abort = new AbortController();
  /** Attempts in a row that have come to nothing. */
  #failed = 0;
  /** Sessions that have opened, the first included. */
  #opened = 0;
  /** Null while a session is open. */
  #lost: Lost | null = null;
  #isAtWork = false;
  #timer: Timer | undefined;
  #wake: () => void = () => {};

  constructor(means: Means) {
    this.#means = means;
    this.away = new Away(this, means.terms.queue);
  }

  get attempt(): number {
    return this.#failed + 1;
  }

  rulesOut(reason: CloseReason): boolean {
    const { decide, stopOn } = this.#means.terms;
    return decide === null && stopOn.includes(codeOf(reason));
  }

  opened(): void {
    const { signal } = this.#means;
    if (this.#opened === 0) signal.addEventListener('abort', this.#stop);
    else this.#log('info', 'has come back', {});
    this.#opened++;
    this.#failed = 0;
    this.#lost = null;
    if (signal.aborted) this.#stop();
  }

  lost(session: Session, reason: CloseReason): void {
    this.#lost = { id: session.getId(), reason };
    if (!this.#isAtWork) void this.#work();
  }

  over(): void {
    this.#means.signal.removeEventListener('abort', this.#stop);
    this.#means.done();
    clearTimeout(this.#timer);
    this.#wake();
    this.#abort.abort();
  }

  readonly #stop = (): void => this.away.end();

  async #work(): Promise<void> {
    this.#isAtWork = true;
    while (this.#lost !== null && !this.away.isOver) await this.#try(this.#lost);
    this.#isAtWork = false;
  }

  /** One attempt, if there is one left and it is wanted. Sessions of one object never overlap: the one before has ended. */
  async #try({ reason }: Lost): Promise<void> {
    const { attempts } = this.#means.terms;
    if (this.attempt > attempts) return this.#giveUp('warn', `gives up after ${attempts} attempts`);
    const isWanted = await this.#wants(reason);
    if (this.away.isOver) return;
    if (!isWanted) return this.#giveUp('info', 'does not come back');
    await this.#pause();
    if (this.away.isOver) return;
    const before = this.#opened;
    const failure = await this.#dial();
    await this.away.decided();
    if (this.away.isOver || this.#opened > before) return;
    this.#log('info', 'could not come back yet', { err: failure });
    this.#failed++;
  }

  async #wants(reason: CloseReason): Promise<boolean> {
    const { decide, stopOn } = this.#means.terms;
    if (decide === null) return !stopOn.includes(codeOf(reason));
    try {
      return (await decide(reason, this.attempt)) === true;
    } catch (err) {
      this.#means.logger.error({ code: 'MARGAY_HOOK_FAILED', uri: this.#means.uri, err }, 'reconnect.decide failed, which means no');
      return false;
    }
  }

  /** Full jitter, so that the clients of a server that was away do not all come at the same moment. The timer keeps the process alive. */
  #pause(): Promise<void> {
    const { terms, random } = this.#means;
    const most = Math.min(terms.maxDelay, terms.minDelay * 2 ** this.#failed);
    return new Promise((resolve) => {
      this.#wake = resolve;
      this.#timer = after(random() * most, resolve);
    });
  }

  /** What it failed with; undefined: a session has come, which may have gone again. */
  async #dial(): Promise<unknown> {
    try {
      await this.#means.dial(this.#abort.signal);
      return undefined;
    } catch (error) {
      return error;
    }
  }

  #giveUp(level: 'info' | 'warn', words: string): void {
    this.#log(level, words, {});
    this.away.end();
  }

  #log(level: 'info' | 'warn', words: string, more: { readonly err?: unknown }): void {
    const { id, reason } = this.#lost as Lost;
    const { logger, uri } = this.#means;
    const fields = { code: 'MARGAY_RECONNECT', session: id, uri, attempt: this.attempt, reason: String(reason), ...more };
    logger[level](fields, `session ${id} ended with ${String(reason)}; ${uri} ${words}`);
  }
}

const codeOf = (reason: CloseReason): number => reason.getCloseCode().getCode();
