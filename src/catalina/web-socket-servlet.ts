/** A servlet whose requests become connections: one inbound each. [TC7-1] */
import type { Handled } from '../api/tokens.js';
import { HANDSHAKES, HttpServlet } from '../servlet/http-servlet.js';
import type { HttpServletRequest } from '../servlet/http-servlet-request.js';
import type { HttpServletResponse } from '../servlet/http-servlet-response.js';
import { UPGRADE, type Upgrade } from '../servlet/upgrade.js';
import { StreamInbound } from './stream-inbound.js';

type Rule = (origin: string | null) => boolean;

export abstract class WebSocketServlet extends HttpServlet {
  /** The container's, while verifyOrigin runs. */
  #rule: Rule | null = null;
  readonly #upgrade: Upgrade<HttpServletRequest>;

  constructor() {
    super();
    this.#upgrade = {
      allows: (origin, byDefault) => this.#verify(origin, byDefault),
      hasOriginRule: this.verifyOrigin !== WebSocketServlet.prototype.verifyOrigin,
      subprotocol: (offered) => this.selectSubProtocol(offered),
      inbound: (subprotocol, request) => this.createWebSocketInbound(subprotocol, request),
      planFor: StreamInbound.planFor,
      connect: StreamInbound.connect,
    };
  }

  /** Performs the handshake. Override it to answer others before `super.doGet`. */
  protected override doGet(request: HttpServletRequest, _response: HttpServletResponse): Handled<void> {
    return request[UPGRADE](this.#upgrade);
  }

  /**
   * A new inbound for a new connection. The request works until this is done, a promise of it included; from then on its methods throw
   * IllegalStateException. What it throws is logged, and the answer is a 500.
   */
  protected abstract createWebSocketInbound(subProtocol: string | null, request: HttpServletRequest): Handled<StreamInbound>;

  /**
   * Whether a page of that origin may connect; null when the request names none. By default as for every endpoint: no origin, the same
   * host and port, or one of `allowedOrigins`, where Tomcat let everybody in. [D-06] Call it before any await.
   */
  protected verifyOrigin(origin: string | null): boolean {
    return this.#rule?.(origin) ?? false;
  }

  /** One of those that the client offers, in its order; null: none. Asked when it offers some. */
  protected selectSubProtocol(_subProtocols: readonly string[]): string | null {
    return null;
  }

  /** @internal */
  override get [HANDSHAKES](): boolean {
    return this.doGet === WebSocketServlet.prototype.doGet;
  }

  #verify(origin: string | null, byDefault: Rule): Handled<boolean> {
    this.#rule = byDefault;
    try {
      return this.verifyOrigin(origin);
    } finally {
      this.#rule = null;
    }
  }
}
