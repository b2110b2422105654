/** Looks at the server's process from within. */
import { readdirSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { ServerContainer } from 'margay';
import type { Sample } from './messages.js';

export class Probe {
  readonly containers: ServerContainer[] = [];
  readonly logged: Record<string, number> = {};
  readonly #delay = monitorEventLoopDelay({ resolution: 2 });

  constructor() {
    this.#delay.enable();
  }

  count(code: string): void {
    this.logged[code] = (this.logged[code] ?? 0) + 1;
  }

  async sample(collect: boolean): Promise<Sample> {
    const held = this.#delay.max / 1e6;
    if (collect) await this.#collect();
    const { rss, heapUsed, external } = process.memoryUsage();
    const all = this.containers.map((container) => container.statistics());
    const sum = (of: (statistics: (typeof all)[number]) => number) => all.reduce((total, each) => total + of(each), 0);
    const sample = {
      rss,
      heapUsed,
      external,
      descriptors: readdirSync('/proc/self/fd').length,
      handles: handles(),
      sessions: sum(({ open }) => open),
      opened: sum(({ opened }) => opened),
      errors: sum(({ errors }) => errors),
      messages: sum(({ messagesReceived, messagesSent }) => messagesReceived + messagesSent),
      closed: joined(all.map(({ closed }) => closed)),
      refused: joined(all.map(({ refused }) => refused)),
      slowPeer: {
        close: sum(({ slowPeer }) => slowPeer.close),
        drop: sum(({ slowPeer }) => slowPeer.drop),
        wait: sum(({ slowPeer }) => slowPeer.wait),
      },
      logged: this.logged,
      held,
    };
    this.#delay.reset(); // the collection is not the server's doing
    return sample;
  }

  async #collect(): Promise<void> {
    for (let i = 0; i < 2; i++) {
      globalThis.gc?.();
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

function handles(): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const kind of process.getActiveResourcesInfo().sort()) if (kind !== 'Immediate') counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

function joined(maps: readonly ReadonlyMap<number, number>[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const map of maps) for (const [key, count] of map) counts[key] = (counts[key] ?? 0) + count;
  return counts;
}
