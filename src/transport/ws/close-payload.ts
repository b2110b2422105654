/** What a close frame carries: nothing, or a code and a phrase. */
import { isUtf8 } from 'node:buffer';

/** What the peer's close frame said, or how it was wrong. */
export type ClosePayload =
  | { readonly code: number; readonly phrase: string }
  | { readonly failure: 1002 | 1007; readonly sentence: string };

/** [CLO-6] The IANA codes 1012 to 1014 are welcome too. */
const isLegal = (code: number): boolean =>
  (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);

/** Reads a payload of any length but 1, which the header's check has refused. */
export function readClose(payload: Buffer): ClosePayload {
  if (payload.length === 0) return { code: 1005, phrase: '' }; // [CLO-5]
  const code = payload.readUInt16BE(0);
  if (!isLegal(code)) return { failure: 1002, sentence: `${code} is no code a close frame may carry` };
  const phrase = payload.subarray(2);
  if (!isUtf8(phrase)) return { failure: 1007, sentence: 'the phrase of a close frame must be UTF-8' };
  return { code, phrase: phrase.toString() };
}

/** The caller has looked at both; an undefined code makes an empty frame. [CLO-5] */
export function writeClose(code: number | undefined, phrase: string): Buffer {
  if (code === undefined) return Buffer.alloc(0);
  const payload = Buffer.allocUnsafe(2 + Buffer.byteLength(phrase));
  payload.writeUInt16BE(code, 0);
  payload.write(phrase, 2);
  return payload;
}
