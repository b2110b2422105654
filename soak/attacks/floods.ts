/** Very many frames of nearly nothing. [REL-9, REL-10, REL-11] */
import { type Attack, expectOne, type Field } from '../attack.js';
import { close, frame, more, ping, text, times } from '../frames.js';
import { RawClient } from '../raw-client.js';

const [MANY, PACKET] = [40_000, 4000];
const UNFINISHED = 200;

/** Many of it in packets; resolves when they have left. */
async function flood(client: RawClient, bytes: Buffer): Promise<void> {
  const packet = times(PACKET, bytes);
  for (let sent = 0; sent < MANY; sent += PACKET) {
    client.send(packet);
    await client.until(() => client.socket.writableLength < 100_000, 'the server to read').catch(() => {});
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** The flood is answered as it should be, and the close behind it. */
function floodOf(bytes: Buffer, holds: (client: RawClient) => boolean): Attack['act'] {
  return async ({ ports }: Field) => {
    const client = await RawClient.open({ port: ports.examples, path: '/echo' });
    const drained = setInterval(() => client.socket.emit('drain'), 20); // wakes `until`
    try {
      await flood(client, bytes);
      client.send(close(1000));
      const code = expectOne(await client.closing(30_000), 1000);
      if (!holds(client)) throw new Error(`${client.messages} messages of ${client.bytes} bytes, ${client.pongs} pongs`);
      await client.over();
      return String(code);
    } finally {
      clearInterval(drained);
      client.socket.destroy();
    }
  };
}

/** A message of bytes that come one by one; it is echoed whole. */
async function fragmentsOfAByte({ ports }: Field): Promise<string> {
  const client = await RawClient.open({ port: ports.examples, path: '/echo' });
  client.send(text('', { fin: false }), times(MANY, more('x', { fin: false })), more('x'));
  await client.until(() => client.messages === 1, 'the echo', 30_000);
  expectOne(client.bytes, MANY + 1);
  client.reset();
  return 'echoed';
}

/** Messages that never end, on many connections. */
async function unfinished({ ports, sleep }: Field): Promise<string> {
  const clients = await Promise.all(Array.from({ length: UNFINISHED }, () => RawClient.open({ port: ports.examples, path: '/echo' })));
  const bytes = Buffer.concat([text('', { fin: false }), times(500, more('x', { fin: false }))]);
  for (const client of clients) client.send(bytes);
  await sleep(2000);
  for (const client of clients) client.reset();
  return 'reset';
}

export const FLOODS: readonly Attack[] = [
  { name: 'floods of empty texts', pause: 2000, act: floodOf(text(), ({ messages, bytes }) => messages === MANY && bytes === 0) },
  { name: 'floods of pings', pause: 2000, act: floodOf(ping('p'), ({ pongs }) => pongs > 0 && pongs <= MANY) },
  { name: 'floods of pongs', pause: 2000, act: floodOf(frame(10, 'p'), ({ messages, pongs }) => messages + pongs === 0) },
  { name: 'fragments of a byte', pause: 2000, act: fragmentsOfAByte },
  { name: `${UNFINISHED} messages that never end`, pause: 5000, act: unfinished },
];
