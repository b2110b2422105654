/** Ten thousand connects that come and go, in every way there is, and what they leave behind: nothing. [REL-14] */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { grown, ownClasses } from '../support/census.js';
import type { ClientStock } from './client-churn-process.js';

const CONNECTS = 10_000;

/** What of node's may hang on a connection, beside all classes of ours and those of the endpoints. */
const NODES = [
  ...['Socket', 'TCP', 'TCPConnectWrap', 'TLSSocket', 'TLSWrap', 'ClientRequest', 'IncomingMessage', 'ServerResponse', 'Agent'],
  ...['Timeout', 'Immediate', 'WriteWrap', 'ShutdownWrap', 'GetAddrInfoReqWrap', 'AbortSignal', 'AbortController'],
];
const THEIRS = ['Talk', 'Client', 'Failing', 'Tick', 'TickDecoder', 'TickEncoder'];
/** Kept for the next turns, whoever they are for, and never more than 16. */
const SPARE = ['Block'];
/** node keeps its parsers for the next requests: as many as there ever were at once. */
const PARSERS = 100;

let child: ChildProcess;

beforeAll(async () => {
  const script = fileURLToPath(new URL('./client-churn-process.js', import.meta.url));
  child = spawn(process.execPath, [script], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  await once(child, 'message');
});

afterAll(() => {
  child.kill();
});

/** What there is once so many more have come and gone. */
async function stockAfter(connects: number | 'keep'): Promise<ClientStock> {
  child.send(connects);
  return ((await once(child, 'message')) as [ClientStock])[0];
}

it('[REL-14, CLI-1] 10,000 connects come and go: handles, timers, sessions, instances and objects are exactly, memory within 16 MB, where they were', async () => {
  const before = await stockAfter(500); // what is made once, and kept for later, is made
  const after = await stockAfter(CONNECTS);

  expect(after.opened - before.opened).toBeGreaterThan(CONNECTS / 2);
  expect(Object.keys(after.failed).sort()).toEqual(['MARGAY_CONNECT', 'MARGAY_HANDSHAKE', 'MARGAY_ON_OPEN']);
  expect(Math.min(...Object.values(after.failed))).toBeGreaterThan(CONNECTS / 20);
  expect(after).toMatchObject({ closed: after.opened, coders: 0, open: 0, ticking: 0 });
  expect(after.resources).toEqual(before.resources);
  const known = [...ownClasses(), ...NODES, ...THEIRS].filter((name) => !SPARE.includes(name));
  expect(grown(known, before.census, after.census)).toEqual({});
  const { HTTPParser: parsers = 0 } = after.census;
  expect(parsers).toBeLessThan(PARSERS);
  expect(after.held - before.held).toBeLessThan(16 * 2 ** 20);

  await stockAfter('keep'); // the census would say so
  const left = grown(known, after.census, (await stockAfter(1)).census);
  expect(Object.keys(left)).toEqual(expect.arrayContaining(['LiveSession', 'Connection', 'WsChannel', 'Socket', 'Client', 'Arrival']));
}, 240_000);
