/** One step of a dial: it is bounded in time, and the signal gives it up. */
import type { EventEmitter } from 'node:events';
import type { Call, DialStep } from '../dialer.js';
import { DialFailure } from './dial-failure.js';

/** What bounds a step. */
export type Bounds = Pick<Call, 'timeout' | 'signal'>;

/** How a step ends; the first end counts. */
export interface Attempt<T> {
  done(value: T): void;
  failed(message: string, cause?: unknown): void;
  /** Tells of an event for as long as the step takes. */
  on(emitter: EventEmitter, event: string, tell: (...args: never[]) => void): void;
}

/** The longest that node's timers can wait; a longer time would be over at once. */
const LONGEST = 2 ** 31 - 1;

/**
 * Takes a step. Rejects with a DialError that names it, or with the signal's reason. Where a step may take no more time, but has come
 * to something all the same, `late` says to what. Nothing of it is left once it has settled.
 */
export function within<T>(step: DialStep, { timeout, signal }: Bounds, begin: (attempt: Attempt<T>) => void, late?: () => T): Promise<T> {
  return new Promise((resolve, reject) => {
    const undo: (() => void)[] = [];
    const end = (): void => {
      clearTimeout(timer);
      for (const each of undo.splice(0)) each();
    };
    const fail = (error: unknown): void => {
      end();
      reject(error);
    };
    const attempt: Attempt<T> = {
      done(value) {
        end();
        resolve(value);
      },
      failed(message, cause) {
        fail(new DialFailure(step, message, { cause }));
      },
      on(emitter, event, tell) {
        const listener = tell as (...args: unknown[]) => void;
        emitter.on(event, listener);
        undo.push(() => emitter.off(event, listener));
      },
    };
    const timer = setTimeout(
      () => {
        if (late !== undefined) attempt.done(late());
        else fail(new DialFailure(step, `The step '${step}' took longer than ${timeout} ms`, { isTimeout: true }));
      },
      Math.min(timeout, LONGEST),
    );
    const giveUp = (): void => fail(signal.reason);
    if (signal.aborted) return giveUp();
    signal.addEventListener('abort', giveUp);
    undo.push(() => signal.removeEventListener('abort', giveUp));
    try {
      begin(attempt);
    } catch (error) {
      attempt.failed(`The step '${step}' could not begin: ${(error as Error).message}`, error);
    }
  });
}
