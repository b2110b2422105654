/** Frames as an attacker writes them: masked as they should be, the rest right or wrong. */
import { constants, deflateRawSync } from 'node:zlib';

const MASK = Buffer.from([0x12, 0xc4, 0x5e, 0x9b]);

export interface Shape {
  readonly fin?: boolean;
  /** Its three bits as a number: 4 is RSV1. */
  readonly rsv?: number;
  readonly masked?: boolean;
  /** What the header claims, if not the truth. */
  readonly claims?: bigint;
}

export function frame(opcode: number, payload: string | Buffer = '', { fin = true, rsv = 0, masked = true, claims }: Shape = {}): Buffer {
  const bytes = Buffer.from(payload as string);
  const length = claims ?? BigInt(bytes.length);
  const extended = length < 126n ? 0 : length < 65_536n ? 2 : 8;
  const head = Buffer.alloc(2 + extended);
  head[0] = (fin ? 128 : 0) | (rsv << 4) | opcode;
  head[1] = (masked ? 128 : 0) | (extended === 0 ? Number(length) : extended === 2 ? 126 : 127);
  if (extended === 2) head.writeUInt16BE(Number(length), 2);
  if (extended === 8) head.writeBigUInt64BE(length, 2);
  if (!masked) return Buffer.concat([head, bytes]);
  for (let i = 0; i < bytes.length; i++) bytes[i] = (bytes[i] as number) ^ (MASK[i & 3] as number);
  return Buffer.concat([head, MASK, bytes]);
}

export const text = (payload: string | Buffer = '', shape?: Shape) => frame(1, payload, shape);
export const binary = (payload: Buffer, shape?: Shape) => frame(2, payload, shape);
export const more = (payload: string | Buffer = '', shape?: Shape) => frame(0, payload, shape);
export const ping = (payload = '') => frame(9, payload);

/** An empty one without a code. */
export function close(code?: number): Buffer {
  return frame(8, code === undefined ? '' : Buffer.from([code >> 8, code & 255]));
}

/** So many of it, one behind the other. */
export const times = (count: number, bytes: Buffer): Buffer => Buffer.alloc(count * bytes.length, bytes);

/** As permessage-deflate has it. */
export function squeezed(bytes: Buffer): Buffer {
  return deflateRawSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);
}
