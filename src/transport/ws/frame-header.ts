/** The first bytes of a frame: what they say, how they are written, and the rules they can break. [CLO-15] */
import type { MessageKind } from '../spi.js';

export const CONTINUATION = 0x0;
export const TEXT = 0x1;
export const BINARY = 0x2;
export const CLOSE = 0x8;
export const PING = 0x9;
export const PONG = 0xa;

export const FIN = 0x80;
/** The first frame of a compressed message. */
export const RSV1 = 0x40;
export const MASKED = 0x80;
/** No header is longer: 2 bytes, 8 of length, 4 of key. */
export const LONGEST_HEADER = 14;

export const opcodeOf = (kind: MessageKind): number => (kind === 'text' ? TEXT : BINARY);

/** The rule that the first two bytes break, or null. */
export function violation(first: number, second: number, isServer: boolean, deflates: boolean, inMessage: boolean): string | null {
  const opcode = first & 0x0f;
  if ((first & 0x30) !== 0) return 'RSV2 and RSV3 must be 0: no extension that uses them was agreed on';
  if ((first & RSV1) !== 0) {
    if (!deflates) return 'RSV1 must be 0: no extension that uses it was agreed on';
    if (opcode !== TEXT && opcode !== BINARY) return 'RSV1 may be set on the first frame of a data message only';
  }
  if (opcode >= CLOSE) {
    if (opcode > PONG) return `opcode ${opcode} is reserved`;
    if ((first & FIN) === 0) return 'a control frame must not be fragmented';
    const length = second & 0x7f;
    if (length > 125) return 'a control frame carries at most 125 bytes';
    if (opcode === CLOSE && length === 1) return 'a close frame is empty or carries at least the 2 bytes of a code';
  } else if (opcode > BINARY) {
    return `opcode ${opcode} is reserved`;
  } else if (opcode === CONTINUATION) {
    if (!inMessage) return 'a continuation frame needs a message to continue';
  } else if (inMessage) {
    return 'a new message must not begin before the last one has ended';
  }
  if ((second & MASKED) !== 0) return isServer ? null : 'a server must not mask its frames';
  return isServer ? 'a client must mask its frames' : null;
}

/** Bytes of the header, read off its second byte. */
export function headerSize(second: number): number {
  const length = second & 0x7f;
  return (length === 127 ? 10 : length === 126 ? 4 : 2) + ((second & MASKED) === 0 ? 0 : 4);
}

/** Whether the top bit of a 64-bit length is set; three bytes tell. */
export const isTooLong = (header: Buffer, at: number): boolean =>
  ((header[at + 1] as number) & 0x7f) === 127 && (header[at + 2] as number) >= 0x80;

/** The payload's length. */
export function payloadLength(header: Buffer, at: number): number {
  const length = (header[at + 1] as number) & 0x7f;
  if (length < 126) return length;
  if (length === 126) return header.readUInt16BE(at + 2);
  return header.readUInt32BE(at + 2) * 2 ** 32 + header.readUInt32BE(at + 6);
}

/** Bytes of an unmasked header in front of that many of payload. */
export const plainHeaderSize = (length: number): number => (length < 126 ? 2 : length < 65536 ? 4 : 10);

/** Writes a header without its key; answers where it ends. */
export function writeHeader(bytes: Buffer, at: number, first: number, length: number, maskBit: number): number {
  bytes[at] = first;
  if (length < 126) {
    bytes[at + 1] = maskBit | length;
    return at + 2;
  }
  if (length < 65536) {
    bytes[at + 1] = maskBit | 126;
    bytes[at + 2] = length >>> 8;
    bytes[at + 3] = length & 0xff;
    return at + 4;
  }
  bytes[at + 1] = maskBit | 127;
  bytes.writeUInt32BE(Math.floor(length / 2 ** 32), at + 2);
  bytes.writeUInt32BE(length % 2 ** 32, at + 6);
  return at + 10;
}
