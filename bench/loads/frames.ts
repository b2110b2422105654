/** Frames as a client sends them, and as a server answers. */
const MASK = Buffer.from([0x4a, 0x91, 0xc3, 0x07]);

/** A text of that many bytes, all of them ASCII. */
export const textOf = (size: number, start = ''): Buffer => Buffer.from((start + 'margay '.repeat(size / 7 + 1)).slice(0, size));

export function request(text: Buffer): Buffer {
  return Buffer.concat([header(text.length, 0x80), MASK, text.map((byte, i) => byte ^ (MASK[i % 4] as number))]);
}

export function reply(text: Buffer): Buffer {
  return Buffer.concat([header(text.length, 0), text]);
}

function header(length: number, mask: number): Buffer {
  return Buffer.from(length < 126 ? [0x81, mask | length] : [0x81, mask | 126, length >> 8, length & 0xff]);
}
