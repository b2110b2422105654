/** The platform's default hooks, and the handshake they are asked about. [HS-2] */
import { IllegalStateException, InstantiationException } from '../../api/exceptions.js';
import type { Extension } from '../../api/extension.js';
import type { HandshakeRequest } from '../../api/handshake.js';
import { ServerEndpointConfig } from '../../api/server-endpoint-config.js';
import { nameOf } from '../../api/tokens.js';
import { UpgradeRequest } from './upgrade-request.js';

let current: UpgradeRequest | null = null;

/** Notes whose handshake it is while the synchronous part of a hook runs, for `super.checkOrigin(origin)`. [D-06] */
export function during<T>(request: UpgradeRequest, hook: () => T): T {
  const outer = current;
  current = request;
  try {
    return hook();
  } finally {
    current = outer;
  }
}

export class PlatformConfigurator extends ServerEndpointConfig.Configurator {
  override getContainerDefaultConfigurator(): ServerEndpointConfig.Configurator {
    return this;
  }

  override checkOrigin(origin: string | null, request?: HandshakeRequest): boolean {
    const asked = request ?? current;
    if (asked instanceof UpgradeRequest) return UpgradeRequest.allows(asked, origin);
    throw new IllegalStateException(
      'checkOrigin(origin) was called after an await; pass its second argument on: super.checkOrigin(origin, request)',
    );
  }

  override getNegotiatedSubprotocol(supported: readonly string[], requested: readonly string[]): string {
    return requested.find((each) => supported.includes(each)) ?? '';
  }

  override getNegotiatedExtensions(installed: readonly Extension[], requested: readonly Extension[]): readonly Extension[] {
    const names = new Set(installed.map((each) => each.getName()));
    return requested.filter((each) => names.has(each.getName()));
  }

  override modifyHandshake(): void {}

  override getEndpointInstance<T extends object>(endpointClass: new () => T): T {
    try {
      return new endpointClass();
    } catch (cause) {
      throw new InstantiationException(`the constructor of ${nameOf(endpointClass)} threw`, cause);
    }
  }
}

/** One for all containers: it knows a handshake by the request it is given. */
export const platformConfigurator = new PlatformConfigurator();

/** Whether it has a rule of its own on origins. */
export function asksOrigin(configurator: ServerEndpointConfig.Configurator): boolean {
  return configurator !== platformConfigurator && configurator.checkOrigin !== ServerEndpointConfig.Configurator.prototype.checkOrigin;
}
