/** What is not to run on the caller's stack, but before anything else happens. */
const settled = Promise.resolve();

/** As queueMicrotask does, which a test's fake clock stops, and the end of a session with it. */
export function soon(action: () => void): void {
  void settled.then(action);
}
