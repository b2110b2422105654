/** Waits for work no longer than somebody wants it: what is waited for may be a hook that never settles. [CON-8, D-32] */

/** Settles as the work does; rejects with the signal's reason once that is aborted, and `late` gets what comes of the work all the same. */
export function unlessAborted<T>(signal: AbortSignal, work: Promise<T>, late: (result: T) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    let isGivenUp = false;
    const giveUp = (): void => {
      isGivenUp = true;
      reject(signal.reason);
    };
    const done = () => signal.removeEventListener('abort', giveUp); // the signal outlives all the connects of its container
    signal.addEventListener('abort', giveUp, { once: true });
    work.then(
      (result) => {
        done();
        if (isGivenUp)
          late(result); // one or the other: what is given is not dropped as well
        else resolve(result);
      },
      (error: unknown) => {
        done();
        reject(error);
      },
    );
  });
}
