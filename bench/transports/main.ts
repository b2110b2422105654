/**
 * Makes the figures of docs/guide/transports.md: `npm start` in one terminal, and in another one, once `npm run bench` or tsc has
 * compiled this, `node dist-bench/transports/main.js http://localhost:8080 [seconds]`. With no address it draws what is recorded again.
 */
import { writeFileSync } from 'node:fs';
import { request as ask, type ClientRequest } from 'node:http';
import { availableParallelism, cpus } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import WebSocket from 'ws';
import { browserLines } from './browser.js';
import { drawn, JSON_FILE, type Point, type Recorded } from './figures.js';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const ORDER = { upTo: 1000, perSecond: 1, every: 1000 };

const [url, seconds = '10'] = process.argv.slice(2);
if (url !== undefined) {
  const order = { ...ORDER, seconds: Number(seconds) };
  const points = await measured(new URL(url), order);
  const machine = {
    date: new Date().toISOString().slice(0, 10),
    node: process.versions.node,
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
  };
  writeFileSync(join(ROOT, JSON_FILE), textOf({ machine, order, points }));
}
for (const [file, text] of drawn(ROOT)) writeFileSync(join(ROOT, file), text);

/** Plays a visitor, whose browser's lines the load will send. */
function measured(url: URL, order: object): Promise<readonly Point[]> {
  const socket = new WebSocket(new URL('/transports/lab', url.href.replace('http', 'ws')));
  let isOrdered = false;
  let requests: readonly ClientRequest[] = [];
  return new Promise((resolve, reject) => {
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('the server has closed the connection')));
    socket.on('message', (text) => {
      const said = JSON.parse(String(text));
      if (said.type === 'hello') {
        requests = visits(url, said.page);
        setTimeout(() => {
          isOrdered = true;
          socket.send(JSON.stringify({ do: 'sweep', ...order }));
        }, 1500);
      } else if (said.type === 'refused' || said.phase === 'failed') reject(new Error(said.why));
      else if (isOrdered && said.type === 'sweep') {
        for (const request of requests) request.destroy();
        console.log(`${said.step} of ${said.steps}`);
        if (said.phase === 'done') resolve(said.points);
      }
    });
  }).finally(() => socket.terminate()) as Promise<readonly Point[]>;
}

/** Asks for each transport once. */
function visits(url: URL, page: string): ClientRequest[] {
  return [...browserLines(url.host)].map(([path, headers]) => {
    const request = ask(new URL(`/transports/${path}?page=${page}&after=0`, url), { headers, agent: false });
    request.on('error', () => {});
    request.on('response', (response) => response.on('error', () => {}).resume());
    return request.end();
  });
}

/** Figures with four digits, a point a line. */
function textOf({ machine, order, points }: Recorded): string {
  const short = (_key: string, value: unknown): unknown =>
    typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(4)) : value;
  const lines = points.map((point) => `  ${JSON.stringify(point, short)}`).join(',\n');
  return `{\n "machine": ${JSON.stringify(machine)},\n "order": ${JSON.stringify(order)},\n "points": [\n${lines}\n ]\n}\n`;
}
