/** `serve({ workers })` that cannot be, and several of them in one module. */
import { rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { IllegalArgumentException, type ServeOptions, serve } from 'margay';
import { ask } from '../support/ask.js';
import { node } from '../support/command.js';
import { eventually } from '../support/eventually.js';
import { fleet, SERVES, TRIES } from '../support/fleet.js';
import { talking } from '../support/folder.js';
import { sideBySide } from '../support/side-by-side.js';

const portOf = (url: string | undefined) => Number(new URL(url as string).port);

describe('a start that fails', () => {
  it('rejects with what the worker has to say, when all workers have ended', async () => {
    const other = createServer().listen(0, '127.0.0.1').unref();
    await eventually(() => expect(other.listening).toBe(true));
    const { port } = other.address() as AddressInfo;
    const rows = [
      {
        source: TRIES('endpoints: [class Bare {}, class Naked {}]'),
        error: { name: 'DeploymentException', code: 'MARGAY_DEPLOYMENT', problems: ['MARGAY_NOT_ENDPOINT', 'MARGAY_NOT_ENDPOINT'] },
      },
      {
        source: TRIES(`endpoints: [Talk], port: ${port}`),
        error: {
          name: 'IOException',
          code: 'MARGAY_LISTEN',
          message: `port ${port} of 127.0.0.1 is in use; pass another port, or 0`,
          cause: 'EADDRINUSE',
        },
      },
      {
        source: `if (cluster.isWorker) process.exit(7);${TRIES('endpoints: [Talk]')}`,
        error: {
          name: 'DeploymentException',
          code: 'MARGAY_WORKER',
          message: expect.stringMatching(
            /^worker \d \(process \d+\) ended with exit code 7 before it listened; what it has printed says why$/,
          ),
        },
      },
    ];
    await sideBySide(
      rows,
      ({ error }) => error.code,
      async ({ source, error }) => {
        const run = fleet(source);
        expect(await run.ended).toBe(0); // nobody is left who holds its stdout
        const [failed] = run.said('primary', 'failed');
        expect(failed?.rest[0]).toBe('0');
        expect(JSON.parse(failed?.rest.slice(2) as string)).toMatchObject(error);
        expect(run.err()).toEqual([]);
      },
    );
    other.close();
  });

  it('a worker that cannot follow one that died is tried again, after longer and longer pauses', async () => {
    const run = fleet(SERVES.replace('[Talk]', "existsSync('broken') ? [class Bare {}] : [Talk]"));
    await run.address();
    const [one] = run.said('worker', 'serves');
    writeFileSync(join(run.cwd, 'broken'), '');
    process.kill(one?.pid as number, 'SIGKILL');
    const ends = await eventually(() => {
      const lines = run.err().filter((line) => line.includes('another takes its place'));
      expect(lines.length).toBeGreaterThan(2);
      return lines.slice(0, 3).map((line) => line.replace(/^.*?\) (?:was )?ended /, ''));
    }, 12_000);
    const bare = 'with exit code 1, since it could not serve: Bare has no @ServerEndpoint';
    expect(ends.map((line) => line.replace(/(@ServerEndpoint).*?(; another takes its place in \d+ ms).*$/, '$1$2'))).toEqual([
      'by SIGKILL; another takes its place in 100 ms',
      `${bare}; another takes its place in 200 ms`,
      `${bare}; another takes its place in 400 ms`,
    ]);
    rmSync(join(run.cwd, 'broken'));
    await run.saying('worker', 'serves', 3);
  });

  it('says where there can be no workers', async () => {
    const margay = new URL('../../src/index.js', import.meta.url).href;
    const pasted = `import { serve } from '${margay}'; serve({ workers: 2 }).catch(({ code, message }) => console.log(code, message));`;
    const [foreign, nowhere] = [
      fleet(`if (cluster.isPrimary) cluster.fork(); else {${TRIES('endpoints: [Talk]')} process.disconnect(); }`),
      node(['--input-type=module', '-e', pasted]),
    ];
    const [failed] = await foreign.saying('worker', 'failed');
    expect(JSON.parse(failed?.rest.slice(2) as string)).toMatchObject({
      name: 'IllegalStateException',
      message:
        "serve({ workers: 2 }) in a worker of another primary, such as PM2's; leave workers out, there are several of this process already",
    });
    expect(await nowhere.ended).toBe(0);
    expect(nowhere.out()).toEqual([
      'MARGAY_STATE serve({ workers: 2 }) needs a file that the workers can run; write it into one: node server.js',
    ]);
  });

  it.each<[unknown, RegExp]>([
    [{ workers: 0 }, /workers 0; give a whole number above 0/],
    [{ workers: 1.5 }, /workers 1.5; give a whole number above 0/],
    [{ workers: '2' }, /workers "2"; give a whole number above 0/],
    [{ workers: 2, server: createServer() }, /workers stands beside server; .* give port, host and tls instead/],
  ])('refuses %j by name', async (options, words) => {
    const refused = serve(options as ServeOptions);
    await expect(refused).rejects.toThrow(IllegalArgumentException);
    await expect(refused).rejects.toThrow(words);
    await expect(refused).rejects.toMatchObject({ code: 'MARGAY_OPTION' });
  });
});

describe('several in one module', () => {
  it('share their workers, each on its port; one that is closed leaves the others', async () => {
    const run = fleet(
      `
      const [a, b] = await Promise.all([
        serve({ ...here, endpoints: [Talk] }),
        serve({ ...here, scan: { globs: './scanned', cwd: import.meta.dirname ?? '.' } }),
      ]);
      say('serves', a.url, b.url, workersLeft());
      process.on('SIGTERM', () => a.close().then(() => say('drained', workersLeft())));
      process.on('SIGINT', () => b.close().then(() => say('drained', workersLeft())));
    `,
      { 'scanned/shout.mjs': talking('Shout', '/shout') },
    );
    const [{ rest } = { rest: '' }] = await run.saying('primary', 'serves');
    const [a, b, workers] = rest.split(' ');
    expect([workers, run.said('worker', 'runs').length]).toEqual(['2', 2]);
    const statusOf = async (url: string | undefined, target: string) => (await ask({ port: portOf(url) }, { target })).status;
    expect([await statusOf(a, '/talk'), await statusOf(a, '/shout')]).toEqual([101, 404]);
    expect([await statusOf(b, '/talk'), await statusOf(b, '/shout')]).toEqual([404, 101]);
    run.child.kill('SIGTERM');
    const [drained] = await run.saying('primary', 'drained');
    expect(drained?.rest).toBe('2');
    await expect(statusOf(a, '/talk')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    expect(await statusOf(b, '/shout')).toBe(101);
    run.child.kill('SIGINT');
    expect(await run.ended).toBe(0);
    expect(run.said('primary', 'drained').map((each) => each.rest)).toEqual(['2', '0']);
    expect(run.err()).toEqual([]);
  });

  it('with another number is refused, and so is one when the workers have ended', async () => {
    const run = fleet(`
      const first = await serve({ ...here, endpoints: [Talk] });
      ${TRIES('workers: 3, endpoints: [Talk]')}
      if (cluster.isPrimary) await first.close();
      ${TRIES('endpoints: [Talk]')}
    `);
    expect(await run.ended).toBe(0);
    const failures = run.said('primary', 'failed').map(({ rest }) => JSON.parse(rest.slice(2)) as { code: string; message: string });
    expect(failures.map(({ code }) => code)).toEqual(['MARGAY_OPTION', 'MARGAY_STATE']);
    expect(failures[0]?.message).toMatch(/workers 3 stands behind a serve\(\) with workers 2; .* give both the same number$/);
    expect(failures[1]?.message).toMatch(/^serve\(\) with workers after they have ended; /);
    expect(run.said('worker', 'runs')).toHaveLength(2);
    expect(run.said('worker', 'failed').map(({ rest }) => (JSON.parse(rest.slice(2)) as { code: string }).code)).toEqual([
      'MARGAY_OPTION',
      'MARGAY_OPTION',
    ]);
  });
});
