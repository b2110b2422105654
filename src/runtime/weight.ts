/** What a message that waits counts in the backlog: the bytes of its payload. [LIF-8] */
import { ReceivedPong } from './pong.js';

export function weightOf(event: unknown): number {
  if (typeof event === 'string') return utf8Length(event);
  if (event instanceof ReceivedPong) return event.getApplicationData().length;
  return (event as Partial<Uint8Array>).length ?? 0; // a stream, which grows
}

/** The UTF-8 bytes of well-formed text. */
export function utf8Length(text: string): number {
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) continue;
    bytes += unit < 0x800 || (unit >= 0xd800 && unit <= 0xdfff) ? 1 : 2; // a pair is four bytes
  }
  return bytes;
}
