/** How one endpoint is deployed, and the hooks that decide about each handshake. */
import type { Decoder, Encoder } from './codec.js';
import { EndpointConfig } from './endpoint-config.js';
import { IllegalArgumentException, IllegalStateException } from './exceptions.js';
import type { Extension } from './extension.js';
import type { HandshakeRequest, HandshakeResponse } from './handshake.js';
import { KIND } from './kind.js';
import { listed } from './listed.js';
import type { Class, Handled } from './tokens.js';

let platform: Configurator | null = null;

/** What the base class's hooks delegate to; the door says what it is. */
export function setPlatformConfigurator(configurator: Configurator): void {
  platform = configurator;
}

/**
 * The hooks of a handshake, in the order they are called. One instance serves one deployed endpoint. [ANN-3, HS-10]
 * Each may be async, except the two negotiations; what the peer sends meanwhile waits. [D-25]
 */
class Configurator {
  static readonly [KIND]: string = 'Configurator';

  /** The shared instance that knows the defaults. */
  getContainerDefaultConfigurator(): Configurator {
    if (platform === null) throw new IllegalStateException('no container is loaded; import margay before you call a default hook');
    return platform;
  }

  /**
   * Whether a page of that origin may connect; null when the request names none.
   * By default: no origin, the same host and port, or one of `allowedOrigins`. [D-06]
   * @throws IllegalStateException `MARGAY_STATE` when the default is called without `request` after an await
   */
  checkOrigin(origin: string | null, request?: HandshakeRequest): Handled<boolean> {
    return this.getContainerDefaultConfigurator().checkOrigin(origin, request);
  }

  /** By default the first one the client lists that the endpoint supports; "" for none. [HS-2, HS-3] */
  getNegotiatedSubprotocol(supported: readonly string[], requested: readonly string[]): string {
    return this.getContainerDefaultConfigurator().getNegotiatedSubprotocol(supported, requested);
  }

  /** By default those requested that are installed, in the client's order, with the client's parameters. [HS-2] */
  getNegotiatedExtensions(installed: readonly Extension[], requested: readonly Extension[]): readonly Extension[] {
    return this.getContainerDefaultConfigurator().getNegotiatedExtensions(installed, requested);
  }

  /** Sees the request and this connection's own configuration, and may add header lines to the response. [HS-8, HS-9] */
  modifyHandshake(config: ServerEndpointConfig, request: HandshakeRequest, response: HandshakeResponse): Handled<void> {
    return this.getContainerDefaultConfigurator().modifyHandshake(config, request, response);
  }

  /**
   * The object whose methods serve the new connection; a new one by default. [LIF-1]
   * @throws InstantiationException `MARGAY_INSTANTIATION` when the constructor throws
   */
  getEndpointInstance<T extends object>(endpointClass: new () => T): Handled<T> {
    return this.getContainerDefaultConfigurator().getEndpointInstance(endpointClass);
  }
}

/** Puts a configuration together; whether its path is a template is judged when it is deployed. [URI-16] */
class ConfigBuilder {
  readonly #endpointClass: Class;
  readonly #path: string;
  #encoders: readonly (new () => Encoder)[] = [];
  #decoders: readonly (new () => Decoder)[] = [];
  #subprotocols: readonly string[] = [];
  #extensions: readonly Extension[] = [];
  #configurator: Configurator | null = null;

  private constructor(endpointClass: Class, path: string) {
    this.#endpointClass = endpointClass;
    this.#path = path;
  }

  /**
   * @throws IllegalArgumentException `MARGAY_ARGUMENT` when the class is none
   * @throws IllegalStateException `MARGAY_BUILDER` for a path that does not begin with "/"
   */
  static create(endpointClass: Class, path: string): ConfigBuilder {
    if (typeof endpointClass !== 'function') {
      throw new IllegalArgumentException(`Builder.create(endpointClass, path): endpointClass is ${String(endpointClass)}; give a class`);
    }
    if (typeof path !== 'string' || !path.startsWith('/')) {
      const message = `Builder.create(endpointClass, path): path is ${String(path)}; write one that begins with "/"`;
      throw new IllegalStateException(message, undefined, 'MARGAY_BUILDER');
    }
    return new ConfigBuilder(endpointClass, path);
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

  /** null: none. */
  subprotocols(list: readonly string[] | null): this {
    this.#subprotocols = listed('subprotocols', list);
    return this;
  }

  /** null: none. */
  extensions(list: readonly Extension[] | null): this {
    this.#extensions = listed('extensions', list);
    return this;
  }

  /** null: the platform's default. */
  configurator(configurator: Configurator | null): this {
    this.#configurator = configurator;
    return this;
  }

  build(): ServerEndpointConfig {
    const configurator = this.#configurator ?? new Configurator().getContainerDefaultConfigurator();
    return new BuiltConfig({
      endpointClass: this.#endpointClass,
      path: this.#path,
      encoders: Object.freeze([...this.#encoders]),
      decoders: Object.freeze([...this.#decoders]),
      subprotocols: Object.freeze([...this.#subprotocols]),
      extensions: Object.freeze([...this.#extensions]),
      configurator,
    });
  }
}

/** The configuration of a deployed endpoint. [DEP-7] */
export abstract class ServerEndpointConfig extends EndpointConfig {
  static override readonly [KIND]: string = 'ServerEndpointConfig';

  /** Extend it, and name your class as the endpoint's `configurator`. */
  static readonly Configurator: typeof Configurator = Configurator;

  /** Makes configurations: `ServerEndpointConfig.Builder.create(Talk, '/talk/{uid}').subprotocols(['v1']).build()`. [URI-16] */
  static readonly Builder: typeof ConfigBuilder = ConfigBuilder;

  abstract getEndpointClass(): Class;
  /** As written, without the context path. */
  abstract getPath(): string;
  abstract getSubprotocols(): readonly string[];
  abstract getExtensions(): readonly Extension[];
  abstract getConfigurator(): ServerEndpointConfig.Configurator;
}

export declare namespace ServerEndpointConfig {
  type Configurator = InstanceType<typeof ServerEndpointConfig.Configurator>;
  type Builder = ConfigBuilder;
}

/** What a builder was given. */
interface Given {
  readonly endpointClass: Class;
  readonly path: string;
  readonly encoders: readonly (new () => Encoder)[];
  readonly decoders: readonly (new () => Decoder)[];
  readonly subprotocols: readonly string[];
  readonly extensions: readonly Extension[];
  readonly configurator: Configurator;
}

class BuiltConfig extends ServerEndpointConfig {
  readonly #given: Given;
  readonly #properties = new Map<string, unknown>();

  constructor(given: Given) {
    super();
    this.#given = given;
  }

  getEndpointClass(): Class {
    return this.#given.endpointClass;
  }

  getPath(): string {
    return this.#given.path;
  }

  getEncoders(): readonly (new () => Encoder)[] {
    return this.#given.encoders;
  }

  getDecoders(): readonly (new () => Decoder)[] {
    return this.#given.decoders;
  }

  getSubprotocols(): readonly string[] {
    return this.#given.subprotocols;
  }

  getExtensions(): readonly Extension[] {
    return this.#given.extensions;
  }

  getConfigurator(): Configurator {
    return this.#given.configurator;
  }

  getUserProperties(): Map<string, unknown> {
    return this.#properties;
  }
}
