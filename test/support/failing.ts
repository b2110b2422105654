/** The two ways in which a callback can fail. */
export type Way = 'throws' | 'rejects';

export const WAYS: readonly Way[] = ['throws', 'rejects'];

/** Fails that way; the rejection comes later than the call. */
export function fail(way: Way, error: unknown): Promise<never> {
  if (way === 'throws') throw error;
  return new Promise((_resolve, reject) => setImmediate(reject, error));
}
