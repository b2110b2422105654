/** Whether something is a promise, of whichever realm or library. [GEN-4] */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    (typeof value === 'object' || typeof value === 'function') && value !== null && typeof (value as { then?: unknown }).then === 'function'
  );
}

/** Where an answer has to come at once, a promise is none; nobody hears what it rejects with, and it must not end the process. [LIF-11] */
export function unheard(value: unknown): boolean {
  if (!isThenable(value)) return false;
  void settled(value, () => {});
  return true;
}

/** Settles with it, failures told; `then` of a stranger's thenable need not return anything, nor do without a function. */
export function settled(value: PromiseLike<unknown>, failed: (error: unknown) => unknown): Promise<unknown> {
  return Promise.resolve(value).then(undefined, failed);
}

/** Goes on with an answer: at once with one that is no promise, so that whoever answers at once costs nobody a turn. */
export function followed<T, R>(value: T | PromiseLike<T>, next: (value: T) => R | Promise<R>): R | Promise<R> {
  return isThenable(value) ? Promise.resolve(value as PromiseLike<T>).then(next) : next(value as T);
}
