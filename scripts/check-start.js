// Runs `npm start` as the README says, looks at the index page, at every endpoint and page that it lists and at what passes between
// its two servers, and ends it again.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createServer, request } from 'node:http';

const PATIENCE = 120_000; // ms, the build included
const [port, relayPort] = await Promise.all([freePort(), freePort()]);
const child = spawn('npm', ['start'], {
  env: { ...process.env, PORT: String(port), RELAY_PORT: String(relayPort) },
  stdio: ['ignore', 'pipe', 'inherit'],
  detached: true,
});
const timer = setTimeout(() => end(1, `npm start was not ready within ${PATIENCE} ms`), PATIENCE);
child.on('exit', (code) => end(1, `npm start ended by itself with ${code}`));

let printed = '';
child.stdout.setEncoding('utf8').on('data', (text) => {
  printed += text;
  if (printed.includes(`localhost:${port}/relay/page.html`)) {
    child.stdout.removeAllListeners('data').resume();
    look(printed).catch((error) => end(1, error.message));
  }
});

/** @param {string} told what it printed: its address, then a line for each endpoint */
async function look(told) {
  const page = await fetch(`http://localhost:${port}/`);
  if (page.status !== 200) throw new Error(`the index page answered ${page.status}`);
  const lines = [...told.matchAll(/^(\S+) +ws:\/\/localhost:(\d+)(\S*) +(http:\S+)$/gm)];
  if (!lines.some(([, , at]) => at === String(relayPort))) throw new Error(`no line for the relay in:\n${told}`);
  for (const [, name, at, path, its] of lines) {
    const status = await upgradeAt(at, path.replace('{userCode}', '1').replaceAll(/\{\w+\}/g, 'check'));
    if (status !== 101) throw new Error(`${name} at ${path} answered ${status}`);
    const shown = await fetch(its);
    if (shown.status !== 200) throw new Error(`${its} answered ${shown.status}`);
  }
  const relayed = await fetch(`http://localhost:${port}/relay/access`, { method: 'POST', body: new URLSearchParams({ access: '喂' }) });
  const answer = await relayed.text();
  if (answer !== 'Got your message (喂).Thanks !') throw new Error(`the relay answered ${relayed.status} ${answer}`);
  end(0, `npm start serves its pages and its ${lines.length} endpoints`);
}

function upgradeAt(port, path) {
  return new Promise((resolve, reject) => {
    const headers = {
      Connection: 'Upgrade',
      Upgrade: 'websocket',
      'Sec-WebSocket-Version': '13',
      'Sec-WebSocket-Key': randomBytes(16).toString('base64'),
    };
    const upgrade = request({ host: 'localhost', port, path, headers });
    upgrade.on('upgrade', (response, socket) => {
      socket.destroy();
      resolve(response.statusCode);
    });
    upgrade.on('response', (response) => resolve(response.statusCode));
    upgrade.on('error', reject).end();
  });
}

function end(code, message) {
  clearTimeout(timer);
  child.removeAllListeners('exit');
  console.log(message);
  child.on('exit', () => process.exit(code));
  try {
    process.kill(-child.pid, 'SIGTERM'); // npm, and the server behind it
  } catch {
    process.exit(code); // it is gone already
  }
  setTimeout(() => process.kill(-child.pid, 'SIGKILL'), 15_000).unref();
}

function freePort() {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, () => {
      const { port: free } = probe.address();
      probe.close(() => resolve(free));
    });
  });
}
