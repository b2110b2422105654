/** What holds for an endpoint, its handshakes and its sessions: its own options before the container's, and those before the defaults. */
import type { EndpointSettings, PerMessageDeflateOptions } from '../../api/endpoint-settings.js';
import type { Settings } from '../../runtime/plan.js';
import type { ExtensionFactory } from '../../transport/spi.js';
import { AllowedOrigins } from '../web/origin.js';
import type { ContainerOptions } from './options.js';
import { type Defaults, SessionSettings } from './session-settings.js';

/** Who may connect. [HS-1] */
export interface Access {
  /** null: everybody, the endpoint is not protected. */
  readonly rolesAllowed: readonly string[] | null;
  readonly challenge: string;
  readonly confidential: boolean;
}

/** What a handshake asks. */
export interface HandshakeSettings {
  /** null: the request's own host alone. */
  readonly allowedOrigins: AllowedOrigins | null;
  /** ms */
  readonly hookTimeout: number;
  readonly perMessageDeflate: PerMessageDeflateOptions | null;
  readonly extensions: readonly ExtensionFactory[];
  readonly access: Access;
}

/** One endpoint's settings. */
export class EndpointOptions {
  readonly handshake: HandshakeSettings;
  readonly #session: SessionSettings;

  constructor(container: ContainerOptions, defaults: Defaults, own: EndpointSettings) {
    this.#session = new SessionSettings(container, defaults, own);
    const origins = own.allowedOrigins ?? container.allowedOrigins ?? [];
    const deflate = own.perMessageDeflate ?? container.perMessageDeflate ?? false;
    this.handshake = {
      allowedOrigins: origins.length === 0 ? null : new AllowedOrigins(origins),
      hookTimeout: own.hookTimeout ?? container.hookTimeout ?? 10_000,
      perMessageDeflate: deflate === true ? {} : deflate || null,
      extensions: container.extensions ?? [],
      access: {
        rolesAllowed: own.rolesAllowed ?? container.rolesAllowed ?? null,
        challenge: own.challenge ?? container.challenge ?? 'Bearer',
        confidential: own.confidential ?? container.confidential ?? false,
      },
    };
  }

  /** One frozen object for all sessions made between two changes of the defaults. */
  get session(): Settings {
    return this.#session.settings;
  }
}
