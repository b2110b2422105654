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
