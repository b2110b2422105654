/** The configuration of one connection. */
import type { Decoder, Encoder } from '../../api/codec.js';
import type { Extension } from '../../api/extension.js';
import { ServerEndpointConfig } from '../../api/server-endpoint-config.js';
import type { Class } from '../../api/tokens.js';

/** A connection's own view of its endpoint's configuration: the user properties are a copy. [HS-9] */
export class ConnectionConfig extends ServerEndpointConfig {
  readonly #of: ServerEndpointConfig;
  /** null: they are empty, and nobody has asked for them. */
  #properties: Map<string, unknown> | null;

  constructor(of: ServerEndpointConfig) {
    super();
    this.#of = of;
    const shared = of.getUserProperties();
    this.#properties = shared.size === 0 ? null : new Map(shared);
  }

  /** What has been put into the user properties by now; null: nothing, without making any. */
  static propertiesOf(config: ConnectionConfig): ReadonlyMap<string, unknown> | null {
    return config.#properties;
  }

  getEndpointClass(): Class {
    return this.#of.getEndpointClass();
  }

  getPath(): string {
    return this.#of.getPath();
  }

  getEncoders(): readonly (new () => Encoder)[] {
    return this.#of.getEncoders();
  }

  getDecoders(): readonly (new () => Decoder)[] {
    return this.#of.getDecoders();
  }

  getSubprotocols(): readonly string[] {
    return this.#of.getSubprotocols();
  }

  getExtensions(): readonly Extension[] {
    return this.#of.getExtensions();
  }

  getConfigurator(): ServerEndpointConfig.Configurator {
    return this.#of.getConfigurator();
  }

  getUserProperties(): Map<string, unknown> {
    this.#properties ??= new Map();
    return this.#properties;
  }
}
