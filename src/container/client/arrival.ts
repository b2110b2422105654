/** Waits until a connection's @OnOpen has completed, and passes on what its owner is to hear. [CLI-1] */
import type { SlowPeerPolicy } from '../../api/endpoint-settings.js';
import type { Session } from '../../api/session.js';
import type { EndpointPlan, Handler, Live, Owner } from '../../runtime/plan.js';
import { isThenable } from '../../runtime/thenable.js';
import { onOpenAbandoned, onOpenFailed } from './client-problems.js';

export class Arrival implements Owner {
  /** The endpoint's, but that its @OnOpen is watched. */
  readonly plan: EndpointPlan;
  /** The session, once it is open. Rejects with DeploymentException `MARGAY_ON_OPEN`. */
  readonly settled: Promise<Session>;
  /** Known before anything happens to it. */
  session: Session | null = null;
  readonly #owner: Owner;
  readonly #member: string;
  #resolve: (session: Session) => void = () => {};
  #reject: (error: Error) => void = () => {};

  constructor(plan: EndpointPlan, owner: Owner) {
    this.#owner = owner;
    this.#member = plan.open?.member ?? 'onOpen';
    this.plan = plan.open === null ? plan : Object.freeze({ ...plan, open: this.#watched(plan.open, plan.name) });
    this.settled = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.settled.catch(() => {}); // it may fail before anybody listens
  }

  opened(connection: Live): void {
    this.#owner.opened(connection);
    if (this.plan.open === null) this.#arrive();
  }

  ended(): void {
    this.#owner.ended();
  }

  closed(connection: Live): void {
    this.#reject(onOpenAbandoned(this.plan.name, this.#member)); // unless it has settled [LIF-13]
    this.#owner.closed(connection);
  }

  erred(): void {
    this.#owner.erred();
  }

  slowPeer(session: Session, policy: SlowPeerPolicy): void {
    this.#owner.slowPeer(session, policy);
  }

  #arrive(): void {
    this.#resolve(this.session as Session);
  }

  #watched(open: Handler, name: string): Handler {
    const failed = (error: unknown) => this.#reject(onOpenFailed(name, open.member, error));
    return Object.freeze({
      member: open.member,
      reads: open.reads,
      invoke: (endpoint, view, event, last) => {
        try {
          const result = open.invoke(endpoint, view, event, last);
          if (!isThenable(result)) {
            this.#arrive();
            return result;
          }
          const once = Promise.resolve(result); // a stranger's `then` may begin its work anew each time
          once.then(() => this.#arrive(), failed);
          return once;
        } catch (error) {
          failed(error);
          throw error;
        }
      },
    } satisfies Handler);
  }
}
