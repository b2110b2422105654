/** One server in a process of its own: its name and its role stand on the command line. Answers questions about itself. */
import cluster from 'node:cluster';
import { setImmediate as turn } from 'node:timers/promises';
import { net } from './net.js';
import type { Cpu, Memory, Question, Role, Started } from './protocol.js';
import { ws } from './ws.js';

/** Starts to listen on a free port of 127.0.0.1. Those that need a package are loaded when they are asked for. */
const SERVERS: Readonly<Record<string, (role: Role) => Promise<number>>> = {
  ws,
  net,
  margay: async (role) => (await import('./margay.js')).margay(role),
  'margay-async': async () => (await import('./margay.js')).margayAsync(),
  'margay-broadcast': async () => (await import('./margay.js')).margayBroadcast(),
  'margay-workers': async () => (await import('./margay.js')).margayWorkers(),
  nest: async (role) => (await import('./nest.js')).nest(role),
  'socket.io': async (role) => (await import('./socket-io.js')).socketIo(role),
  tomcat: async (role) => (await import('./tomcat.js')).tomcat(role),
  uws: async (role) => (await import('./uws.js')).uws(role),
};

const COLLECTIONS = 3;
const [, , name = '', role] = process.argv;

process.on('disconnect', () => process.exit());
if (cluster.isPrimary) {
  process.on('message', async (question: Question) => process.send?.(question === 'cpu' ? cpu() : await memory()));
  process.send?.(await started());
} else {
  await start(); // a worker of margay's: its container listens where the primary's says
}

function start(): Promise<number> {
  return (SERVERS[name] as (role: Role) => Promise<number>)(role as Role);
}

async function started(): Promise<Started> {
  try {
    return { port: await start() };
  } catch (error) {
    return { refused: (error as Error).message };
  }
}

/** Null for a server that runs in a process of its own again. */
function cpu(): Cpu | null {
  return name === 'tomcat' ? null : process.cpuUsage();
}

/** Turns of the event loop lie between the collections, so that what waits for one is let go. */
async function memory(): Promise<Memory> {
  for (let i = 0; i < COLLECTIONS; i++) {
    globalThis.gc?.();
    await turn();
  }
  const { heapUsed, external, rss } = process.memoryUsage();
  return { held: heapUsed + external, heap: heapUsed, rss };
}
