/** The clients that ask: at intervals, or again as soon as they are answered. */
import { setTimeout as after } from 'node:timers/promises';
import { now } from '../clock.js';
import { LoadClient } from './client.js';
import type { Delivered } from './counter.js';

interface News {
  readonly last: number;
  readonly messages: readonly Delivered[];
}

/** ms until a failed request is made again. */
const PAUSE = 200;

abstract class AskingClient extends LoadClient {
  protected abstract readonly path: string;

  /** The first answer says where the messages stand. */
  async open(): Promise<void> {
    await this.ask();
  }

  protected async ask(): Promise<void> {
    const { last, messages } = JSON.parse(await this.get(this.path)) as News;
    this.position(last);
    for (const message of messages) this.got(message);
  }

  /** What was not answered is asked again: nothing is lost by it. */
  protected async askAnyway(): Promise<void> {
    await this.ask().catch(() => after(PAUSE));
  }
}

export class PollingClient extends AskingClient {
  protected readonly path = '/poll';

  override begin(share: number): void {
    void this.#poll(now() + share * this.opening.every);
  }

  async #poll(due: number): Promise<void> {
    for (let next = due; !this.isClosed; next = Math.max(now(), next + this.opening.every)) {
      await after(Math.max(0, next - now()));
      if (!this.isClosed) await this.askAnyway();
    }
  }
}

export class LongPollingClient extends AskingClient {
  protected readonly path = '/long-poll';

  override begin(): void {
    void this.#poll();
  }

  async #poll(): Promise<void> {
    while (!this.isClosed) await this.askAnyway();
  }
}
