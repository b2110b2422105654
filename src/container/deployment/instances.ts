/** The objects of one connection: made before the 101 is written, let go when @OnClose has settled. [LIF-3, COD-2, DEP-10] */
import type { Decoder, Encoder } from '../../api/codec.js';
import type { EndpointConfig } from '../../api/endpoint-config.js';
import { errorOf, wordsOf } from '../../api/exceptions.js';
import type { InstanceManager } from '../../api/instance-manager.js';
import type { Logger } from '../../api/logger.js';
import { nameOf } from '../../api/tokens.js';
import type { Belongings } from '../../runtime/plan.js';
import { followed } from '../../runtime/thenable.js';
import type { Handled } from '../../transport/spi.js';
import { spell } from '../options/spelling.js';
import { objectionToMade } from './codecs.js';

type Coder = Encoder | Decoder;
type Listed<C> = readonly (new () => C)[] | null;

const NONE: readonly never[] = Object.freeze([]);

/** What a connection without coders, and with an endpoint that nobody manages, has to let go: one for all. */
export const NOTHING: Belongings = Object.freeze({ release: () => undefined });

/** Where they come from, and who is told. */
export interface Source {
  readonly manager: InstanceManager | null;
  readonly logger: Logger;
  /** The endpoint's, for the log. */
  readonly path: string;
}

/** The configurator, as it makes endpoints. */
export interface Factory {
  /** Its own way, and not the platform's. */
  readonly makeInstances: boolean;
  instance(type: new () => object): Handled<object>;
}

/** Something to let go. */
interface Held {
  readonly object: object;
  /** A coder that has been initialised, so that it is destroyed. */
  readonly isCoder: boolean;
  /** The manager has created it, so that it is given back. */
  readonly isManaged: boolean;
}

export class Instances implements Belongings {
  readonly #source: Source;
  encoders: readonly Encoder[] = NONE;
  decoders: readonly Decoder[] = NONE;
  readonly #held: Held[] = [];
  #released = false;

  constructor(source: Source) {
    this.#source = source;
  }

  /** One of each class, initialised, in the order of the configuration; it stops where it is released meanwhile. */
  makeCoders(config: EndpointConfig): Handled<void> {
    const [encoders, decoders] = [config.getEncoders(), config.getDecoders()];
    return encoders?.length || decoders?.length ? this.#makeCoders(encoders, decoders, config) : undefined;
  }

  /** If the configurator has a factory of its own that makes it, and it is only injected; else the manager does, if there is one. */
  makeEndpoint(type: new () => object, factory: Factory): Handled<object> {
    const { manager } = this.#source;
    if (manager !== null && !factory.makeInstances) return this.#managed(manager, type);
    return followed<unknown, object>(factory.instance(type), (endpoint) => {
      if (!isObject(endpoint)) throw new Error(`getEndpointInstance returned ${spell(endpoint)}; return an object of ${nameOf(type)}`);
      const injected = manager?.inject?.(endpoint); // not ours to destroy: it may serve others too
      return followed(injected, () => endpoint);
    });
  }

  /** There is nothing to let go, and nothing more will be made. */
  get isEmpty(): boolean {
    return this.#held.length === 0;
  }

  /**
   * Destroys the coders and gives back what the manager has created; what is still being made follows when it is there.
   * Once; never rejects; undefined: there is nothing to wait for.
   */
  release(): Promise<unknown> | undefined {
    if (this.#released) return undefined;
    this.#released = true;
    return this.#held.length === 0 ? undefined : Promise.all(this.#held.map((held) => this.#letGo(held)));
  }

  async #managed(manager: InstanceManager, type: new () => object): Promise<object> {
    const created = await createdBy(manager, type);
    await this.#hold({ object: created, isCoder: false, isManaged: true });
    return created;
  }

  async #makeCoders(encoders: Listed<Encoder>, decoders: Listed<Decoder>, config: EndpointConfig): Promise<void> {
    this.encoders = await this.#make<Encoder>('encoder', encoders, config);
    this.decoders = await this.#make<Decoder>('decoder', decoders, config);
  }

  async #make<C extends Coder>(role: 'encoder' | 'decoder', types: Listed<C>, config: EndpointConfig): Promise<C[]> {
    const made: C[] = [];
    for (const type of types ?? []) {
      if (this.#released) break;
      made.push(await this.#coder(role, type, config));
    }
    return made;
  }

  async #coder<C extends Coder>(role: 'encoder' | 'decoder', type: new () => C, config: EndpointConfig): Promise<C> {
    const { manager } = this.#source;
    const isManaged = manager !== null;
    const coder = manager === null ? new type() : await createdBy(manager, type);
    let isCoder = false;
    try {
      const objection = objectionToMade(coder, role);
      if (objection !== null) throw new Error(`${nameOf(type)} ${objection}`);
      await coder.init?.(config);
      isCoder = true;
    } finally {
      await this.#hold({ object: coder, isCoder, isManaged });
    }
    return coder;
  }

  /** What comes after the release is let go at once. */
  #hold(held: Held): Promise<void> | undefined {
    if (this.#released) return this.#letGo(held);
    this.#held.push(held);
    return undefined;
  }

  async #letGo({ object, isCoder, isManaged }: Held): Promise<void> {
    if (isCoder) await this.#safely(object, () => (object as Coder).destroy?.());
    if (isManaged) await this.#safely(object, () => this.#source.manager?.destroy?.(object));
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

async function createdBy<T extends object>(manager: InstanceManager, type: new () => T): Promise<T> {
  const created: unknown = await manager.create(type);
  if (isObject(created)) return created as T;
  throw new Error(`instanceManager.create returned ${spell(created)}; return an object of ${nameOf(type)}`);
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;
