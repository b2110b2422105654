/** Frames as bytes, legal and illegal. */
export interface FrameSpec {
  readonly opcode: number;
  readonly payload?: Buffer | string;
  readonly fin?: boolean;
  /** RSV1 0x40, RSV2 0x20, RSV3 0x10. */
  readonly rsv?: number;
  /** Four bytes, or false for none. */
  readonly key?: Buffer | false;
  /** What the header claims, if that is not the truth. */
  readonly claim?: number | bigint;
  /** 2, 4 or 10 bytes of header (without the key), if not the fewest possible. */
  readonly headerSize?: number;
}

const KEY = Buffer.from([0x37, 0xfa, 0x21, 0x3d]);

export function frame({ opcode, payload = '', fin = true, rsv = 0, key = KEY, claim, headerSize }: FrameSpec): Buffer {
  const body = Buffer.from(payload as Buffer);
  const length = BigInt(claim ?? body.length);
  const size = headerSize ?? (length < 126n ? 2 : length < 65536n ? 4 : 10);
  const header = Buffer.alloc(size);
  header[0] = (fin ? 0x80 : 0) | rsv | opcode;
  header[1] = (key ? 0x80 : 0) | (size === 2 ? Number(length) : size === 4 ? 126 : 127);
  if (size === 4) header.writeUInt16BE(Number(length), 2);
  if (size === 10) header.writeBigUInt64BE(length, 2);
  if (!key) return Buffer.concat([header, body]);
  for (let i = 0; i < body.length; i++) body[i] = (body[i] as number) ^ (key[i & 3] as number);
  return Buffer.concat([header, key, body]);
}

export const text = (payload: string | Buffer, rest: Partial<FrameSpec> = {}): Buffer => frame({ opcode: 1, payload, ...rest });
export const binary = (payload: string | Buffer, rest: Partial<FrameSpec> = {}): Buffer => frame({ opcode: 2, payload, ...rest });
export const more = (payload: string | Buffer, rest: Partial<FrameSpec> = {}): Buffer => frame({ opcode: 0, payload, ...rest });
export const ping = (payload: string | Buffer = '', rest: Partial<FrameSpec> = {}): Buffer => frame({ opcode: 9, payload, ...rest });
export const pong = (payload: string | Buffer = '', rest: Partial<FrameSpec> = {}): Buffer => frame({ opcode: 10, payload, ...rest });

export function close(code?: number, phrase: string | Buffer = '', rest: Partial<FrameSpec> = {}): Buffer {
  const payload =
    code === undefined ? Buffer.alloc(0) : Buffer.concat([Buffer.from([code >> 8, code & 0xff]), Buffer.from(phrase as string)]);
  return frame({ opcode: 8, payload, ...rest });
}

export interface ParsedFrame {
  readonly fin: boolean;
  readonly rsv: number;
  readonly opcode: number;
  readonly masked: boolean;
  readonly payload: Buffer;
}

/** Takes bytes apart again, without asking whether they are legal; what is no complete frame is left out. */
export function parse(bytes: Buffer): ParsedFrame[] {
  const frames: ParsedFrame[] = [];
  for (let at = 0; at + 2 <= bytes.length; ) {
    const [first, second] = [bytes[at] as number, bytes[at + 1] as number];
    let length = second & 0x7f;
    let from = at + 2;
    if (length === 126) length = bytes.readUInt16BE(from);
    else if (length === 127) length = Number(bytes.readBigUInt64BE(from));
    from += (second & 0x7f) === 126 ? 2 : (second & 0x7f) === 127 ? 8 : 0;
    const key = (second & 0x80) === 0 ? null : bytes.subarray(from, from + 4);
    if (key !== null) from += 4;
    if (from + length > bytes.length) break;
    const payload = Buffer.from(bytes.subarray(from, from + length));
    if (key !== null) for (let i = 0; i < length; i++) payload[i] = (payload[i] as number) ^ (key[i & 3] as number);
    frames.push({ fin: (first & 0x80) !== 0, rsv: first & 0x70, opcode: first & 0x0f, masked: key !== null, payload });
    at = from + length;
  }
  return frames;
}
