/** Real proxies, if they are on this machine: started with what the guide shows, on free ports, and ended with the test. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach } from '@jest/globals';
import { eventually } from './eventually.js';
import { cert, key } from './localhost-certificate.js';
import { read } from './project.js';
import { RawPeer } from './raw-peer.js';

export type ProxyName = 'nginx' | 'haproxy';

export interface Proxy {
  readonly port: number;
  /** Drops all it has, as a crash does. */
  kill(): Promise<void>;
}

const running = new Set<ChildProcess>();
const folders = new Set<string>();

afterEach(async () => {
  await Promise.all([...running].map(killed));
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  folders.clear();
});

/** Where the program is; null if it is not on this machine. */
export function programOf(name: ProxyName): string | null {
  for (const folder of [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin']) {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return join(folder, name);
    } catch {
      // the next one
    }
  }
  return null;
}

/** In front of a container that listens there; on that port, or a free one; seconds without traffic, instead of the guide's. */
export async function proxyTo(name: ProxyName, upstream: number, on?: number, timeout = '75s'): Promise<Proxy> {
  const port = on ?? (await freePort());
  const folder = mkdtempSync(join(tmpdir(), 'margay-proxy-'));
  folders.add(folder);
  for (const [file, text] of Object.entries({ 'site.pem': cert, 'site.key': key, 'combined.pem': cert + key })) {
    writeFileSync(join(folder, file), text);
  }
  const shown = new RegExp(`^\`\`\`${name}\\n([\\s\\S]*?)^\`\`\`$`, 'm').exec(read('docs/guide/behind-a-proxy.md'))?.[1];
  if (shown === undefined) throw new Error(`the guide shows no ${name} settings`);
  const site = shown
    .replaceAll('127.0.0.1:8080', `127.0.0.1:${upstream}`)
    .replaceAll('75s', timeout)
    .replace(/(listen |bind :)443/, (_, before: string) => `${before.replace(':', '')}127.0.0.1:${port}`)
    .replaceAll('/etc/ssl/chat.example.combined.pem', join(folder, 'combined.pem'))
    .replaceAll('/etc/ssl/chat.example.pem', join(folder, 'site.pem'))
    .replaceAll('/etc/ssl/chat.example.key', join(folder, 'site.key'));
  const child = name === 'nginx' ? nginx(folder, site) : haproxy(folder, site);
  running.add(child);
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  await eventually(async () => {
    if (child.exitCode !== null) throw new Error(`${name} ended with ${child.exitCode}: ${said.slice(0, 800)}`);
    (await RawPeer.connect({ port })).reset();
  }, 10_000);
  return { port, kill: () => killed(child) };
}

/** What Debian's own nginx.conf has around a site; one process, so that there is one to end. */
function nginx(folder: string, site: string): ChildProcess {
  writeFileSync(join(folder, 'site.conf'), site);
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${join(folder, kind)};`);
  const main = `daemon off; master_process off; worker_processes 1; pid ${join(folder, 'pid')}; error_log stderr warn;
events { worker_connections 256; }
http { access_log off; ${paths.join(' ')} include ${join(folder, 'site.conf')}; }`;
  mkdirSync(join(folder, 'logs'));
  writeFileSync(join(folder, 'nginx.conf'), main);
  return spawn(programOf('nginx') as string, ['-p', folder, '-e', 'stderr', '-c', join(folder, 'nginx.conf')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
}

function haproxy(folder: string, site: string): ChildProcess {
  writeFileSync(join(folder, 'haproxy.cfg'), `global\n  maxconn 100\n\n${site}`);
  return spawn(programOf('haproxy') as string, ['-db', '-f', join(folder, 'haproxy.cfg')], { stdio: ['ignore', 'ignore', 'pipe'] });
}

async function killed(child: ChildProcess): Promise<void> {
  if (!running.delete(child) || child.exitCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
