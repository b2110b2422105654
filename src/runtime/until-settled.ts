/** A stream lives as long as the call it is given to. [ANN-18] */
import type { MessageHandler } from './plan.js';
import type { Incoming } from './streams.js';
import { isThenable } from './thenable.js';

/** The handler, for that one message: its stream is destroyed, read or not, when the call has settled. `begins` when it is made. */
export function untilSettled(handler: MessageHandler, { stream }: Incoming, begins: () => void): MessageHandler {
  return {
    ...handler,
    invoke: (endpoint, view, event, last) => {
      begins();
      let result: unknown;
      try {
        result = handler.invoke(endpoint, view, event, last);
      } catch (error) {
        stream.destroy();
        throw error;
      }
      if (isThenable(result)) return Promise.resolve(result).finally(() => stream.destroy());
      stream.destroy();
      return result;
    },
  };
}
