/** The process that makes the load and counts what comes: in C where it can be built, in JavaScript elsewhere. */
import { type ChildProcess, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type Load, lineOf, type Opened, type Outcome } from './load/protocol.js';
import { spawnOn } from './pinning.js';

export interface Program {
  readonly language: 'C' | 'JavaScript';
  readonly command: string;
  readonly args: readonly string[];
}

export const inJavaScript: Program = {
  language: 'JavaScript',
  command: process.execPath,
  args: [fileURLToPath(new URL('load/main.js', import.meta.url))],
};

/** Null where there is no compiler, or no epoll. */
export function buildInC(source: string, program: string): Program | null {
  if (process.platform !== 'linux' || !existsSync(source)) return null;
  mkdirSync(dirname(program), { recursive: true });
  const { status } = spawnSync('cc', ['-O2', '-o', program, source], { stdio: 'ignore' });
  return status === 0 ? { language: 'C', command: program, args: [] } : null;
}

export class Generator {
  readonly #child: ChildProcess;
  readonly #answers: AsyncIterator<string>;
  readonly #exited: Promise<void>;
  #complaint = '';

  constructor({ command, args }: Program, core?: number) {
    this.#child = spawnOn(core, command, args, { stdio: 'pipe' });
    this.#exited = new Promise((resolve) => this.#child.once('close', () => resolve()));
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#complaint += text;
    });
    this.#child.stdin?.on('error', () => {}); // the end of the process says why
    this.#answers = createInterface({ input: this.#child.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]();
  }

  /** @throws Error with the generator's own words */
  open(load: Load, port: number): Promise<Opened> {
    return this.#ask<Opened>(lineOf(load, port));
  }

  /** @throws Error with the generator's own words */
  run(ms: number): Promise<Outcome> {
    return this.#ask<Outcome>(`run ${ms}`);
  }

  close(): Promise<Opened> {
    return this.#ask<Opened>('close');
  }

  async stop(): Promise<void> {
    this.#child.kill();
    await this.#exited;
  }

  async #ask<T>(line: string): Promise<T> {
    this.#child.stdin?.write(`${line}\n`);
    const { value, done } = await this.#answers.next();
    if (done !== true) return JSON.parse(value) as T;
    await this.#exited;
    throw new Error(this.#complaint.trim() || `the load generator has ended at "${line}"`);
  }
}
