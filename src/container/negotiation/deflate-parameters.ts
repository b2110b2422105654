/** The parameters of permessage-deflate, and what may stand behind them (RFC 7692, 7.1). */

/** The four, in the order of a response. */
export const SERVER_FORGETS = 'server_no_context_takeover';
export const SERVER_BITS = 'server_max_window_bits';
export const CLIENT_FORGETS = 'client_no_context_takeover';
export const CLIENT_BITS = 'client_max_window_bits';

/** zlib's raw deflate has no window of 8 bits. */
export const FEWEST = 9;
export const MOST = 15;

/** A window, as a parameter says it: from 8 to 15, without a leading zero. */
export function isBits(value: string | null): value is string {
  return value !== null && /^(?:[89]|1[0-5])$/.test(value);
}
