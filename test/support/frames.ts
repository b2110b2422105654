/** Frames as bytes, right or wrong, for peers that write them by hand. */
export interface FrameParts {
  readonly fin?: boolean;
  readonly rsv?: number;
  readonly opcode: number;
  readonly payload?: string | Uint8Array;
  /** Four bytes, or null for an unmasked frame; a client masks. */
  readonly mask?: Uint8Array | null;
  /** What the header says, if not the truth. */
  readonly length?: number | bigint;
}

export const OPCODES = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

export function frame({ fin = true, rsv = 0, opcode, payload = '', mask = Buffer.from([1, 2, 3, 4]), length }: FrameParts): Buffer {
  const data = typeof payload === 'string' ? Buffer.from(payload) : Buffer.from(payload);
  const size = length ?? data.length;
  const head = [((fin ? 1 : 0) << 7) | (rsv << 4) | opcode];
  const masked = mask === null ? 0 : 0x80;
  if (typeof size === 'number' && size < 126) head.push(masked | size);
  else if (typeof size === 'number' && size < 65536) head.push(masked | 126, size >> 8, size & 255);
  else {
    const wide = Buffer.alloc(8);
    wide.writeBigUInt64BE(BigInt.asUintN(64, BigInt(size)));
    head.push(masked | 127, ...wide);
  }
  if (mask === null) return Buffer.concat([Buffer.from(head), data]);
  return Buffer.concat([Buffer.from(head), mask, data.map((byte, i) => byte ^ (mask[i % 4] as number))]);
}

/** A close frame's payload. */
export function closing(code: number, phrase = ''): Buffer {
  return Buffer.concat([Buffer.from([code >> 8, code & 255]), Buffer.from(phrase)]);
}
