/** `margay serve --workers`. */
import { describe, expect, it, jest } from '@jest/globals';
import { margay, STARTED } from '../support/command.js';
import { eventually } from '../support/eventually.js';
import { folder, talking } from '../support/folder.js';
import { Peer } from '../support/peer.js';
import { sideBySide } from '../support/side-by-side.js';

const HERE = ['--port', '0', '--host', '127.0.0.1', '--workers', '2'];
const PROCESS = `
import { OnMessage, ServerEndpoint, text } from 'margay';
console.log('loaded');
export class Plain {}
export class Process {
  say() { return String(process.pid); }
}
OnMessage(text)(Process.prototype, 'say', Object.getOwnPropertyDescriptor(Process.prototype, 'say'));
ServerEndpoint('/process')(Process);
`;

jest.setTimeout(60_000); // three processes each time, which a busy machine starts slowly

describe('margay serve --workers 2', () => {
  it('[REL-16] serves in two processes, says what there is once, and drains them on SIGTERM: exit code 0', async () => {
    const run = margay(['serve', '.', ...HERE], { cwd: folder({ 'process.mjs': PROCESS }) });
    const url = await run.url('Process');
    await eventually(() => expect(run.out()).toHaveLength(3), STARTED);
    const pids = await eventually(async () => {
      const peers = await Promise.all([1, 2, 3, 4].map(() => Peer.open(url)));
      for (const peer of peers) peer.send('which');
      const answers = new Set(await Promise.all(peers.map((peer) => peer.next())));
      expect(answers.size).toBe(2);
      return { answers, peers };
    });
    run.child.kill('SIGTERM');
    for (const peer of pids.peers) expect((await peer.closed).code).toBe(1001);
    expect(await run.ended).toBe(0);
    expect(pids.answers.has(String(run.child.pid))).toBe(false); // the primary serves nobody
    expect(run.out().sort()).toEqual([`Process ${url}`, 'loaded', 'loaded']);
    expect(run.err()).toEqual([
      'skipped process.mjs#Plain: it has no @ServerEndpoint, and extends neither Endpoint nor ServerApplicationConfig',
    ]);
  });

  it('before they listen it ends them at once, with 0', async () => {
    const cwd = folder({ 'late.mjs': "console.log('loading'); await new Promise((resolve) => setTimeout(resolve, 60_000));" });
    const run = margay(['serve', '.', ...HERE], { cwd });
    await eventually(() => expect(run.out()).toEqual(['loading', 'loading']), STARTED);
    run.child.kill('SIGTERM');
    expect(await run.ended).toBe(0);
    expect(run.err()).toEqual([]);
  });

  it('ends with the exit codes and the words of one process', async () => {
    const rows = [
      { files: { 'a.mjs': talking('A', 'a'), 'b.mjs': talking('B', '/b//c') }, code: 1, words: [/^MARGAY_PATH A: /, /^MARGAY_PATH B: /] },
      { files: { 'a.txt': '' }, code: 1, words: [/^skipped \.#\*: /, /^nothing was deployed$/] },
      { files: { 'a.mjs': talking('A', '/a') }, more: ['--context-path', 'app'], code: 2, words: [/contextPath "app"/] },
      {
        files: { 'a.mjs': talking('A', '/a') },
        more: ['--workers', '0'],
        code: 2,
        words: [/--workers is "0"; give a whole number above 0/],
      },
    ];
    await sideBySide(
      rows,
      ({ words }) => String(words),
      async ({ files, more = [], code, words }) => {
        const run = margay(['serve', '.', ...HERE, ...more], { cwd: folder(files) });
        expect(await run.ended).toBe(code);
        expect(run.err()).toEqual(words.map((each) => expect.stringMatching(each)));
        expect(run.out()).toEqual([]);
      },
    );
  });
});
