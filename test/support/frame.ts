/** One frame as a client sends it, masked; small enough for a test. */
import { randomBytes } from 'node:crypto';

const OPCODES = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

export function maskedFrame(opcode: keyof typeof OPCODES, payload: string | Buffer, isFinal = true): Buffer {
  const bytes = Buffer.from(payload as string);
  const key = randomBytes(4);
  const length = bytes.length < 126 ? [0x80 | bytes.length] : [0x80 | 126, bytes.length >> 8, bytes.length & 0xff];
  if (bytes.length > 0xffff) throw new RangeError('this frame would need a long length');
  const masked = bytes.map((byte, i) => byte ^ (key[i & 3] as number));
  return Buffer.concat([Buffer.from([(isFinal ? 0x80 : 0) | OPCODES[opcode], ...length]), key, masked]);
}
