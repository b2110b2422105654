/** The workers of this process: made by its first serve(), ended with its last container. */
import { DeploymentException, IllegalStateException } from '../../api/exceptions.js';
import type { Logger } from '../../api/logger.js';
import { errorFrom, type Report } from './messages.js';
import { Post, type PostOwner, type WorkerEnd } from './post.js';
import { Site, type SiteOwner } from './site.js';

export class WorkerPool implements PostOwner, SiteOwner {
  readonly #posts: readonly Post[];
  readonly #logger: Logger;
  readonly #sites = new Map<number, Site>();
  #isOpen = false;
  #failure: Error | null = null;
  #ending: Promise<void> | null = null;

  constructor(count: number, logger: Logger) {
    this.#posts = Array.from({ length: count }, () => new Post(this));
    this.#logger = logger;
  }

  /**
   * What the serve() of that number stands on.
   * @throws IllegalStateException when the workers have ended
   */
  site(call: number): Site {
    if (this.#ending === null) return this.#siteOf(call);
    throw new IllegalStateException(
      'serve() with workers after they have ended; their module would run from its top again: start the process anew',
    );
  }

  open(): number {
    if (!this.#isOpen) for (const post of this.#posts) post.man();
    this.#isOpen = true;
    return this.#posts.length;
  }

  close(site: Site): Promise<void> {
    const others = [...this.#sites.values()].filter((each) => each !== site && ['starting', 'serving'].includes(each.state));
    if (others.length === 0 || this.#ending !== null) return this.#end();
    site.closed();
    for (const post of this.#posts) post.say({ word: 'close', call: site.call });
    return site.deserted();
  }

  onReport(post: Post, report: Report): void {
    if (report.word === 'failed') this.#failed(post, errorFrom(report.failure));
    if (report.word === 'here' || report.word === 'failed' || this.#ending !== null) return;
    const site = this.#siteOf(report.call);
    if (report.word === 'ask') post.say({ word: 'port', call: report.call, port: site.portToAskFor() });
    if (report.word === 'closed') site.left(post);
    if (report.word === 'told') site.onTold(report.about, report.line);
    if (report.word !== 'listening') return;
    if (site.state === 'closed') post.say({ word: 'close', call: report.call });
    else if (!site.joined(post, report.port, report.address)) {
      const [here, there] = [report.address?.port, site.address?.port];
      this.#failed(post, new DeploymentException(`it listens on port ${here}, and not on ${there}`, undefined, 'MARGAY_WORKER'));
    }
  }

  onEnded(post: Post, end: WorkerEnd): void {
    for (const site of this.#sites.values()) site.left(post);
    if (this.#ending !== null) return;
    if (this.#isStarting) {
      const why = `${told(end)} before it listened; what it has printed says why`;
      this.#failure = post.failure ?? new DeploymentException(why, undefined, 'MARGAY_WORKER');
      void this.#end();
      return;
    }
    const err = post.failure ?? undefined;
    const pause = post.manAgain();
    const { worker, pid, code: exitCode, signal } = end;
    const why = err === undefined ? '' : `, since it could not serve: ${err.message}`;
    const when = pause === 0 ? 'at once' : `in ${pause} ms`;
    const fields = { code: 'MARGAY_WORKER', worker, pid, exitCode, signal, pause, ...(err === undefined ? {} : { err }) };
    this.#logger.error(fields, `${told(end)}${why}; another takes its place ${when}`);
  }

  onStuck(worker: number, pid: number | undefined): void {
    this.#logger.error({ code: 'MARGAY_WORKER', worker, pid }, `worker ${worker} (process ${pid}) does not end, and is killed`);
  }

  get #isStarting(): boolean {
    return [...this.#sites.values()].some(({ state }) => state === 'starting');
  }

  get #patience(): number {
    return Math.max(...[...this.#sites.values()].map(({ patience }) => patience));
  }

  #failed(post: Post, failure: Error): void {
    post.failure = failure;
    void post.end(this.#patience);
  }

  #siteOf(call: number): Site {
    const site = this.#sites.get(call) ?? new Site(this, call);
    this.#sites.set(call, site);
    return site;
  }

  #end(): Promise<void> {
    this.#ending ??= this.#endAll();
    return this.#ending;
  }

  async #endAll(): Promise<void> {
    await Promise.all(this.#posts.map((post) => post.end(this.#patience)));
    for (const site of this.#sites.values()) site.closed(this.#failure);
  }
}

function told({ worker, pid, code, signal }: WorkerEnd): string {
  if (pid === undefined) return 'a worker could not be started';
  const name = `worker ${worker} (process ${pid})`;
  if (signal !== null) return `${name} was ended by ${signal}`;
  return `${name} ended with exit code ${code}`;
}
