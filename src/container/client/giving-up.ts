/** Waits for work no longer than somebody wants it: what is waited for may be a hook that never settles. [CON-8, D-32] */

/** Settles as the work does; rejects with the signal's reason once that is aborted, and `late` gets what comes of the work all the same. */
export async function unlessAborted<T>(signal: AbortSignal, work: Promise<T>, late: (result: T) => void): Promise<T> {
  let stop = () => {};
  const aborted = new Promise<never>((_, reject) => {
    stop = () => {
      work.then(late, () => {});
      reject(signal.reason);
    };
    signal.addEventListener('abort', stop);
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', stop); // the signal outlives all the connects of its container
  }
}
