/**
 * The least JavaScript that still answers: a ready-made frame for each request, as long as a connection's first one and saying the
 * same, whatever comes; a ready-made close frame. The ceiling on node.
 */
import { createHash } from 'node:crypto';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import type { Role } from './protocol.js';

const CLOSE = 0x88;
const GOODBYE = Buffer.from([CLOSE, 2, 0x03, 0xe8]);

export function net(role: Role): Promise<number> {
  const sockets = new Set<Socket>();
  return new Promise((resolve) => {
    const server = createServer({ noDelay: true }, (socket) => {
      let opened = false;
      let size = 0; // bytes of a request
      let loose = 0; // of one that is not whole yet
      let answer: Buffer = Buffer.alloc(0);
      socket.on('error', () => {});
      socket.on('close', () => sockets.delete(socket));
      socket.on('data', (chunk) => {
        if (!opened) {
          opened = true;
          sockets.add(socket);
          return socket.write(switchOf(chunk));
        }
        if (chunk[0] === CLOSE && loose === 0) return socket.end(GOODBYE);
        if (size === 0) [size, answer] = answerTo(chunk);
        const whole = Math.floor((loose + chunk.length) / size);
        loose = loose + chunk.length - whole * size;
        if (whole === 0) return;
        const answers = whole === 1 ? answer : Buffer.concat(Array.from({ length: whole }, () => answer));
        if (role === 'room') for (const each of sockets) each.write(answers);
        else socket.write(answers);
      });
    });
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

function switchOf(request: Buffer): string {
  const key = /Sec-WebSocket-Key: (.*)\r\n/i.exec(request.toString('latin1'))?.[1] ?? '';
  const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
  return `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`;
}

/** How long a masked frame of less than 64 KiB is, and the frame that says the same. */
function answerTo(request: Buffer): [size: number, answer: Buffer] {
  const isLong = (request[1] as number) === 0xfe;
  const length = isLong ? request.readUInt16BE(2) : (request[1] as number) & 0x7f;
  const at = isLong ? 8 : 6;
  const mask = request.subarray(at - 4, at);
  const payload = request.subarray(at, at + length).map((byte, i) => byte ^ (mask[i % 4] as number));
  const header = Buffer.from(isLong ? [0x81, 126, length >> 8, length & 0xff] : [0x81, length]);
  return [at + length, Buffer.concat([header, payload])];
}
