/** Where the errors of an endpoint go: to its @OnError, or to the log. [LIF-10, LIF-11] */
import { errorOf, wordsOf } from '../api/exceptions.js';
import type { Logger } from '../api/logger.js';
import { isForsaken, isLoss } from './failures.js';
import type { EndpointPlan, Handler, Owner, View } from './plan.js';
import { isThenable, settled } from './thenable.js';

/** Whose errors they are. */
export interface Complainant extends View {
  readonly endpoint: object;
  readonly opening: { readonly plan: EndpointPlan; readonly logger: Logger; readonly owner: Pick<Owner, 'erred'> };
}

export class ErrorDesk {
  readonly #of: Complainant;
  readonly #handler: Handler | null;

  constructor(of: Complainant, handler: Handler | null) {
    this.#of = of;
    this.#handler = handler;
  }

  /** Calls @OnError; a promise if it takes longer. Never throws, never rejects. */
  tell(thrown: unknown): PromiseLike<unknown> | undefined {
    const error = errorOf(thrown);
    if (this.#handler === null || isForsaken(this.#of.session, error)) return this.log(error, 'failed, and the endpoint has no @OnError');
    this.#of.opening.owner.erred();
    try {
      const result = this.#handler.invoke(this.#of.endpoint, this.#of, error, true);
      return isThenable(result) ? settled(result, (err) => this.#handlerFailed(err, error)) : undefined;
    } catch (err) {
      return this.#handlerFailed(err, error);
    }
  }

  log(thrown: unknown, what: string): undefined {
    const err = errorOf(thrown);
    if (isForsaken(this.#of.session, err)) return;
    this.#of.opening.owner.erred();
    const { name } = this.#of.opening.plan;
    this.#of.opening.logger[isLoss(err) ? 'debug' : 'error'](
      { code: 'MARGAY_UNHANDLED_ERROR', endpoint: name, session: this.#of.session.getId(), err },
      `${name} ${what}: ${wordsOf(err)}`,
    );
  }

  /** Logged, never told again. */
  #handlerFailed(thrown: unknown, first: Error): undefined {
    const { name } = this.#of.opening.plan;
    this.#of.opening.logger.error(
      { code: 'MARGAY_ERROR_HANDLER', endpoint: name, session: this.#of.session.getId(), err: errorOf(thrown), first },
      `${name}'s @OnError failed itself: ${wordsOf(thrown)}`,
    );
  }
}
