/** Requests that never end, that lie, that are too large, and clients that leave in the middle of them. [REL-2 to REL-5] */
import { type Attack, expectOne, type Field } from '../attack.js';
import { pick } from '../random.js';
import { RawClient, request } from '../raw-client.js';

const TRICKLING = 200;
/** ms: handshakeTimeout, its checking interval, and what a busy machine adds. */
const CUT_BY = 10_000 + 2000 + 6000;

/** ms that a good handshake takes. */
export async function goodHandshake(port: number, lines: readonly string[] = []): Promise<number> {
  const client = await RawClient.connect(port);
  const since = performance.now();
  client.send(Buffer.from(request({ path: '/watched', lines })));
  await client.answered();
  const ms = performance.now() - since;
  client.reset();
  return ms;
}

export function note({ figures }: Field, name: string, value: number): void {
  const known = figures.get(name);
  if (known === undefined) figures.set(name, [value]);
  else if (known.length < 100_000) known.push(value);
}

async function trickle(field: Field): Promise<string> {
  const { ports, over } = field;
  const clients = await Promise.all(Array.from({ length: TRICKLING }, () => RawClient.connect(ports.arena)));
  const since = performance.now();
  const bytes = Buffer.from(request({ path: '/watched', lines: [`X-Long: ${'x'.repeat(1000)}`] }));
  for (let at = 0; clients.some(({ hasEnded }) => !hasEnded) && !over.aborted; at++) {
    for (const client of clients) if (!client.hasEnded) client.send(bytes.subarray(at, at + 1));
    if (performance.now() - since > CUT_BY) throw new Error(`${clients.filter(({ hasEnded }) => !hasEnded).length} not cut in time`);
    note(field, 'REL-2', await goodHandshake(ports.arena));
    await field.sleep(250);
  }
  for (const { status } of clients) if (!over.aborted) expectOne(status, 408, 0);
  for (const client of clients) client.socket.destroy();
  return 'cut';
}

/** A whole request, and the status that it deserves. */
const WRONG: readonly (readonly [what: string, request: string, ...statuses: number[]])[] = [
  ['body', request({ path: '/watched', lines: ['Content-Length: 5'] }), 400],
  ['chunked', request({ path: '/watched', lines: ['Transfer-Encoding: chunked'] }), 400],
  ['two hosts', request({ path: '/watched', lines: ['Host: other'] }), 400],
  ['nowhere', request({ path: '/nowhere' }), 404],
  ['garbage', '\0\x01\x02\xff garbage\r\n\r\n', 400],
  ['bare LF', request({ path: '/watched' }).replaceAll('\r\n', '\n'), 400],
  ['20 KiB', request({ path: '/watched', lines: [`X-Large: ${'x'.repeat(20_480)}`] }), 431],
  ['101 fields', request({ path: '/watched', lines: Array.from({ length: 101 }, (_, i) => `X-${i}: x`) }), 431],
  ['names', request({ path: '/watched?__proto__=x', lines: ['Sec-WebSocket-Protocol: __proto__, constructor', '__proto__: x'] }), 101],
  ['extensions', request({ path: '/watched', lines: [`Sec-WebSocket-Extensions: ${'a; b="\\c\\c'.repeat(1000)}`] }), 400, 101],
];

async function wrong({ ports, random }: Field): Promise<string> {
  const [what, bytes, ...statuses] = pick(WRONG, random);
  const client = await RawClient.connect(ports.arena);
  client.send(Buffer.from(bytes, 'latin1'), Buffer.from(bytes, 'latin1')); // what follows a refusal is not interpreted
  const status = await client.answered();
  if (!statuses.includes(status)) throw new Error(`${what}: ${status} instead of ${statuses.join(' or ')}`);
  if (status === 101) client.reset();
  else await client.over();
  return String(status);
}

/** Leaves with a reset, anywhere in the request or right behind the refusal. */
async function leave({ ports, random }: Field): Promise<string> {
  const port = pick([ports.arena, ports.examples], random);
  const client = await RawClient.connect(port);
  const bytes = Buffer.from(request({ path: pick(['/nowhere', '/watched', '/echo'], random) }));
  const isWhole = random(2) === 0;
  client.send(isWhole ? bytes : bytes.subarray(0, random(bytes.length)));
  if (isWhole && random(2) === 0) await client.answered();
  client.reset();
  return isWhole ? 'reset behind it' : 'reset within';
}

async function halfRequest({ ports, random }: Field): Promise<string> {
  const client = await RawClient.connect(ports.arena);
  client.send(Buffer.from(request({ path: '/watched' })).subarray(0, 20 + random(80)));
  client.socket.end();
  await client.until(() => client.isGone, 'the end of TCP');
  return 'gone';
}

export const HANDSHAKES: readonly Attack[] = [
  { name: `${TRICKLING} trickling handshakes`, pause: 5000, act: trickle },
  { name: 'handshakes that are refused', pause: 100, act: wrong },
  { name: 'resets in handshakes', pause: 50, act: leave },
  { name: 'half-closes in handshakes', pause: 500, act: halfRequest },
];
