// Runs `npx margay serve` on a folder with one compiled endpoint, talks to it, and ends it as a supervisor would.
import { spawn } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import WebSocket from 'ws';

const PATIENCE = 30_000; // ms
const FOLDER = 'dist-serve';

rmSync(FOLDER, { recursive: true, force: true });
mkdirSync(FOLDER);
writeFileSync(
  `${FOLDER}/talk.js`,
  `import { OnMessage, ServerEndpoint, text } from 'margay';
export class Talk {
  say(message) { return 'heard ' + message; }
}
OnMessage(text)(Talk.prototype, 'say', Object.getOwnPropertyDescriptor(Talk.prototype, 'say'));
ServerEndpoint('/talk')(Talk);
`,
);

const child = spawn('npx', ['--no-install', 'margay', 'serve', FOLDER, '--port', '0', '--host', '127.0.0.1'], {
  stdio: ['ignore', 'pipe', 'inherit'],
  detached: true,
});
const timer = setTimeout(() => end(1, `margay serve was not ready within ${PATIENCE} ms`), PATIENCE);
child.on('exit', (code) => end(1, `margay serve ended by itself with ${code}`));

let printed = '';
child.stdout.setEncoding('utf8').on('data', (text) => {
  printed += text;
  const url = /^Talk (ws:\S+)\n/m.exec(printed)?.[1];
  if (url === undefined) return;
  child.stdout.removeAllListeners('data').resume();
  const socket = new WebSocket(url);
  socket.on('error', (error) => end(1, error.message));
  socket.on('open', () => socket.send('hello'));
  socket.on('message', (data) => {
    if (String(data) !== 'heard hello') return end(1, `it answered ${data}`);
    child.removeAllListeners('exit');
    socket.on('close', (code) => end(code === 1001 ? 0 : 1, `margay serve talks, and said goodbye with ${code}`));
    process.kill(-child.pid, 'SIGTERM'); // npx, and the server behind it
  });
});

function end(code, message) {
  clearTimeout(timer);
  child.removeAllListeners('exit');
  console.log(message);
  rmSync(FOLDER, { recursive: true, force: true });
  try {
    if (code !== 0) process.kill(-child.pid, 'SIGKILL');
  } catch {
    // it is gone already
  }
  process.exitCode = code;
}
