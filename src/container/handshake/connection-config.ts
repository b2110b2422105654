/** The configuration of one connection. */
import type { Decoder, Encoder } from '../../api/codec.js';
import type { Extension } from '../../api/extension.js';
import { ServerEndpointConfig } from '../../api/server-endpoint-config.js';
import type { Class } from '../../api/tokens.js';

/** A connection's own view of its endpoint's configuration: the user properties are a copy. [HS-9] */
export class ConnectionConfig extends ServerEndpointConfig {
  readonly #of: ServerEndpointConfig;
  readonly #properties: Map<string, unknown>;

  constructor(of: ServerEndpointConfig) {
    super();
    this.#of = of;
    this.#properties = new Map(of.getUserProperties());
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
    return this.#properties;
  }
}
