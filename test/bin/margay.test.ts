/** The command `margay serve`, as a process of its own. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, jest } from '@jest/globals';
import { ask } from '../support/ask.js';
import { margay, STARTED } from '../support/command.js';
import { eventually } from '../support/eventually.js';
import { folder, talking } from '../support/folder.js';
import { cert, key } from '../support/localhost-certificate.js';
import { Peer } from '../support/peer.js';
import { read } from '../support/project.js';

jest.setTimeout(60_000); // a busy machine starts processes slowly

const HERE = ['--port', '0', '--host', '127.0.0.1'];
const portOf = (url: string) => Number(new URL(url).port);

describe('[DEP-4, DEP-9] margay serve', () => {
  it('serves what a folder exports, one line each on stdout, and says on stderr what was skipped', async () => {
    const cwd = folder({
      'endpoints/talk.mjs': talking('Talk', '/talk/{uid}'),
      'endpoints/deep/chat.mjs': talking('Chat', '/chat'),
      'endpoints/plain.mjs': 'export class Plain {}',
    });
    const run = margay(['serve', './endpoints', ...HERE, '--context-path', '/app'], { cwd });
    const url = await run.url('Talk');
    expect(url).toMatch(/^ws:\/\/127\.0\.0\.1:\d+\/app\/talk\/\{uid\}$/);
    expect(run.out()).toEqual([`Chat ${url.replace('talk/{uid}', 'chat')}`, `Talk ${url}`]);
    expect(run.err()).toEqual([
      'skipped endpoints/plain.mjs#Plain: it has no @ServerEndpoint, and extends neither Endpoint nor ServerApplicationConfig',
    ]);
    const peer = await Peer.open(url.replace('{uid}', '7'));
    peer.send('hello');
    expect(await peer.next()).toBe('Talk hello');
  });

  it('takes files and patterns, and several paths', async () => {
    const cwd = folder({
      'a.mjs': talking('A', '/a'),
      'b/b.mjs': talking('B', '/b'),
      'b/c.mjs': talking('C', '/c'),
      'b/d.mjs': talking('D', '/d'),
    });
    const run = margay(['serve', 'a.mjs', 'b/{c,d}.*', ...HERE], { cwd });
    await run.url('D');
    expect(run.out().map((line) => line.split(' ')[0])).toEqual(['A', 'C', 'D']);
  });

  it('takes the port from PORT, and --port before it', async () => {
    const cwd = folder({ 'talk.mjs': talking('Talk', '/talk') });
    const first = margay(['serve', '.', '--host', '127.0.0.1'], { cwd, env: { PORT: '0' } });
    const taken = portOf(await first.url('Talk'));
    const second = margay(['serve', '.', ...HERE], { cwd, env: { PORT: String(taken) } });
    expect(portOf(await second.url('Talk'))).not.toBe(taken);
    const third = margay(['serve', '.', '--host', '127.0.0.1'], { cwd, env: { PORT: String(taken) } });
    expect(await third.ended).toBe(1);
    expect(third.err()).toEqual([`MARGAY_LISTEN port ${taken} of 127.0.0.1 is in use; pass another port, or 0`]);
    expect(third.out()).toEqual([]);
  });

  it('hands its flags to the container', async () => {
    const cwd = folder({ 'talk.mjs': talking('Talk', '/talk') });
    const flags = ['--allowed-origin', 'https://a.example', '--allowed-origin=https://b.example', '--deflate', '--trust-proxy'];
    const run = margay(['serve', '.', ...HERE, ...flags], { cwd });
    const port = portOf(await run.url('Talk'));
    const statusOf = async (headers: Record<string, string>) => (await ask({ port }, { headers })).status;
    expect(await statusOf({ Origin: 'https://a.example' })).toBe(101);
    expect(await statusOf({ Origin: 'https://b.example' })).toBe(101);
    expect(await statusOf({ Origin: 'https://c.example' })).toBe(403);
    expect(await statusOf({ Origin: 'https://c.example', 'X-Forwarded-Host': 'c.example', 'X-Forwarded-Proto': 'https' })).toBe(101);
    const { headers } = await ask({ port }, { headers: { 'Sec-WebSocket-Extensions': 'permessage-deflate' } });
    expect(headers.get('sec-websocket-extensions')?.[0]).toMatch(/^permessage-deflate/);
  });

  it('believes only the proxies that are listed, and any page with *', async () => {
    const cwd = folder({ 'talk.mjs': talking('Talk', '/talk') });
    const origin = { Origin: 'https://c.example', 'X-Forwarded-Host': 'c.example' };
    const listed = margay(['serve', '.', ...HERE, '--trust-proxy=10.0.0.0/8,::1'], { cwd });
    expect((await ask({ port: portOf(await listed.url('Talk')) }, { headers: origin })).status).toBe(403);
    const open = margay(['serve', '.', ...HERE, '--allowed-origin', '*'], { cwd });
    expect((await ask({ port: portOf(await open.url('Talk')) }, { headers: origin })).status).toBe(101);
  });

  it('speaks TLS with --tls-cert and --tls-key', async () => {
    const cwd = folder({ 'talk.mjs': talking('Talk', '/talk'), 'cert.pem': cert, 'key.pem': key });
    const run = margay(['serve', '.', ...HERE, '--tls-cert', 'cert.pem', '--tls-key', 'key.pem'], { cwd });
    const url = await run.url('Talk');
    expect(url).toMatch(/^wss:/);
    const peer = await Peer.open(url, { rejectUnauthorized: false });
    peer.send('hello');
    expect(await peer.next()).toBe('Talk hello');
  });

  it('[DEP-11] runs the initializers that --initializer names', async () => {
    const cwd = folder({
      'talk.mjs': talking('Talk', '/talk'),
      'start/initializers.mjs': `
        import { HandlesTypes, ServerEndpoint, ServerEndpointConfig } from 'margay';
        export class Second {
          async onStartup(classes, { container }) {
            for (const type of classes) await container.addEndpoint(ServerEndpointConfig.Builder.create(type, '/again').build());
          }
        }
        HandlesTypes(ServerEndpoint)(Second);
        export const first = { onStartup: () => console.error('first started') };
        export const other = 1;`,
    });
    const run = margay(['serve', 'talk.mjs', ...HERE, '--initializer', 'start/initializers.mjs'], { cwd });
    await run.url('Talk');
    await eventually(() => expect(run.out().map((line) => new URL(line.split(' ')[1] as string).pathname)).toEqual(['/talk', '/again']));
    expect(run.err()).toEqual(['first started']);
  });
});

describe('[D-32] SIGTERM and SIGINT, as REL-16 asks', () => {
  const SLOW = `
    import { OnClose, OnMessage, ServerEndpoint, closeReason, text } from 'margay';
    import { appendFileSync } from 'node:fs';
    setInterval(() => {}, 1000); // keeps the process for itself
    export class Slow {
      say(message) { return message; }
      async close(reason) {
        await new Promise((resolve) => setTimeout(resolve, 300));
        appendFileSync(process.env.TOLD, String(reason) + '\\n');
      }
    }
    const on = (decorator, key) => decorator(Slow.prototype, key, Object.getOwnPropertyDescriptor(Slow.prototype, key));
    on(OnMessage(text), 'say');
    on(OnClose(closeReason), 'close');
    ServerEndpoint('/slow')(Slow);`;

  it.each(['SIGTERM', 'SIGINT'] as const)('%s drains: 1001 for the sessions, every @OnClose, exit code 0', async (signal) => {
    const cwd = folder({ 'slow.mjs': SLOW, told: '' });
    const run = margay(['serve', '.', ...HERE], { cwd, env: { TOLD: join(cwd, 'told') } });
    const url = await run.url('Slow');
    const peers = await Promise.all([Peer.open(url), Peer.open(url)]);
    run.child.kill(signal);
    for (const peer of peers) expect((await peer.closed).code).toBe(1001);
    run.child.kill(signal); // again, as npm and a shell do: it goes on draining
    expect(await run.ended).toBe(0);
    expect(readFileSync(join(cwd, 'told'), 'utf8')).toBe('CloseReason[1001,the container is closing]\n'.repeat(2));
    expect(run.err()).toEqual([]);
  });

  it('before it listens it ends at once, with 0', async () => {
    const cwd = folder({ 'late.mjs': "console.log('loading'); await new Promise((resolve) => setTimeout(resolve, 60_000));" });
    const run = margay(['serve', '.', ...HERE], { cwd });
    await eventually(() => expect(run.out()).toEqual(['loading']), STARTED);
    run.child.kill('SIGTERM');
    expect(await run.ended).toBe(0);
  });
});

describe('exit codes', () => {
  it('--help is 0, with all flags on stdout', async () => {
    const run = margay(['serve', 'nowhere', '--help', '--port', '1']);
    expect(await run.ended).toBe(0);
    const flags = [
      'port',
      'host',
      'context-path',
      'allowed-origin',
      'trust-proxy',
      'deflate',
      'tls-cert',
      'tls-key',
      'workers',
      'initializer',
      'help',
      'version',
    ];
    expect(
      run
        .out()
        .join('\n')
        .match(/^ {2}--[a-z-]+/gm)
        ?.map((flag) => flag.slice(4)),
    ).toEqual(flags);
    expect(run.err()).toEqual([]);
  });

  it('--version is 0, with the version', async () => {
    const run = margay(['--version']);
    expect(await run.ended).toBe(0);
    expect(run.out()).toEqual([(JSON.parse(read('package.json')) as { version: string }).version]);
  });

  it('1 for a deployment that fails, with all problems on stderr', async () => {
    const cwd = folder({ 'a.mjs': talking('A', 'a'), 'b.mjs': talking('B', '/b//c'), 'throws.mjs': "throw new Error('no database');" });
    const run = margay(['serve', '.', ...HERE], { cwd });
    expect(await run.ended).toBe(1);
    expect(run.err().map((line) => line.split(' ')[0])).toEqual(['MARGAY_SCAN', 'MARGAY_PATH', 'MARGAY_PATH']);
    expect(run.err()[0]).toBe('MARGAY_SCAN throws.mjs cannot be loaded: no database (line 1)');
    expect(run.out()).toEqual([]);
  });

  it('1 when nothing is deployed, with what was skipped', async () => {
    const run = margay(['serve', 'x/*.js', ...HERE], { cwd: folder({}) });
    expect(await run.ended).toBe(1);
    expect(run.err()).toEqual(['skipped x/*.js#*: matches no module', 'nothing was deployed']);
  });

  it('1 for what has not been compiled: the folder is skipped, the file cannot be loaded, and both say what to do', async () => {
    const cwd = folder({ 'e/talk.mts': 'export class Talk {}', 'lib.mjs': "throw new Error('no');", 'f/a.mjs': "import '../lib.mjs';" });
    const run = margay(['serve', 'e', 'f', ...HERE], { cwd });
    expect(await run.ended).toBe(1);
    expect(run.err()).toEqual(['MARGAY_SCAN f/a.mjs cannot be loaded: no (lib.mjs:1)']);
    const other = margay(['serve', 'e', ...HERE], { cwd });
    expect(await other.ended).toBe(1);
    expect(other.err()).toEqual(['skipped e#*: there is no .js or .mjs in it or below; compile TypeScript first', 'nothing was deployed']);
  });

  it.each([
    ['none.mjs', 'export const x = 1;', 'MARGAY_SCAN none.mjs cannot be loaded: it exports nothing that has onStartup()'],
    ['bad.mjs', "throw new Error('no')", 'MARGAY_SCAN bad.mjs cannot be loaded: no (line 1)'],
    ['fails.mjs', "export class Fails { onStartup() { throw new Error('no'); } }", 'MARGAY_INITIALIZER Fails.onStartup() threw: no'],
  ])('1 for an initializer that will not do: %s', async (name, source, words) => {
    const cwd = folder({ [name]: source, 'e/talk.mjs': talking('Talk', '/talk') });
    const run = margay(['serve', 'e', ...HERE, '--initializer', name], { cwd });
    expect(await run.ended).toBe(1);
    expect(run.err()).toEqual([words]);
  });

  it.each([
    [['serve'], /no path; try margay serve/],
    [['serve', 'endpoint'], /there is no endpoint; did you mean endpoints\?/],
    [['serve', '.', '--prot', '0'], /unknown flag --prot; did you mean --port\?/],
    [['serve', '.', '--context-path', 'app'], /contextPath "app"/],
    [['serve', '.', '--tls-cert', 'cert.pem', '--tls-key', 'key.pen'], /there is no key\.pen; did you mean key\.pem\?/],
  ])('2 for %j', async (args, words) => {
    const cwd = folder({ 'endpoints/talk.mjs': talking('Talk', '/talk'), 'cert.pem': '', 'key.pem': '' });
    const run = margay(args, { cwd });
    expect(await run.ended).toBe(2);
    expect(run.err()).toHaveLength(1);
    expect(run.err()[0]).toMatch(words);
    expect(run.out()).toEqual([]);
  });
});
