/** One workload against several servers in interleaved rounds: what disturbs one disturbs all. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Workload } from './workloads.js';

export interface Effort {
  readonly rounds: number;
  /** ms of each run. */
  readonly ms: number;
}

/** Rates by server, one a round. */
export async function rounds({ load, servers }: Workload, { rounds: count, ms }: Effort): Promise<Map<string, number[]>> {
  const running = new Map<string, { readonly child: ChildProcess; readonly port: number }>();
  const driver = child('load.js');
  try {
    for (const name of servers) {
      const server = child('server.js', name);
      const [port] = (await once(server, 'message')) as [number];
      running.set(name, { child: server, port });
    }
    const rates = new Map<string, number[]>(servers.map((name) => [name, []]));
    for (let round = -1; round < count; round++) {
      for (const [name, { port }] of running) {
        driver.send({ ...load, port, ms });
        const [rate] = (await once(driver, 'message')) as [number];
        if (round >= 0) rates.get(name)?.push(rate); // the first round warms up
      }
    }
    return rates;
  } finally {
    driver.kill();
    for (const { child: server } of running.values()) server.kill();
  }
}

function child(file: string, ...args: string[]): ChildProcess {
  return fork(fileURLToPath(new URL(file, import.meta.url)), args, { execArgv: [] });
}
