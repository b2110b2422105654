/** Whether something is a promise, of whichever realm or library. [GEN-4] */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    (typeof value === 'object' || typeof value === 'function') && value !== null && typeof (value as { then?: unknown }).then === 'function'
  );
}

/** Settles with it, failures told; `then` of a stranger's thenable need not return anything, nor do without a function. */
export function settled(value: PromiseLike<unknown>, failed: (error: unknown) => unknown): Promise<unknown> {
  return Promise.resolve(value).then(undefined, failed);
}
