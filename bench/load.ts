/** The load: raw sockets, frames encoded beforehand, so that it costs less than any server it is held against. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** One run. */
export interface Load {
  readonly port: number;
  /** Messages in flight on each connection. */
  readonly depth: number;
  readonly ms: number;
  readonly connections: number;
}

const TEXT = Buffer.from('margay '.repeat(10).slice(0, 64));
const MASK = Buffer.from([0x4a, 0x91, 0xc3, 0x07]);
const REQUEST = Buffer.concat([Buffer.from([0x81, 0x80 | TEXT.length]), MASK, TEXT.map((byte, i) => byte ^ (MASK[i % 4] as number))]);
const REPLY = Buffer.concat([Buffer.from([0x81, TEXT.length]), TEXT]);
const MANY = Buffer.concat(Array.from({ length: 64 }, () => REQUEST));

process.on('message', (load: Load) => {
  run(load).then(
    (rate) => process.send?.(rate),
    (error) => {
      console.error(error);
      process.exit(1);
    },
  );
});
process.on('disconnect', () => process.exit());

/** Messages a second that came back. */
async function run({ port, depth, ms, connections }: Load): Promise<number> {
  const clients = await Promise.all(Array.from({ length: connections }, () => open(port)));
  let count = 0;
  for (const socket of clients) {
    let loose = 0; // bytes of a reply that is not whole yet
    let checked = false;
    socket.on('data', (chunk: Buffer) => {
      if (!checked && chunk.length >= REPLY.length) {
        checked = true;
        if (!chunk.subarray(0, REPLY.length).equals(REPLY)) throw new Error('the server does not echo');
      }
      const bytes = loose + chunk.length;
      const whole = Math.floor(bytes / REPLY.length);
      loose = bytes - whole * REPLY.length;
      count += whole;
      if (whole > 0) socket.write(MANY.subarray(0, whole * REQUEST.length));
    });
  }
  const start = performance.now();
  for (const socket of clients) socket.write(MANY.subarray(0, depth * REQUEST.length));
  await new Promise((resolve) => setTimeout(resolve, ms));
  const rate = (count / (performance.now() - start)) * 1000;
  for (const socket of clients) socket.removeAllListeners('data').destroy();
  return rate;
}

async function open(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  await once(socket, 'connect');
  socket.write(
    'GET /echo HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  );
  const [head] = (await once(socket, 'data')) as [Buffer];
  if (!head.toString('latin1').startsWith('HTTP/1.1 101')) throw new Error(head.toString('latin1'));
  return socket;
}
