/** Waits for work no longer than somebody wants it: what is waited for may be a hook that never settles. [CON-8, D-32] */
import { after, type Timer } from '../../runtime/timer.js';

/**
 * Settles as the work does; rejects with the signal's reason if that is aborted before, or has been: then `late` gets what comes of
 * the work all the same.
 */
export function unlessAborted<T>(signal: AbortSignal, work: Promise<T>, late: (result: T) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      work.then(late, () => {});
      reject(signal.reason);
    };
    if (signal.aborted) return stop();
    const heard = () => signal.removeEventListener('abort', stop); // at once: what has come is not late
    signal.addEventListener('abort', stop, { once: true });
    work.then(
      (result) => {
        heard();
        resolve(result);
      },
      (error) => {
        heard();
        reject(error);
      },
    );
  });
}

/** Resolves when the work has settled, whatever came of it, after `ms`, or once the signal is aborted. */
export async function briefly(signal: AbortSignal, work: Promise<unknown>, ms: number): Promise<void> {
  let timer: Timer | undefined;
  const over = new Promise<void>((resolve) => {
    timer = after(ms, resolve);
  });
  await unlessAborted(signal, Promise.race([work, over]), ignored).catch(ignored);
  clearTimeout(timer);
}

function ignored(): void {}
