/** What a container in the primary stands on: one serve() of it, where its workers listen. */
import { IllegalStateException } from '../../api/exceptions.js';
import { after } from '../../runtime/timer.js';
import type { Transport, TransportAddress } from '../../transport/spi.js';
import type { Post } from './post.js';

export interface SiteOwner {
  /** Sees to it that there are workers; how many there are to be. */
  open(): number;
  /** Resolves when all that the workers have of the site has ended. */
  close(site: Site): Promise<void>;
}

/** ms that a worker may take to leave when its sessions have ended, and that we wait longer than that. */
const REST = 3000;

export class Site implements Transport {
  readonly call: number;
  state: 'unknown' | 'starting' | 'serving' | 'closed' = 'unknown';
  /** ms in which a worker has ended all its sessions and gone, unless it is stuck. */
  patience = 0;
  /** Hears what workers have to tell of themselves, in the order of each; they all tell the same. */
  onTold: (about: string, line: string) => void = () => {};
  readonly #owner: SiteOwner;
  /** Where a worker listens, with the port that it asked the kernel for. */
  readonly #listening = new Map<Post, number>();
  #address: TransportAddress | null = null;
  #count = Number.POSITIVE_INFINITY;
  #settle: { resolve(): void; reject(error: Error): void } | null = null;
  #deserted: (() => void) | null = null;
  #stopping: Promise<void> | null = null;

  constructor(owner: SiteOwner, call: number) {
    this.#owner = owner;
    this.call = call;
  }

  get address(): TransportAddress | null {
    return this.#address;
  }

  /** What serve() of the primary has been told. */
  claim(shutdownTimeout: number): this {
    this.patience = Math.max(0, shutdownTimeout) + REST;
    return this;
  }

  /** Resolves once every worker listens; rejects when one cannot, and all have ended. */
  start(): Promise<void> {
    this.state = 'starting';
    const started = new Promise<void>((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
    this.#count = this.#owner.open();
    this.#check();
    return started;
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#owner.close(this);
    return this.#stopping;
  }

  /** Which port a worker is to ask for, if any will do: the others' where there are some, since node shares by what was asked for. */
  portToAskFor(): number {
    const [shared] = this.#listening.values();
    return shared ?? this.#address?.port ?? 0;
  }

  /** False if it is not where the others are, or were. */
  joined(post: Post, port: number, address: TransportAddress | null): boolean {
    if (this.#address !== null && this.#address.port !== address?.port) return false;
    this.#address ??= address;
    this.#listening.set(post, port);
    this.#check();
    return true;
  }

  left(post: Post): void {
    this.#listening.delete(post);
    if (this.#listening.size === 0) this.#deserted?.();
  }

  /** Resolves when no worker listens here, or it has taken too long. */
  async deserted(): Promise<void> {
    if (this.#listening.size === 0) return;
    await new Promise<void>((resolve) => {
      const deadline = after(this.patience, resolve);
      this.#deserted = () => {
        clearTimeout(deadline);
        resolve();
      };
    });
  }

  /** Nobody shall listen here any more; `failure` is why, if it was not asked for. */
  closed(failure: Error | null = null): void {
    this.#address = null;
    if (this.state === 'starting') this.#settle?.reject(failure ?? new IllegalStateException('closed before every worker listened'));
    this.state = 'closed';
  }

  #check(): void {
    if (this.state !== 'starting' || this.#listening.size < this.#count) return;
    this.state = 'serving';
    this.#settle?.resolve();
  }
}
