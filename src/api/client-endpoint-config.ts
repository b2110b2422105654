/** How a client endpoint connects, and the hooks that see each handshake. [CLI-7] */
import type { Decoder, Encoder } from './codec.js';
import type { SSLContext } from './connect-options.js';
import { EndpointConfig } from './endpoint-config.js';
import type { Extension } from './extension.js';
import type { HandshakeResponse } from './handshake.js';
import { KIND } from './kind.js';
import { listed } from './listed.js';
import type { Handled } from './tokens.js';

/** The hooks of a client's handshake. Each may be async, and does nothing unless overridden. [CLI-5] */
class Configurator {
  static readonly [KIND]: string = 'ClientConfigurator';

  /**
   * Just before each HTTP request, those after a redirect or a challenge included: the headers may be changed. The values of a
   * name are joined by commas on one line; an empty list leaves the header out. Names are found in any letter case.
   */
  beforeRequest(_headers: Map<string, string[]>): Handled<void> {}

  /** After each answer, of whatever status; with an empty map where none came that could be read. */
  afterResponse(_response: HandshakeResponse): Handled<void> {}
}

/** Puts a configuration together. */
class ConfigBuilder {
  #preferredSubprotocols: readonly string[] = [];
  #extensions: readonly Extension[] = [];
  #encoders: readonly (new () => Encoder)[] = [];
  #decoders: readonly (new () => Decoder)[] = [];
  #sslContext: SSLContext | null = null;
  #configurator: Configurator | null = null;

  private constructor() {}

  static create(): ConfigBuilder {
    return new ConfigBuilder();
  }

  /** Those it speaks, the one it likes best first; null: none. [CLI-4] */
  preferredSubprotocols(list: readonly string[] | null): this {
    this.#preferredSubprotocols = listed('preferredSubprotocols', list);
    return this;
  }

  /** Offered in this order, with these parameters; null: none. [CLI-4, D-07] */
  extensions(list: readonly Extension[] | null): this {
    this.#extensions = listed('extensions', list);
    return this;
  }

  /** In the order in which they are tried; null: none. [COD-5] */
  encoders(list: readonly (new () => Encoder)[] | null): this {
    this.#encoders = listed('encoders', list);
    return this;
  }

  /** In the order in which they are asked; null: none. [COD-7] */
  decoders(list: readonly (new () => Decoder)[] | null): this {
    this.#decoders = listed('decoders', list);
    return this;
  }

  /** For wss; null: node's trust. [CLI-7] */
  sslContext(context: SSLContext | null): this {
    this.#sslContext = context;
    return this;
  }

  /** null: one that does nothing. */
  configurator(configurator: Configurator | null): this {
    this.#configurator = configurator;
    return this;
  }

  build(): ClientEndpointConfig {
    return new BuiltConfig({
      preferredSubprotocols: Object.freeze([...this.#preferredSubprotocols]),
      extensions: Object.freeze([...this.#extensions]),
      encoders: Object.freeze([...this.#encoders]),
      decoders: Object.freeze([...this.#decoders]),
      sslContext: this.#sslContext,
      configurator: this.#configurator ?? new Configurator(),
    });
  }
}

/** The configuration of a client endpoint. */
export abstract class ClientEndpointConfig extends EndpointConfig {
  static override readonly [KIND]: string = 'ClientEndpointConfig';

  /** Extend it, and give an object of your class to the builder, or the class to `@ClientEndpoint`. */
  static readonly Configurator: typeof Configurator = Configurator;

  /** Makes configurations: `ClientEndpointConfig.Builder.create().preferredSubprotocols(['v2']).build()`. [CLI-7] */
  static readonly Builder: typeof ConfigBuilder = ConfigBuilder;

  abstract getPreferredSubprotocols(): readonly string[];
  abstract getExtensions(): readonly Extension[];
  abstract getConfigurator(): ClientEndpointConfig.Configurator;
  /** null: node's trust. */
  abstract getSSLContext(): SSLContext | null;
}

export declare namespace ClientEndpointConfig {
  type Configurator = InstanceType<typeof ClientEndpointConfig.Configurator>;
  type Builder = ConfigBuilder;
}

/** What a builder was given. */
interface Given {
  readonly preferredSubprotocols: readonly string[];
  readonly extensions: readonly Extension[];
  readonly encoders: readonly (new () => Encoder)[];
  readonly decoders: readonly (new () => Decoder)[];
  readonly sslContext: SSLContext | null;
  readonly configurator: Configurator;
}

class BuiltConfig extends ClientEndpointConfig {
  readonly #given: Given;
  readonly #properties = new Map<string, unknown>();

  constructor(given: Given) {
    super();
    this.#given = given;
  }

  getPreferredSubprotocols(): readonly string[] {
    return this.#given.preferredSubprotocols;
  }

  getExtensions(): readonly Extension[] {
    return this.#given.extensions;
  }

  getEncoders(): readonly (new () => Encoder)[] {
    return this.#given.encoders;
  }

  getDecoders(): readonly (new () => Decoder)[] {
    return this.#given.decoders;
  }

  getSSLContext(): SSLContext | null {
    return this.#given.sslContext;
  }

  getConfigurator(): Configurator {
    return this.#given.configurator;
  }

  getUserProperties(): Map<string, unknown> {
    return this.#properties;
  }
}
