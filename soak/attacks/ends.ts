/** Connections that come and go, in every wrong way and in the right one. [REL-1, REL-13, REL-14] */
import { type Attack, expectOne, type Field } from '../attack.js';
import { close, squeezed, text } from '../frames.js';
import { pick } from '../random.js';
import { DEFLATE, RawClient } from '../raw-client.js';

/** ms: twice the arena's closeTimeout, 2 s, and what a busy machine adds. */
const GONE_BY = 2 * 2000 + 2000 + 2000;

const watched = (port: number, id: string) => RawClient.open({ port, path: `/watched?id=${id}`, lines: DEFLATE });

/** All answers come; the endpoint hears 1006 once. */
async function halfClose({ ports, server, newId }: Field): Promise<string> {
  const id = newId();
  const client = await watched(ports.arena, id);
  for (let i = 0; i < 10; i++) client.send(text(`message ${i}`));
  client.socket.end();
  await client.until(() => client.isGone, 'the end of TCP');
  expectOne(client.messages, 10);
  return `${expectOne(await server.closed(id, GONE_BY), 1006)}`;
}

/** Our close frame is not answered, TCP not ended. */
async function neverAnswered({ ports, server, newId }: Field): Promise<string> {
  const id = newId();
  const client = await watched(ports.arena, id);
  client.send(text('close'));
  expectOne(await client.closing(), 4001);
  await client.until(() => client.hasEnded, 'the end of the connection', GONE_BY);
  client.reset();
  return `${expectOne(await server.closed(id, GONE_BY), 4001)}`;
}

/** Closes, and never ends TCP. */
async function neverEnded({ ports, server, newId }: Field): Promise<string> {
  const id = newId();
  const client = await watched(ports.arena, id);
  client.send(close(1001));
  expectOne(await client.closing(), 1001);
  await client.until(() => client.hasEnded, 'the end of the connection', GONE_BY);
  client.reset();
  return `${expectOne(await server.closed(id, GONE_BY), 1001)}`;
}

const LARGE = squeezed(Buffer.from(JSON.stringify(Array.from({ length: 2000 }, (_, i) => ({ i, half: i / 2 })))));

/** A reset in the middle of whatever it is. */
async function reset({ ports, server, newId, random, sleep }: Field): Promise<string> {
  const id = newId();
  const client = await watched(ports.arena, id);
  const bytes = pick([text('x'), text('x'.repeat(60_000)), text(LARGE, { rsv: 4 }), text('close'), close(1000)], random);
  client.send(random(2) === 0 ? bytes : bytes.subarray(0, random(bytes.length)));
  if (random(2) === 0) await sleep(random(20));
  client.reset();
  return String(expectOne(await server.closed(id, GONE_BY), 1006, 4001, 1000));
}

/** Very many at the same moment, while much is being compressed for them. */
async function massDisconnect({ ports, sleep }: Field): Promise<string> {
  const asking = { port: ports.examples, path: '/echo', lines: DEFLATE };
  const clients = await Promise.all(Array.from({ length: 100 }, () => RawClient.open(asking)));
  const question = text(LARGE, { rsv: 4 });
  for (const client of clients) client.send(question);
  await sleep(20);
  for (const client of clients) client.reset();
  return 'reset';
}

/** Ten that come, say something, hear it, and go. */
async function comeAndGo({ ports, random }: Field): Promise<string> {
  const path = pick(['/echo', '/examples/websocket/echoAnnotation'], random);
  const lines = pick([DEFLATE, []], random);
  const clients = await Promise.all(Array.from({ length: 10 }, () => RawClient.open({ port: ports.examples, path, lines })));
  for (const client of clients) client.send(text('hello'));
  await Promise.all(clients.map((client) => client.until(() => client.messages === 1, 'the echo')));
  for (const client of clients) client.send(close(1000));
  for (const client of clients) expectOne(await client.closing(), 1000);
  await Promise.all(clients.map((client) => client.over()));
  return '1000';
}

async function passingGuest({ ports }: Field): Promise<string> {
  const client = await RawClient.open({ port: ports.examples, path: '/examples/websocket/chat' });
  await client.until(() => client.messages > 0, 'the line of having joined');
  client.send(text('hello, I must be going'));
  await client.until(() => client.messages > 1, 'an echo');
  client.reset();
  return 'reset';
}

export const ENDS: readonly Attack[] = [
  { name: 'half-closes', pause: 300, act: halfClose },
  { name: 'closes never answered', pause: 200, atOnce: 4, act: neverAnswered },
  { name: 'closes, TCP never ended', pause: 200, atOnce: 4, act: neverEnded },
  { name: 'resets in the middle', pause: 30, act: reset },
  { name: '100 resets at once', pause: 4000, act: massDisconnect },
  { name: 'ten that come and go', pause: 100, act: comeAndGo },
  { name: 'passing guests', pause: 1000, act: passingGuest },
];
