/** `serve({ workers })`: several processes serve on one port. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { ask } from '../support/ask.js';
import { eventually } from '../support/eventually.js';
import { type Fleet, fleet, SERVES } from '../support/fleet.js';
import { RawPeer } from '../support/raw-peer.js';

interface Opened {
  readonly peer: RawPeer;
  /** Of the process that answers. */
  readonly pid: number;
}

const MOST = 60;

/** Sessions, until two processes have some: node deals connections in turn, but not to a worker that is busy. */
async function opened(run: Fleet): Promise<Opened[]> {
  const address = await run.address();
  const one = async (): Promise<Opened> => {
    const peer = await RawPeer.open(address, '/talk');
    peer.text('who');
    const [answer = ''] = await peer.received(1);
    return { peer, pid: Number(answer.split(' ')[0]) };
  };
  const sessions = await Promise.all([one(), one(), one(), one()]);
  while (pidsOf(sessions).length < 2 && sessions.length < MOST) sessions.push(await one());
  return sessions;
}

const pidsOf = (sessions: readonly { readonly pid: number }[]) => [...new Set(sessions.map(({ pid }) => pid))].sort();
/** The server takes its leave, and the peer answers as peers do. */
async function goodbye(peer: RawPeer | undefined): Promise<void> {
  expect(await peer?.closeFrame()).toMatchObject({ code: 1001 });
  peer?.close(1001);
}

const workersOf = (run: Fleet) =>
  run
    .said('worker', 'serves')
    .map(({ pid }) => pid)
    .sort();

describe('serve({ workers: 2 })', () => {
  it('[SES-19] two processes serve on one port, each with sessions of its own, and deploys nothing where they are started', async () => {
    const run = fleet(SERVES);
    const sessions = await opened(run);
    expect(pidsOf(sessions)).toHaveLength(2);
    expect(pidsOf(sessions)).toEqual(workersOf(run));
    for (const { peer, pid } of sessions) {
      peer.text('how many');
      const [, answer] = await peer.received(2);
      expect(answer).toBe(`${pid} ${sessions.filter((each) => each.pid === pid).length}`);
    }
    const [primary] = run.said('primary', 'serves');
    const [url] = primary?.rest.split(' ') ?? [];
    expect(primary?.rest).toBe(`${url} 0`);
    expect(run.said('worker', 'serves').map(({ rest }) => rest)).toEqual([`${url} 1`, `${url} 1`]);
  });

  it('[REL-16] close() of the primary drains them all: 503, 1001, every @OnClose; and resolves when they have ended', async () => {
    const run = fleet(SERVES);
    const address = await run.address();
    const sessions = await opened(run);
    expect(pidsOf(sessions)).toHaveLength(2);
    for (const { peer } of sessions) {
      peer.text('wait');
      await peer.received(2);
    }
    run.child.kill('SIGTERM');
    for (const { peer } of sessions) await goodbye(peer);
    expect((await ask(address)).status).toBe(503);
    expect(run.said('primary', 'drained')).toEqual([]);
    writeFileSync(join(run.cwd, 'go'), '');
    expect(await run.ended).toBe(0);
    expect(run.said('primary', 'drained').map(({ rest }) => rest)).toEqual(['0']);
    expect(run.said('worker', 'closed').map(({ rest }) => rest)).toEqual(sessions.map(() => '1001'));
    expect(run.err()).toEqual([]);
  });

  it('a primary that is killed leaves nobody behind: the workers drain, and end', async () => {
    const run = fleet(SERVES);
    const sessions = await opened(run);
    expect(pidsOf(sessions)).toHaveLength(2);
    run.child.kill('SIGKILL');
    for (const { peer } of sessions) await goodbye(peer);
    expect(await run.ended).toBe('SIGKILL'); // the workers hold its stdout as long as they live
    expect(run.said('worker', 'closed').map(({ rest }) => rest)).toEqual(sessions.map(() => '1001'));
  });

  it('a worker that is killed is replaced, the log says so, and the sessions of the other stay', async () => {
    const run = fleet(SERVES);
    const sessions = await opened(run);
    const [killed, other] = pidsOf(sessions);
    process.kill(killed as number, 'SIGKILL');
    await run.saying('worker', 'serves', 3);
    expect(pidsOf(await opened(run))).toEqual(workersOf(run).filter((pid) => pid !== killed));
    for (const { peer, pid } of sessions) {
      if (pid === killed) expect(await peer.closeFrame()).toBeNull();
      if (pid !== other) continue;
      peer.text('still there?');
      expect((await peer.received(2))[1]).toMatch(`${other} `);
    }
    expect(run.err()).toHaveLength(1);
    expect(run.err()[0]).toMatch(
      new RegExp(`^margay error MARGAY_WORKER worker \\d \\(process ${killed}\\) was ended by SIGKILL; another takes its place in 100 ms$`),
    );
  });

  it('port 0 stays the port that it was, also when all workers have been killed at once', async () => {
    const run = fleet(SERVES);
    const { port } = await run.address();
    for (const pid of workersOf(run)) process.kill(pid, 'SIGKILL');
    await run.saying('worker', 'serves', 4);
    expect(new Set(run.said('worker', 'serves').map(({ rest }) => rest))).toEqual(new Set([`http://127.0.0.1:${port} 1`]));
    const pids = pidsOf(await opened(run));
    expect(pids).toHaveLength(2);
  });

  it('a worker whose container is closed there leaves, and is replaced', async () => {
    const run = fleet(SERVES);
    const [first] = await opened(run);
    first?.peer.text('close');
    await goodbye(first?.peer);
    await run.saying('worker', 'serves', 3);
    expect(run.err().map((line) => line.replace(/worker \d/, 'worker'))).toEqual([
      `margay error MARGAY_WORKER worker (process ${first?.pid}) ended with exit code 0; another takes its place in 100 ms`,
    ]);
    await eventually(async () => expect(pidsOf(await opened(run))).not.toContain(first?.pid));
  });

  it('[REL-16] close() does not wait for ever for a worker that hangs: it is killed, and named', async () => {
    const run = fleet(SERVES.replace('...here', '...here, shutdownTimeout: 1'));
    const sessions = await opened(run);
    const [stuck] = sessions;
    const other = sessions.find(({ pid }) => pid !== stuck?.pid);
    stuck?.peer.text('loop');
    run.child.kill('SIGTERM');
    await goodbye(other?.peer);
    expect(await run.ended).toBe(0);
    expect(run.err().map((line) => line.replace(/worker \d/, 'worker'))).toEqual([
      `margay error MARGAY_WORKER worker (process ${stuck?.pid}) does not end, and is killed`,
    ]);
  });
});
