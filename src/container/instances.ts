/** The objects of one connection: made before the 101 is written, let go when @OnClose has settled. [LIF-3, COD-2, DEP-10] */
import type { Decoder, Encoder } from '../api/codec.js';
import type { EndpointConfig } from '../api/endpoint-config.js';
import { errorOf, wordsOf } from '../api/exceptions.js';
import type { InstanceManager } from '../api/instance-manager.js';
import type { Logger } from '../api/logger.js';
import { nameOf } from '../api/tokens.js';
import type { Handled } from '../transport/spi.js';

type Coder = Encoder | Decoder;

/** Where they come from, and who is told. */
export interface Source {
  readonly manager: InstanceManager | null;
  readonly logger: Logger;
  /** The endpoint's, for the log. */
  readonly path: string;
}

export class Instances {
  readonly #source: Source;
  encoders: readonly Encoder[] = [];
  decoders: readonly Decoder[] = [];
  /** Coders that have been initialised. */
  readonly #coders: Coder[] = [];
  /** What is the manager's to destroy. */
  readonly #managed: object[] = [];
  #released = false;

  constructor(source: Source) {
    this.#source = source;
  }

  /** One of each class, initialised, in the order of the configuration. */
  async makeCoders(config: EndpointConfig): Promise<void> {
    this.encoders = await this.#make(config.getEncoders(), config);
    this.decoders = await this.#make(config.getDecoders(), config);
  }

  /** `byHook`: the configurator's own factory makes it, and it is only injected; else the manager does, if there is one. */
  async makeEndpoint(type: new () => object, byHook: boolean, hook: () => Handled<object>): Promise<object> {
    const { manager } = this.#source;
    const endpoint: unknown = await (byHook || manager === null ? hook() : manager.create(type));
    if (typeof endpoint !== 'object' || endpoint === null) {
      const who = byHook || manager === null ? 'getEndpointInstance' : 'instanceManager.create';
      throw new Error(`${who} returned ${String(endpoint)}; return an object of ${nameOf(type)}`);
    }
    if (manager !== null) this.#managed.push(endpoint);
    if (byHook) await manager?.inject?.(endpoint);
    return endpoint;
  }

  /** Destroys the coders, then gives everything back. Once; never rejects; undefined: there is nothing to do. */
  release(): Promise<void> | undefined {
    if (this.#released || (this.#coders.length === 0 && this.#managed.length === 0)) return undefined;
    this.#released = true;
    return this.#letGo();
  }

  async #letGo(): Promise<void> {
    for (const coder of this.#coders) await this.#safely(coder, () => coder.destroy?.());
    for (const object of this.#managed) await this.#safely(object, () => this.#source.manager?.destroy?.(object));
  }

  async #make<C extends Coder>(types: readonly (new () => C)[], config: EndpointConfig): Promise<C[]> {
    const made: C[] = [];
    for (const type of types) {
      const { manager } = this.#source;
      const coder = manager === null ? new type() : await manager.create(type);
      if (manager !== null) this.#managed.push(coder);
      await coder.init?.(config);
      this.#coders.push(coder);
      made.push(coder);
    }
    return made;
  }

  async #safely(object: object, action: () => Handled<void> | undefined): Promise<void> {
    try {
      await action();
    } catch (thrown) {
      const { logger, path } = this.#source;
      const name = nameOf(object.constructor);
      logger.warn(
        { code: 'MARGAY_DESTROY', class: name, path, err: errorOf(thrown) },
        `${name} could not be destroyed: ${wordsOf(thrown)}`,
      );
    }
  }
}
