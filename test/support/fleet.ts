/** A module that serves with workers, run by itself; each of its processes says what becomes of it. */
import { join } from 'node:path';
import { afterEach } from '@jest/globals';
import { node, type Run } from './command.js';
import { eventually } from './eventually.js';
import { folder } from './folder.js';

/** Answers with the process and the number of its sessions; an @OnClose waits until there is a file `go`, if it was asked to. */
const HEAD = `
import cluster from 'node:cluster';
import { existsSync } from 'node:fs';
import { OnClose, OnMessage, ServerEndpoint, closeReason, serve, session, text } from 'margay';
const who = cluster.isPrimary ? 'primary' : 'worker';
const say = (...words) => console.log([who, process.pid, ...words].join(' '));
const workersLeft = () => Object.keys(cluster.workers ?? {}).length;
const here = { workers: 2, port: 0, host: '127.0.0.1' };
let container;
class Talk {
  #waits = false;
  text(message, own) {
    if (message === 'wait') this.#waits = true;
    if (message === 'close') return void container.close();
    for (const end = Date.now() + 20_000; message === 'loop' && Date.now() < end; );
    return process.pid + ' ' + own.getOpenSessions().size;
  }
  async close(reason) {
    while (this.#waits && !existsSync('go')) await new Promise((resolve) => setTimeout(resolve, 20));
    say('closed', reason.getCloseCode().getCode());
  }
}
OnMessage(text, session)(Talk.prototype, 'text', Object.getOwnPropertyDescriptor(Talk.prototype, 'text'));
OnClose(closeReason)(Talk.prototype, 'close', Object.getOwnPropertyDescriptor(Talk.prototype, 'close'));
ServerEndpoint('/talk')(Talk);
say('runs');
`;

/** Serves, and drains when it is told to. */
export const SERVES = `
container = await serve({ ...here, endpoints: [Talk] });
say('serves', container.url, container.endpoints.length);
process.on('SIGTERM', async () => {
  await container.close();
  say('drained', workersLeft());
});
`;

/** Serves, or says as JSON why not. */
export const TRIES = (options: string): string => `
try {
  await serve({ ...here, ${options} });
  say('serves');
} catch ({ name, code, message, problems, cause }) {
  say('failed', workersLeft(), JSON.stringify({ name, code, message, problems: problems?.map(({ code }) => code), cause: cause?.code }));
}
`;

export interface Said {
  readonly pid: number;
  readonly rest: string;
}

export interface Fleet extends Run {
  readonly cwd: string;
  /** What primary or workers have said so far that begins with the word. */
  said(who: 'primary' | 'worker', word: string): Said[];
  /** The same, once there are so many. */
  saying(who: 'primary' | 'worker', word: string, count?: number): Promise<Said[]>;
  /** Where the workers listen, once the primary says that all do. */
  address(): Promise<{ readonly port: number }>;
}

const unended = new Set<Fleet>();

/** Those of them that nobody ends, because a test has failed. */
afterEach(() => {
  for (const { said } of unended) {
    for (const { pid } of said('worker', 'runs')) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // it has ended by itself
      }
    }
  }
  unended.clear();
});

export function fleet(source: string, files: Readonly<Record<string, string>> = {}): Fleet {
  const cwd = folder({ 'fleet.mjs': HEAD + source, ...files });
  const run = node([join(cwd, 'fleet.mjs')], { cwd });
  const said = (who: string, word: string): Said[] =>
    run
      .out()
      .map((line) => line.split(' '))
      .filter(([by, , what]) => by === who && what === word)
      .map(([, pid, , ...rest]) => ({ pid: Number(pid), rest: rest.join(' ') }));
  const saying = (who: string, word: string, count = 1): Promise<Said[]> =>
    eventually(() => {
      const found = said(who, word);
      if (found.length < count) {
        throw new Error(`${found.length} times "${who} … ${word}"; ${[...run.out(), ...run.err()].join(' | ').slice(0, 800)}`);
      }
      return found;
    }, 12_000);
  const address = async (): Promise<{ port: number }> => {
    const [{ rest } = { rest: '' }] = await saying('primary', 'serves');
    return { port: Number(new URL(rest.split(' ')[0] as string).port) };
  };
  const all: Fleet = { ...run, cwd, said, saying, address };
  unended.add(all);
  void run.ended.then(() => unended.delete(all));
  return all;
}
