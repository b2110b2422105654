/** A server that is measured, seen from the bench: in a process of its own, on a core of its own. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { spawnOn } from './pinning.js';
import type { Cpu, Memory, Question, Role, Started } from './servers/protocol.js';

const LONGEST = 200; // characters of a reason

export interface Place {
  /** The server's core; any, if not given. */
  readonly core: number | undefined;
  /** A folder in whose node_modules the peers are. */
  readonly peersFrom: string | undefined;
}

/** It is not there, or does not know what it is asked for. */
export class Refused extends Error {}

export class ServerProcess {
  readonly name: string;
  readonly port: number;
  readonly #child: ChildProcess;

  private constructor(name: string, port: number, child: ChildProcess) {
    this.name = name;
    this.port = port;
    this.#child = child;
  }

  /** @throws Refused */
  static async start(name: string, role: Role, { core, peersFrom }: Place): Promise<ServerProcess> {
    const main = fileURLToPath(new URL('servers/main.js', import.meta.url));
    const env = peersFrom === undefined ? process.env : { ...process.env, BENCH_PEERS: peersFrom };
    const child = spawnOn(core, process.execPath, ['--expose-gc', main, name, role], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      env,
    });
    const started = await answerOf<Started>(name, child);
    if ('port' in started) return new ServerProcess(name, started.port, child);
    child.kill();
    throw new Refused(`${name}: ${started.refused.slice(0, LONGEST)}`);
  }

  /** Null where it cannot be told. */
  cpu(): Promise<Cpu | null> {
    return this.#ask<Cpu | null>('cpu');
  }

  memory(): Promise<Memory> {
    return this.#ask<Memory>('memory');
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill();
    await once(this.#child, 'exit');
  }

  #ask<T>(question: Question): Promise<T> {
    const answer = answerOf<T>(this.name, this.#child);
    this.#child.send(question);
    return answer;
  }
}

async function answerOf<T>(name: string, child: ChildProcess): Promise<T> {
  const ended = new AbortController();
  const gone = once(child, 'exit', { signal: ended.signal }).then(() => {
    throw new Error(`the server ${name} has ended`);
  });
  try {
    const answer = once(child, 'message', { signal: ended.signal });
    return ((await Promise.race([answer, gone])) as [T])[0];
  } finally {
    ended.abort();
    gone.catch(() => {});
  }
}
