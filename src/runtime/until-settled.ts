/** A stream lives as long as the call it was given to. [ANN-18] */
import type { Invoke } from './plan.js';
import { isThenable } from './thenable.js';

/** Calls with a stream as the event, and destroys it, read or not, when the call has settled. */
export function untilSettled(invoke: Invoke): Invoke {
  return (endpoint, view, event, last) => {
    const stream = event as { destroy(): void };
    let result: unknown;
    try {
      result = invoke(endpoint, view, event, last);
    } catch (error) {
      stream.destroy();
      throw error;
    }
    if (isThenable(result)) return Promise.resolve(result).finally(() => stream.destroy());
    stream.destroy();
    return result;
  };
}
