/** Pixels as a PNG file. */
import { promisify } from 'node:util';
import { crc32, deflate } from 'node:zlib';
import type { Raster } from './raster.js';

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const compress = promisify(deflate);

/**
 * The raster as it is at the moment of the call. Copying it takes less than a millisecond; what takes ten times as long, the
 * compression, is done by node's zlib in another thread, so that nobody's strokes wait for somebody's picture. The libraries that are
 * JavaScript throughout do both on this one.
 */
export async function encodePng({ width, height, pixels }: Raster): Promise<Buffer> {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2], 8); // bits of a sample, and a colour is three of them; the zeros behind say that nothing is special

  const size = 3 * width;
  const rows = Buffer.allocUnsafe(height * (1 + size));
  for (let y = 0; y < height; y++) {
    rows[y * (1 + size)] = 0; // each row begins with the number of its filter: none
    rows.set(pixels.subarray(y * size, (y + 1) * size), y * (1 + size) + 1);
  }

  const data = await compress(rows, { level: 3 });
  return Buffer.concat([SIGNATURE, chunk('IHDR', header), chunk('IDAT', data), chunk('IEND', Buffer.alloc(0))]);
}

/** Length, name, content, and the check of name and content. */
function chunk(name: string, content: Buffer): Buffer {
  const bytes = Buffer.alloc(12 + content.length);
  bytes.writeUInt32BE(content.length, 0);
  bytes.write(name, 4, 'latin1');
  bytes.set(content, 8);
  bytes.writeUInt32BE(crc32(bytes.subarray(4, 8 + content.length)), 8 + content.length);
  return bytes;
}
