/** What no other session is called. [SES-2] */

/** A UUID that cannot be guessed; flat in memory, where node's is joined of fourteen strings that stay until somebody asks for the whole. */
export function newSessionId(): string {
  return (crypto.randomUUID?.() ?? uuidOf(crypto.getRandomValues(new Uint8Array(16)))).toLowerCase();
}

/** For pages without TLS: there browsers have no randomUUID (RFC 9562, 5.4). */
function uuidOf(bytes: Uint8Array): string {
  bytes[6] = ((bytes[6] as number) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
