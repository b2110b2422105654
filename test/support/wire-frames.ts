/** Whole messages and control frames by name, and bytes taken apart again. */
import { closing, type FrameParts, frame, OPCODES } from './frames.js';

export { frame } from './frames.js';

type Payload = string | Uint8Array;
type Rest = Omit<Partial<FrameParts>, 'opcode' | 'payload'>;

export const text = (payload: Payload, rest: Rest = {}): Buffer => frame({ opcode: OPCODES.text, payload, ...rest });
export const binary = (payload: Payload, rest: Rest = {}): Buffer => frame({ opcode: OPCODES.binary, payload, ...rest });
export const more = (payload: Payload, rest: Rest = {}): Buffer => frame({ opcode: OPCODES.continuation, payload, ...rest });
export const ping = (payload: Payload = '', rest: Rest = {}): Buffer => frame({ opcode: OPCODES.ping, payload, ...rest });
export const pong = (payload: Payload = '', rest: Rest = {}): Buffer => frame({ opcode: OPCODES.pong, payload, ...rest });
export const close = (code?: number, phrase: Payload = '', rest: Rest = {}): Buffer =>
  frame({ opcode: OPCODES.close, payload: code === undefined ? '' : closing(code, phrase), ...rest });

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
    frames.push({ fin: (first & 0x80) !== 0, rsv: (first >> 4) & 7, opcode: first & 0x0f, masked: key !== null, payload });
    at = from + length;
  }
  return frames;
}
