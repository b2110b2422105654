/** What the handshake of a WebSocketServlet leads to: the servlet's methods in the place of a configurator's. [TC7-1] */
import type { Extension } from '../../api/extension.js';
import type { HandshakeRequest } from '../../api/handshake.js';
import { ServerEndpointConfig } from '../../api/server-endpoint-config.js';
import type { Class, Handled } from '../../api/tokens.js';
import type { EndpointPlan, Registry } from '../../runtime/plan.js';
import type { HttpServletRequest } from '../../servlet/http-servlet-request.js';
import type { Upgrade } from '../../servlet/upgrade.js';
import type { Target } from '../handshake/route.js';
import type { EndpointOptions } from '../options/settings.js';

/** The servlet it is for. */
export interface Upgrading {
  readonly type: Class;
  /** Its pattern, for the log. */
  readonly pattern: string;
  /** For the log. */
  readonly plan: EndpointPlan;
  readonly sessions: Registry;
  readonly options: EndpointOptions;
}

/** For one handshake; `make` makes its inbound. */
export function targetFor(
  of: Upgrading,
  upgrade: Upgrade<HttpServletRequest>,
  make: (subprotocol: string | null) => Handled<object>,
): Target {
  const { type, plan, sessions, options } = of;
  return {
    type,
    plan,
    sessions,
    options,
    template: { source: of.pattern },
    config: ServerEndpointConfig.Builder.create(type, '/').configurator(new ServletHooks(upgrade, make)).build(),
    takesAnyKey: true,
    originHook: upgrade.hasOriginRule ? 'verifyOrigin decides that' : null,
    planFor: upgrade.planFor,
    connect: upgrade.connect,
  };
}

class ServletHooks extends ServerEndpointConfig.Configurator {
  readonly #upgrade: Upgrade<HttpServletRequest>;
  readonly #make: (subprotocol: string | null) => Handled<object>;
  #subprotocol: string | null = null;

  constructor(upgrade: Upgrade<HttpServletRequest>, make: (subprotocol: string | null) => Handled<object>) {
    super();
    this.#upgrade = upgrade;
    this.#make = make;
  }

  override checkOrigin(origin: string | null, request?: HandshakeRequest): Handled<boolean> {
    return this.#upgrade.allows(origin, (asked) => super.checkOrigin(asked, request) as boolean); // the platform's answers at once
  }

  override getNegotiatedSubprotocol(_supported: readonly string[], requested: readonly string[]): string {
    this.#subprotocol = requested.length === 0 ? null : (this.#upgrade.subprotocol(Object.freeze([...requested])) ?? null);
    return this.#subprotocol ?? '';
  }

  /** There are none. */
  override getNegotiatedExtensions(): readonly Extension[] {
    return [];
  }

  override getEndpointInstance<T extends object>(): Handled<T> {
    return this.#make(this.#subprotocol) as Handled<T>;
  }
}
