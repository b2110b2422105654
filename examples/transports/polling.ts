/** Polling: the client asks again and again, and is told at once, mostly that there is nothing. */
import type { Asked } from './asked.js';

export function poll(asked: Asked): void {
  asked.trial.source.wake();
  asked.answer(asked.waiting);
}
