/** `Sec-WebSocket-Key`, and the answer that proves it was read. */
import { hash } from 'node:crypto';

/** Appended to every key before it is hashed (RFC 6455, 1.3). */
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** Whether this is base64 of 16 bytes: 24 characters [HS-1 row 6]. The four bits beyond the last byte may be anything. */
export function isKey(text: string): boolean {
  return text.length === 24 && /^[A-Za-z0-9+/]{22}==$/.test(text);
}

/** The `Sec-WebSocket-Accept` of a key [HS-6, HS-16]. */
export function acceptOf(key: string): string {
  return hash('sha1', key + GUID, 'base64');
}
