/** Long polling: the answer waits until there is something to tell; the client asks again as soon as it has it. */
import type { Asked } from './asked.js';

/** ms; proxies give up on what takes a minute. */
const LONGEST = 25_000;

export function longPoll(asked: Asked): void {
  const { source } = asked.trial;
  source.wake();
  const waiting = asked.waiting;
  if (waiting.length > 0 || asked.after === null) return asked.answer(waiting);
  const silence = source.listen((message) => {
    stop();
    asked.answer([message]);
  });
  const timer = setTimeout(() => {
    stop();
    asked.answer([]);
  }, LONGEST).unref();
  const stop = (): void => {
    clearTimeout(timer);
    silence();
  };
  asked.response.once('close', stop); // also when the client has gone
}
