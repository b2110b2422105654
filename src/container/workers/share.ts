/** A serve() among workers: in the primary it stands on a site, in a worker it serves. */
import cluster from 'node:cluster';
import { IllegalStateException } from '../../api/exceptions.js';
import type { Logger } from '../../api/logger.js';
import { PRIMARY } from './post.js';
import type { Site } from './site.js';
import { WorkerPool } from './worker-pool.js';
import { type Bound, type Served, WorkerSide } from './worker-side.js';

export interface PrimaryShare {
  readonly isPrimary: true;
  readonly site: Site;
}

export interface WorkerShare {
  readonly isPrimary: false;
  /** Settles only when it serves; a failure is the primary's to tell. `start` is given the port to listen on. */
  serve(container: Served, port: number, start: (port: number) => Promise<Bound>): Promise<void>;
  /** Reaches the site's `onTold`, before this worker has started if it was told before. */
  tell(about: string, line: string): void;
}

export type Share = PrimaryShare | WorkerShare;

/** One call of serve() with workers. */
export interface Call {
  readonly number: number;
  readonly workers: number;
  readonly logger: Logger;
  /** ms */
  readonly shutdownTimeout: number;
}

let pool: WorkerPool | null = null;
let side: WorkerSide | null = null;

/** @throws IllegalStateException where there can be no workers: in a worker of somebody else's, without a module, or after they have ended */
export function shareOf(call: Call): Share {
  if (cluster.isPrimary) return { isPrimary: true, site: siteOf(call) };
  if (process.env[PRIMARY] !== String(process.ppid)) {
    throw new IllegalStateException(
      `serve({ workers: ${call.workers} }) in a worker of another primary, such as PM2's; leave workers out, there are several of this process already`,
    );
  }
  side ??= new WorkerSide();
  return { isPrimary: false, tell: side.tell.bind(side, call.number), serve: side.serve.bind(side, call.number) };
}

function siteOf({ number, workers, logger, shutdownTimeout }: Call): Site {
  if (cluster.settings.exec === undefined && process.argv[1] === undefined) {
    throw new IllegalStateException(
      `serve({ workers: ${workers} }) needs a file that the workers can run; write it into one: node server.js`,
    );
  }
  pool ??= new WorkerPool(workers, logger);
  return pool.site(number).claim(shutdownTimeout);
}
