/** A sweep: each transport with one client, with ten, a hundred and a thousand, each for a while, and what that took. */
import { setTimeout as after } from 'node:timers/promises';
import type { Lines } from './heads.js';
import { Load } from './load/load.js';
import type { Tally } from './load/protocol.js';
import type { Figures } from './meter.js';
import type { SweepOrder } from './order.js';
import { TRANSPORTS, type Transport } from './transport.js';
import { Trial } from './trial.js';

/** What one step has measured. Requests and bytes are those of its seconds alone; what it took to connect stands beside. */
export interface Point extends Figures, Tally {
  readonly transport: Transport;
  readonly clients: number;
  /** As long as it was measured for. */
  readonly seconds: number;
  /** Bytes in both directions until all clients were connected. */
  readonly connecting: number;
}

interface Step {
  readonly transport: Transport;
  readonly clients: number;
}

export interface SweepState {
  readonly phase: 'running' | 'done' | 'cancelled' | 'failed';
  readonly order: SweepOrder;
  /** Counts from 0, and what it is about. */
  readonly step: number;
  readonly steps: number;
  readonly transport: Transport;
  readonly clients: number;
  readonly points: readonly Point[];
  /** Of one that has failed. */
  readonly why?: string;
}

export interface SweepTools {
  /** `http://127.0.0.1:8080/transports` */
  readonly base: string;
  /** The text of each message. */
  readonly text: string;
  /** Header lines for the load's requests. */
  readonly lines: (transport: Transport) => Lines;
  readonly changed: () => void;
}

/** ms that push transports are given to come to rest once they are connected. */
const REST = 250;

export class Sweep {
  readonly #order: SweepOrder;
  readonly #tools: SweepTools;
  readonly #steps: readonly Step[];
  readonly #points: Point[] = [];
  readonly #load = new Load();
  readonly #cancelled = new AbortController();
  #step = 0;
  #end: Pick<SweepState, 'phase' | 'why'> = { phase: 'running' };

  constructor(order: SweepOrder, tools: SweepTools) {
    this.#order = order;
    this.#tools = tools;
    const counts = [1, 10, 100, 1000].filter((clients) => clients <= order.upTo);
    this.#steps = counts.flatMap((clients) => TRANSPORTS.map((transport) => ({ transport, clients })));
  }

  get state(): SweepState {
    const { transport, clients } = this.#steps[Math.min(this.#step, this.#steps.length - 1)] as Step;
    return { ...this.#end, order: this.#order, step: this.#step, steps: this.#steps.length, transport, clients, points: [...this.#points] };
  }

  get isRunning(): boolean {
    return this.#end.phase === 'running';
  }

  /** ms, of what the load got lately. */
  get recentDelay(): number | null {
    return this.#load.recentDelay;
  }

  /** Resolves when it has ended, in whatever way. */
  async run(): Promise<void> {
    try {
      for (const [i, { transport, clients }] of this.#steps.entries()) {
        this.#step = i;
        this.#load.recentDelay = null;
        this.#tools.changed();
        this.#points.push(await this.#measure(transport, clients));
      }
      this.#step = this.#steps.length;
      this.#end = { phase: 'done' };
    } catch (error) {
      this.#end = this.#cancelled.signal.aborted ? { phase: 'cancelled' } : { phase: 'failed', why: (error as Error).message };
    }
    this.#load.close();
    this.#tools.changed();
  }

  cancel(): void {
    this.#cancelled.abort();
    this.#load.close();
  }

  async #measure(transport: Transport, clients: number): Promise<Point> {
    const { perSecond, every, seconds } = this.#order;
    const { base, text, lines } = this.#tools;
    const trial = new Trial(perSecond, text);
    const meter = trial.meters[transport];
    try {
      await this.#load.ask({ do: 'open', transport, clients, base, trial: trial.key, every, lines: lines(transport) });
      const connecting = meter.read();
      await this.#pause(transport === 'polling' ? Math.max(REST, every) : REST);
      await this.#pause(trial.source.untilBeat);
      await this.#load.ask({ do: 'count' });
      const from = { at: performance.now(), ...meter.read() };
      await this.#pause((Math.max(1, Math.round(seconds * perSecond)) * 1000) / perSecond); // whole beats
      const { tally } = await this.#load.ask({ do: 'report' });
      const to = { at: performance.now(), ...meter.read() };
      await this.#load.ask({ do: 'close' });
      return {
        transport,
        clients,
        seconds: (to.at - from.at) / 1000,
        connecting: connecting.bytesIn + connecting.bytesOut,
        requests: to.requests - from.requests,
        bytesIn: to.bytesIn - from.bytesIn,
        bytesOut: to.bytesOut - from.bytesOut,
        messages: to.messages - from.messages,
        ...tally,
      };
    } finally {
      trial.end();
    }
  }

  #pause(ms: number): Promise<void> {
    return after(ms, undefined, { signal: this.#cancelled.signal });
  }
}
