/** Frames as bytes, right or wrong, for peers that write them by hand; and bytes taken apart again. */
import { Buffer } from 'node:buffer';

export interface FrameParts {
  readonly fin?: boolean;
  readonly rsv?: number;
  readonly opcode: number;
  readonly payload?: string | Uint8Array;
  /** Four bytes, or null for an unmasked frame; a client masks. */
  readonly mask?: Uint8Array | null;
  /** What the header says, if not the truth. */
  readonly length?: number | bigint;
  /** Bytes of header, without the mask: 2, 4 or 10, if not the fewest possible. */
  readonly headerSize?: 2 | 4 | 10;
}

export const OPCODES = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

const MASK = Buffer.from([0x37, 0xfa, 0x21, 0x3d]);

export function frame({ fin = true, rsv = 0, opcode, payload = '', mask = MASK, length, headerSize }: FrameParts): Buffer {
  const data = typeof payload === 'string' ? Buffer.from(payload) : Buffer.from(payload);
  const claimed = BigInt(length ?? data.length);
  const size = headerSize ?? (claimed < 126n ? 2 : claimed < 65536n ? 4 : 10);
  const header = Buffer.alloc(size);
  header[0] = (fin ? 0x80 : 0) | (rsv << 4) | opcode;
  header[1] = (mask === null ? 0 : 0x80) | (size === 2 ? Number(claimed) : size === 4 ? 126 : 127);
  if (size === 4) header.writeUInt16BE(Number(claimed), 2);
  if (size === 10) header.writeBigUInt64BE(BigInt.asUintN(64, claimed), 2);
  if (mask === null) return Buffer.concat([header, data]);
  return Buffer.concat([header, mask, data.map((byte, i) => byte ^ (mask[i % 4] as number))]);
}

/** A close frame's payload. */
export function closing(code: number, phrase: string | Uint8Array = ''): Buffer {
  return Buffer.concat([Buffer.from([code >> 8, code & 255]), Buffer.from(phrase as string)]);
}

export interface ParsedFrame {
  readonly fin: boolean;
  readonly rsv: number;
  readonly opcode: number;
  readonly masked: boolean;
  readonly payload: Buffer;
}

/** How many bytes the frame at that place takes, header and all; null while its header is not complete. */
export function sizeOf(bytes: Buffer, at: number): number | null {
  if (at + 2 > bytes.length) return null;
  const second = bytes[at + 1] as number;
  const short = second & 0x7f;
  const wide = short === 126 ? 2 : short === 127 ? 8 : 0;
  const header = 2 + wide + (second >= 0x80 ? 4 : 0);
  if (at + header > bytes.length) return null;
  return header + (wide === 0 ? short : wide === 2 ? bytes.readUInt16BE(at + 2) : Number(bytes.readBigUInt64BE(at + 2)));
}

/** The frame at that place and where the next one begins, without asking whether it is legal; null if it is not complete. */
export function parseOne(bytes: Buffer, at: number): { readonly parsed: ParsedFrame; readonly next: number } | null {
  const size = sizeOf(bytes, at);
  if (size === null || at + size > bytes.length) return null;
  const next = at + size;
  const [first, second] = [bytes[at] as number, bytes[at + 1] as number];
  const short = second & 0x7f;
  const key = at + 2 + (short === 126 ? 2 : short === 127 ? 8 : 0);
  const masked = second >= 0x80;
  const plain = bytes.subarray(key + (masked ? 4 : 0), next);
  const payload = masked ? Buffer.from(plain.map((byte, i) => byte ^ (bytes[key + (i & 3)] as number))) : plain;
  return { parsed: { fin: first >= 0x80, rsv: (first >> 4) & 7, opcode: first & 15, masked, payload }, next };
}

/** All of them; what is no complete frame is left out. */
export function parse(bytes: Buffer): ParsedFrame[] {
  const frames: ParsedFrame[] = [];
  for (let found = parseOne(bytes, 0); found !== null; found = parseOne(bytes, found.next)) frames.push(found.parsed);
  return frames;
}
