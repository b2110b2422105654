/** `npm start`: the examples on port 8080, or $PORT, and the relay's remote side on 8095, or $RELAY_PORT, until SIGINT or SIGTERM. */
import { start } from './server.js';

const { PORT, RELAY_PORT } = process.env;
const port = Number(PORT || 8080);
const relayPort = Number(RELAY_PORT || 8095);

try {
  if (!isPort(port)) throw new Error(`PORT=${PORT} is no port; give a number, as in PORT=8081 npm start`);
  if (!isPort(relayPort)) throw new Error(`RELAY_PORT=${RELAY_PORT} is no port; give a number, as in RELAY_PORT=8096 npm start`);
  if (port === relayPort && port !== 0) throw new Error(`PORT and RELAY_PORT are both ${port}; they have to differ`);
  const examples = await start({ port, relayPort });
  console.log(`The examples are at ${examples.url}/\n`);
  const width = Math.max(...examples.list.map(({ name }) => name.length));
  const socketWidth = Math.max(...examples.list.map(({ socket }) => socket.length));
  for (const { name, socket, page } of examples.list) console.log(`${name.padEnd(width)}  ${socket.padEnd(socketWidth)}  ${page}`);

  // Once each: whoever presses Ctrl-C again means it, and node's own way of stopping is back by then.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void examples.close());
} catch (error) {
  const { code, message } = error as NodeJS.ErrnoException;
  console.error(code === 'EADDRINUSE' ? `Port ${port} is taken; choose another: PORT=8081 npm start` : message);
  process.exitCode = 1;
}

function isPort(number: number): boolean {
  return Number.isInteger(number) && number >= 0 && number < 65_536;
}
