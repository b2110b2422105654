/** Clients that read slowly, or never, or have vanished. [REL-10, REL-11, REL-12] */
import { type Attack, expectOne, type Field } from '../attack.js';
import { text, times } from '../frames.js';
import { RawClient } from '../raw-client.js';

/** ms in which a reader that takes nothing of the storm is over its mark for all its patience, kernel's buffers included. */
const STUCK = 60_000;
/** ms: the arena's heartbeat says 2 s, one ping, 2 s more; the ticker and a busy machine the rest. */
const VANISHED = 15_000;

/** Takes part in the storm, and reads nothing of it. */
async function stuck({ ports, server, newId }: Field): Promise<string> {
  const id = newId();
  const client = await RawClient.open({ port: ports.arena, path: `/storm?id=${id}` });
  client.socket.pause();
  try {
    return `${expectOne(await server.closed(id, STUCK), 1006)}`;
  } finally {
    client.reset();
  }
}

/** Takes part in the storm at a fifth of its speed, for a while. */
async function slow({ ports, sleep, over }: Field): Promise<string> {
  const client = await RawClient.open({ port: ports.arena, path: '/storm' });
  const until = performance.now() + 15_000;
  while (performance.now() < until && !client.isGone && !over.aborted) {
    client.socket.resume();
    await sleep(10);
    client.socket.pause();
    await sleep(400);
  }
  const how = client.isGone ? 'cut' : 'left';
  client.reset();
  return how;
}

/** Falls silent, as after a pulled cable: reads nothing, answers no ping. */
async function vanished({ ports, server, newId }: Field): Promise<string> {
  const id = newId();
  const client = await RawClient.open({ port: ports.arena, path: `/watched?id=${id}` });
  client.socket.pause();
  try {
    return `${expectOne(await server.closed(id, VANISHED), 1006)}`;
  } finally {
    client.reset();
  }
}

/** Asks for much and reads none of it: then it is not read any more either. */
async function askingOnly({ ports, sleep }: Field): Promise<string> {
  const client = await RawClient.open({ port: ports.examples, path: '/echo' });
  client.socket.pause();
  const question = times(20, text('x'.repeat(50_000)));
  for (let i = 0; i < 40 && client.socket.writableLength === 0; i++) {
    client.send(question);
    await sleep(50);
  }
  const isHeldBack = client.socket.writableLength > 0;
  client.reset();
  if (!isHeldBack) throw new Error('40 MB were read, and none of the answers');
  return 'held back';
}

/** Sits in the chat and reads nothing of what is said. */
async function deafGuest({ ports, sleep }: Field): Promise<string> {
  const client = await RawClient.open({ port: ports.examples, path: '/examples/websocket/chat' });
  client.socket.pause();
  await sleep(8000);
  client.reset();
  return 'left';
}

export const READERS: readonly Attack[] = [
  { name: 'stuck readers', pause: 1000, atOnce: 5, act: stuck },
  { name: 'slow readers', pause: 1000, act: slow },
  { name: 'vanished peers', pause: 1000, atOnce: 3, act: vanished },
  { name: 'askers that read nothing', pause: 3000, act: askingOnly },
  { name: 'deaf guests', pause: 2000, act: deafGuest },
];
