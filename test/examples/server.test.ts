/** The server of the examples: its pages, whom it lets in, and how it starts and stops. */
import { type ChildProcess, execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { describe, expect, it, jest } from '@jest/globals';
import { OnMessage, ServerEndpoint, serve } from 'margay';
import { APPLICATIONS } from '../../examples/applications.js';
import { start } from '../../examples/server.js';
import { Peer } from '../support/peer.js';
import { run } from './running.js';

const here = dirname(fileURLToPath(import.meta.url));
const compiled = join(here, '..', '..');
const examplesFolder = join(projectOf(here), 'examples');

/** Arguments for a node that takes these compiled sources for the package, as jest's moduleNameMapper does here. */
const asMargay = [
  '--import',
  script(
    `import { register } from 'node:module'; register(${JSON.stringify(
      script(`
  const sources = ${JSON.stringify(pathToFileURL(join(compiled, 'src')).href)};
  const door = (name) => /^margay(?:\\/(.+))?$/.exec(name);
  export const resolve = (name, context, next) => next(door(name) ? \`\${sources}/\${door(name)[1] ?? 'index'}.js\` : name, context);
`),
    )});`,
  ),
];

describe('the example pages', () => {
  it.each([
    ['/', 'index.html', 'text/html; charset=utf-8'],
    ['/index.html', 'index.html', 'text/html; charset=utf-8'],
    ['/echo/page.html', 'echo/page.html', 'text/html; charset=utf-8'],
    ['/chat/page.html?from=here', 'chat/page.html', 'text/html; charset=utf-8'],
    ['/style.css', 'style.css', 'text/css; charset=utf-8'],
    ['/page.js', 'page.js', 'text/javascript; charset=utf-8'],
    ['/margay.svg', 'margay.svg', 'image/svg+xml'],
  ])('%s is %s', async (path, file, type) => {
    const { url } = await run();
    const response = await fetch(url + path);
    expect([response.status, response.headers.get('content-type')]).toEqual([200, type]);
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(response.headers.get('content-security-policy')).toMatch(/^default-src 'none'; /);
    expect(await response.text()).toBe(readFileSync(join(examplesFolder, file), 'utf8'));
  });

  it.each([
    '/none',
    '/echo',
    '/echo/',
    '/echo/none.html',
    '/echo/echo.ts',
    '/server.ts',
    '/../package.json',
    '/..%2fpackage.json',
    '/.html',
    '/%00.html',
    '//etc/passwd',
    '/__proto__',
    '/constructor.html',
  ])('%s is nowhere', async (path) => {
    const { url } = await run();
    expect(await statusOf(url, 'GET', path)).toBe(404);
  });

  it('answers HEAD without a body, and nothing else but GET', async () => {
    const { url } = await run();
    const head = await fetch(url, { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
    expect(Number(head.headers.get('content-length'))).toBeGreaterThan(1000);
    const post = await fetch(url, { method: 'POST', body: 'x' });
    expect([post.status, post.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  });

  it('[EX-0] need nothing from anywhere else', () => {
    for (const file of readdirSync(examplesFolder, { recursive: true, encoding: 'utf8' })) {
      if (!/\.(html|css|js|svg)$/.test(file)) continue;
      const text = readFileSync(join(examplesFolder, file), 'utf8').replaceAll('http://www.w3.org/2000/svg', '');
      expect([file, text.match(/https?:\/\/|(?:src|href)="\/\//)]).toEqual([file, null]);
    }
  });
});

describe('the example server', () => {
  it('[CON-9] lists its endpoints, each below the context path of its application, with their pages', async () => {
    const { url, list } = await run();
    const socket = url.replace('http', 'ws');
    expect(list).toContainEqual({ name: 'Echo', socket: `${socket}/echo`, page: `${url}/echo/page.html` });
    expect(list).toContainEqual({ name: 'ChatAnnotation', socket: `${socket}/examples/websocket/chat`, page: `${url}/chat/page.html` });
    const servlet = {
      name: 'EchoStream',
      socket: `${socket}/examples/websocket/tc7/echoStream`,
      page: `${url}/echo/page.html#tc7/echoStream`,
    };
    expect(list).toContainEqual(servlet);
    expect(list.at(-1)).toEqual({
      name: 'RelayRemote',
      socket: expect.stringMatching(/^ws:\/\/127\.0\.0\.1:\d+\/testWebsocket\/websocket\/\{relationId\}\/\{userCode\}$/),
      page: `${url}/relay/page.html`,
    });
    const prefixes = APPLICATIONS.map(({ contextPath }) => contextPath);
    expect(new Set(prefixes).size).toBe(prefixes.length);
    const pages = APPLICATIONS.flatMap((each) => Object.keys(each.pages).map((path) => `${socket}${each.contextPath}${path}`));
    expect(list.slice(0, -1).map((each) => each.socket)).toEqual(expect.arrayContaining(pages));
    expect(list).toHaveLength(pages.length + 1);
  });

  it('opens every endpoint that it lists, and has a page for it', async () => {
    const printed = jest.spyOn(console, 'log').mockImplementation(() => {});
    const { list } = await run();
    for (const { page, socket } of list) {
      expect([page, (await fetch(page)).status]).toEqual([page, 200]);
      const peer = await Peer.open(socket.replace('{userCode}', '1').replaceAll(/\{\w+\}/g, encodeURIComponent('小明 🐾')));
      await peer.close();
    }
    printed.mockRestore();
  });

  it.each(['http://elsewhere.example', 'https://localhost:8443', 'null'])('[D-06] lets a page of %s in', async (origin) => {
    const { dial } = await run();
    const peer = await dial('/echo', { origin });
    peer.send('hello');
    expect(await peer.next()).toBe('hello');
  });

  it('[D-06] would not without the option that says so', async () => {
    @ServerEndpoint('/echo')
    class Echo {
      @OnMessage
      text(message: string): string {
        return message;
      }
    }
    const logger = { debug() {}, info() {}, warn() {}, error() {} };
    const container = await serve({ endpoints: [Echo], port: 0, host: '127.0.0.1', logger });
    const socket = `${container.url.replace('http', 'ws')}/echo`;
    await expect(Peer.open(socket, { origin: 'http://elsewhere.example' })).rejects.toMatchObject({ status: 403 });
    await container.close();
  });

  it('answers 404 where there is no endpoint', async () => {
    const { dial } = await run();
    await expect(dial('/none')).rejects.toMatchObject({ status: 404 });
  });

  it('says so when its port is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address() as { port: number };
    await expect(start({ port, relayPort: 0, host: '127.0.0.1' })).rejects.toMatchObject({ code: 'EADDRINUSE' });
    await new Promise((resolve) => other.close(resolve));
  });
});

describe.each(['SIGINT', 'SIGTERM'] as const)('npm start, and %s', (signal) => {
  it('prints where everything is, says 1001 to everyone, and exits with 0', async () => {
    const child = execFile(process.execPath, [...asMargay, join(compiled, 'examples', 'main.js')], {
      cwd: '/',
      env: { ...process.env, PORT: '0', RELAY_PORT: '0' },
    });
    const ended = new Promise((resolve) => child.once('exit', (code, by) => resolve([code, by])));
    try {
      const printed = await linesUntil(child, 'RelayRemote');
      expect(printed[0]).toMatch(/^The examples are at http:\/\/localhost:\d+\/$/);
      const [socket, page] = (printed.find((line) => line.startsWith('ChatAnnotation ')) as string).split(/\s+/).slice(1) as [
        string,
        string,
      ];
      expect([socket, page]).toEqual([
        expect.stringMatching(/^ws:\/\/localhost:\d+\/examples\/websocket\/chat$/),
        expect.stringMatching(/^http:\/\/localhost:\d+\/chat\/page\.html$/),
      ]);
      expect((await fetch(page)).status).toBe(200);
      const remote = (printed.at(-1) as string).split(/\s+/)[1] as string;
      const body = new URLSearchParams({ access: '喂' });
      const relayed = await fetch(new URL('/relay/access', page), { method: 'POST', body });
      expect(await relayed.text()).toBe('Got your message (喂).Thanks !');
      const peers = [await Peer.open(socket), await Peer.open(remote.replace('{relationId}/{userCode}', 'x/1'))];
      child.kill(signal);
      for (const peer of peers) expect(await peer.closed).toMatchObject({ code: 1001 });
      expect(await ended).toEqual([0, null]);
    } finally {
      child.kill('SIGKILL');
    }
  });
});

describe('npm start, told what cannot be', () => {
  it.each([
    [{ PORT: '65536' }, 'PORT=65536 is no port; give a number, as in PORT=8081 npm start'],
    [{ RELAY_PORT: 'here' }, 'RELAY_PORT=here is no port; give a number, as in RELAY_PORT=8096 npm start'],
    [{ PORT: '8095' }, 'PORT and RELAY_PORT are both 8095; they have to differ'],
  ])('[EX-R1] %j', async (variables, words) => {
    const { PORT: _port, RELAY_PORT: _relayPort, ...rest } = process.env;
    const child = execFile(process.execPath, [...asMargay, join(compiled, 'examples', 'main.js')], { env: { ...rest, ...variables } });
    let told = '';
    child.stderr?.on('data', (text: string) => {
      told += text;
    });
    const code = await new Promise((resolve) => child.once('close', resolve));
    expect([code, told.trim()]).toEqual([1, words]);
  });
});

/** A module as a URL. */
function script(text: string): string {
  return `data:text/javascript,${encodeURIComponent(text)}`;
}

/** What the process prints, up to the line that begins so. */
function linesUntil(child: ChildProcess, start: string): Promise<string[]> {
  return new Promise((resolve, reject) => {
    let text = '';
    child.stdout?.on('data', (chunk: string) => {
      text += chunk;
      const lines = text.split('\n');
      const last = lines.findIndex((line) => line.startsWith(start));
      if (last >= 0 && last < lines.length - 1) resolve(lines.slice(0, last + 1));
    });
    child.once('exit', () => reject(new Error(`it ended after: ${text}`)));
  });
}

/** fetch would tidy the path up. */
function statusOf(url: string, method: string, path: string): Promise<number> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    request({ hostname, port, method, path }, (response) => {
      response.resume();
      resolve(response.statusCode as number);
    })
      .once('error', reject)
      .end();
  });
}

function projectOf(folder: string): string {
  return existsSync(join(folder, 'package.json')) ? folder : projectOf(dirname(folder));
}
