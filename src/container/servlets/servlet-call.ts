/** One request on its way through a servlet: who asks, what was posted, the call, the answer. [TC7-8] */
import { errorOf, wordsOf } from '../../api/exceptions.js';
import { ReadOnlyMap } from '../../api/read-only-map.js';
import { after, type Timer } from '../../runtime/timer.js';
import { HANDSHAKES, type HttpServlet, SERVICE } from '../../servlet/http-servlet.js';
import type { HttpServletRequest } from '../../servlet/http-servlet-request.js';
import type { Upgrade } from '../../servlet/upgrade.js';
import type { Handled, Offer } from '../../transport/spi.js';
import { roleObjection, transportObjection } from '../handshake/authorisation.js';
import type { Host, Outcome } from '../handshake/handshake.js';
import { Identity } from '../handshake/identity.js';
import type { Entrance } from '../handshake/reception.js';
import { formTooLarge, formTooSlow, formUpgrading, hookTimeout, type RefusedHandshake, servletFailed } from '../handshake/refusals.js';
import { spell } from '../options/spelling.js';
import type { Caller } from '../web/proxy.js';
import type { Cut } from '../web/url-pattern.js';
import { formOf, invite, isForm, isUpgrading } from './form.js';
import { ServletRequest } from './servlet-request.js';
import { ServletResponse } from './servlet-response.js';
import { targetFor, type Upgrading } from './servlet-target.js';

/** A servlet at one pattern, ready to be called. */
export interface Mapped extends Upgrading {
  readonly servlet: HttpServlet;
  readonly name: string;
}

/** What it takes of the container. */
export interface CallHost {
  readonly contextPath: string;
  readonly host: Pick<Host, 'identity' | 'logger'>;
  /** ms for a form to arrive. */
  readonly patience: number;
}

export interface Called {
  readonly offer: Offer;
  readonly caller: Caller;
  readonly cut: Cut & { readonly value: Mapped };
  readonly entrance: Entrance;
}

const NONE = new ReadOnlyMap<string, never>();

export class ServletCall {
  readonly #of: Called;
  readonly #host: CallHost;
  readonly #identity: Identity;
  /** A handshake has it, and answers. */
  #isHandedOn = false;

  constructor(of: Called, host: CallHost) {
    this.#of = of;
    this.#host = host;
    this.#identity = new Identity(host.host.identity, of.offer.request);
  }

  /** Answers the offer. Never rejects. */
  async run(): Promise<void> {
    const { offer, cut } = this.#of;
    const { servlet, options } = cut.value;
    try {
      if (!(offer.method === 'GET' && servlet[HANDSHAKES])) {
        const refusal = await inTime(this.#admitted(), options.handshake.hookTimeout, hookTimeout);
        if (refusal !== null) return this.#answer(refusal);
      }
      if (isForm(offer.request) && isUpgrading(offer.request)) return this.#answer(formUpgrading);
      if (isForm(offer.request) && !offer.shared) invite(offer.request);
      const form = isForm(offer.request) ? await inTime(formOf(offer.request), this.#host.patience, 'late') : { parameters: NONE };
      if (form === 'left') return;
      if (form === 'tooLarge' || form === 'late') return this.#answer(form === 'late' ? formTooSlow : formTooLarge);
      const response = new ServletResponse();
      await servlet[SERVICE](this.#request(form.parameters), response);
      if (!this.#isHandedOn) this.#answer(response.answer);
    } catch (thrown) {
      this.#failed(thrown);
    }
  }

  async #admitted(): Promise<RefusedHandshake | null> {
    const { access } = this.#of.cut.value.options.handshake;
    const refusal = transportObjection(access, this.#of.caller.secure);
    if (refusal !== null) return refusal;
    await this.#identity.authenticate();
    const objection = roleObjection(access, this.#identity);
    if (objection === null) await this.#identity.findSession();
    return objection;
  }

  #request(posted: ReadonlyMap<string, readonly string[]>): ServletRequest {
    const { offer, cut, caller } = this.#of;
    const { servletPath, pathInfo } = cut;
    return new ServletRequest({
      offer,
      servletPath,
      pathInfo,
      contextPath: this.#host.contextPath,
      identity: this.#identity,
      remoteAddress: () => caller.remoteAddress,
      posted,
      upgrade: (upgrade) => this.#upgrade(upgrade),
    });
  }

  /** The handshake answers from here on; settles when it has. */
  #upgrade(upgrade: Upgrade<HttpServletRequest>): Handled<void> {
    this.#isHandedOn = true;
    const { offer, cut, entrance } = this.#of;
    const deployment = targetFor(cut.value, upgrade, (subprotocol) => this.#inbound(upgrade, subprotocol));
    return new Promise<Outcome>((told) => {
      entrance.admit(offer, { deployment, pathParameters: NONE, identity: this.#identity }, told);
    }).then(() => undefined);
  }

  /** The request is lent until there is one. */
  async #inbound(upgrade: Upgrade<HttpServletRequest>, subprotocol: string | null): Promise<object> {
    const lent = this.#request(NONE);
    try {
      const made: unknown = await upgrade.inbound(subprotocol, lent);
      if (typeof made === 'object' && made !== null) return made;
      throw new Error(`createWebSocketInbound returned ${spell(made)}; return a new StreamInbound or MessageInbound`);
    } finally {
      lent.end();
    }
  }

  #answer({ status, headers, body }: RefusedHandshake): void {
    this.#of.offer.decline(status, headers, body);
  }

  #failed(thrown: unknown): void {
    const { name, pattern } = this.#of.cut.value;
    const err = errorOf(thrown);
    this.#host.host.logger.error(
      { code: 'MARGAY_SERVLET_FAILED', servlet: name, path: pattern, err },
      `${name} failed to answer ${this.#of.offer.method}: ${wordsOf(err)}`,
    );
    this.#answer(servletFailed); // which changes nothing where a handshake has answered, or nobody can any more
  }
}

/** What comes first: the promise, or the end of the time. */
async function inTime<T, const O>(promise: Promise<T>, ms: number, otherwise: O): Promise<T | O> {
  let timer: Timer | undefined;
  const late = new Promise<O>((resolve) => {
    timer = after(ms, () => resolve(otherwise));
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
