/** Runs the command `margay`, as compiled for the tests, or any module, in a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterEach } from '@jest/globals';
import { eventually } from './eventually.js';

const MARGAY = fileURLToPath(new URL('../../src/bin/margay.js', import.meta.url));
/** ms in which a busy machine has started a few processes; who waits for it gives its tests more than that. */
export const STARTED = 40_000;
const running = new Set<ChildProcess>();

afterEach(() => {
  for (const child of running) child.kill('SIGKILL');
  running.clear();
});

export interface Run {
  readonly child: ChildProcess;
  /** Complete lines so far. */
  readonly out: () => string[];
  readonly err: () => string[];
  /** Its exit code, or the signal that ended it; once whoever else writes where it writes has ended too. */
  readonly ended: Promise<number | string>;
  /** The ws URL behind a class's name, as soon as it is printed. */
  url(name: string): Promise<string>;
}

interface Options {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** Ends with the test. */
export const margay = (args: readonly string[], options: Options = {}): Run => node([MARGAY, ...args], options);

/** `node` with these arguments. Ends with the test. */
export function node(args: readonly string[], options: Options = {}): Run {
  const { PORT: _, NODE_OPTIONS: __, ...inherited } = process.env;
  const child = spawn(process.execPath, [...args], { cwd: options.cwd, env: { ...inherited, ...options.env }, stdio: 'pipe' });
  running.add(child);
  const text = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (some: string) => {
    text.out += some;
  });
  child.stderr.setEncoding('utf8').on('data', (some: string) => {
    text.err += some;
  });
  const lines = (which: 'out' | 'err') => () => text[which].split('\n').slice(0, -1);
  const ended = new Promise<number | string>((resolve) => {
    child.on('close', (code, signal) => {
      running.delete(child);
      resolve(code ?? signal ?? 'gone');
    });
  });
  const url = (name: string) =>
    eventually(() => {
      const line = lines('out')().find((each) => each.startsWith(`${name} `));
      if (line === undefined) throw new Error(`no line of ${name}; stdout: ${text.out.slice(0, 400)} stderr: ${text.err.slice(0, 400)}`);
      return line.slice(name.length + 1);
    }, STARTED);
  return { child, out: lines('out'), err: lines('err'), ended, url };
}
