/** The driver's side of the server's process. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Answer, Ports, Sample } from './messages.js';

/** Lines of the container's own log that a slow or stuck peer may cause. [REL-10] */
const EXPECTED = /^margay warn MARGAY_SLOW_PEER /;

/** ms in which the server answers whatever else it does. */
const PATIENCE = 30_000;

export class ServerProcess {
  readonly ports: Ports;
  /** What it wrote to stderr, and should not have. */
  readonly complaints: string[] = [];
  /** It has ended by itself. */
  hasDied = false;
  readonly #child: ChildProcess;
  readonly #closed = new Map<string, number[]>();
  readonly #waiting = new Map<string, () => void>();
  #asking: Promise<unknown> = Promise.resolve();
  #isStopping = false;

  static async start(): Promise<ServerProcess> {
    const file = fileURLToPath(new URL('server.js', import.meta.url));
    const child = fork(file, { execArgv: ['--expose-gc', '--enable-source-maps'], stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE);
    const [ports] = (await Promise.race([once(child, 'message'), once(child, 'exit')])) as [Answer | number | null];
    clearTimeout(timer);
    if (typeof ports !== 'object' || ports?.what !== 'ports') throw new Error(`the server has not started: ${ports}`);
    return new ServerProcess(child, ports);
  }

  private constructor(child: ChildProcess, ports: Ports) {
    this.#child = child;
    this.ports = ports;
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      const lines = text.split('\n').filter((line) => line !== '' && !EXPECTED.test(line));
      if (this.complaints.length < 50) this.complaints.push(...lines.map((line) => line.slice(0, 300)));
    });
    child.on('message', (answer: Answer) => {
      if (answer.what === 'closed') this.#noteClosed(answer.id, answer.code);
    });
    child.on('exit', () => {
      this.hasDied = !this.#isStopping;
    });
  }

  /** Asks for a sample; one at a time. */
  sample(collect = false): Promise<Sample> {
    const asked = this.#asking.then(() => this.#ask(collect));
    this.#asking = asked.catch(() => {});
    return asked;
  }

  /** The code that @OnClose of that session was told; rejects if it was not within so many ms, or more than once. */
  async closed(id: string, ms: number): Promise<number> {
    if (!this.#closed.has(id)) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms);
        this.#waiting.set(id, () => {
          clearTimeout(timer);
          resolve();
        });
      });
      this.#waiting.delete(id);
    }
    const codes = this.#closed.get(id) ?? [];
    if (codes.length !== 1) throw new Error(`${codes.length} @OnClose within ${ms} ms`);
    return codes[0] as number;
  }

  /** Sessions whose @OnClose came more than once. */
  get closedTwice(): number {
    return [...this.#closed.values()].filter(({ length }) => length > 1).length;
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    for (const wake of this.#waiting.values()) wake();
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await ended;
  }

  async #ask(collect: boolean): Promise<Sample> {
    if (this.hasDied) throw new Error('the server has died');
    const answered = new Promise<Sample>((resolve, reject) => {
      const listen = (answer: Answer): void => {
        if (answer.what === 'sample') settle(() => resolve(answer.sample));
      };
      const died = (): void => settle(() => reject(new Error('the server has died')));
      const timer = setTimeout(() => settle(() => reject(new Error(`the server is silent for ${PATIENCE} ms`))), PATIENCE);
      const settle = (how: () => void): void => {
        clearTimeout(timer);
        this.#child.off('message', listen).off('exit', died);
        how();
      };
      this.#child.on('message', listen).on('exit', died);
    });
    this.#child.send({ collect });
    return answered;
  }

  #noteClosed(id: string, code: number): void {
    if (id === '') return;
    const codes = this.#closed.get(id);
    if (codes === undefined) this.#closed.set(id, [code]);
    else codes.push(code);
    this.#waiting.get(id)?.();
  }
}
