/** What holds for the sessions of an endpoint: its own options before the container's, and those before the defaults. */
import type { EndpointSettings, PerMessageDeflateOptions } from '../../api/endpoint-settings.js';
import type { Heartbeat, Settings, SlowPeerLimits } from '../../runtime/plan.js';
import { longest } from '../../runtime/slow-peer.js';
import type { ExtensionFactory } from '../../transport/spi.js';
import { AllowedOrigins } from '../web/origin.js';
import type { ContainerOptions } from './options.js';

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

/** The defaults that can be changed while the container runs; for sessions made later. [CON-5] */
export class Defaults {
  asyncSendTimeout: number;
  maxIdleTimeout: number;
  maxTextMessageBufferSize: number;
  maxBinaryMessageBufferSize: number;

  constructor(options: ContainerOptions) {
    this.asyncSendTimeout = options.asyncSendTimeout ?? -1;
    this.maxIdleTimeout = options.maxIdleTimeout ?? 0;
    this.maxTextMessageBufferSize = options.maxTextMessageBufferSize ?? 1_048_576; // [D-23]
    this.maxBinaryMessageBufferSize = options.maxBinaryMessageBufferSize ?? 1_048_576;
  }
}

/** One endpoint's settings. */
export class EndpointOptions {
  readonly handshake: HandshakeSettings;
  readonly #container: ContainerOptions;
  readonly #own: EndpointSettings;
  readonly #defaults: Defaults;
  /** And the defaults at that time. */
  #session: { readonly seen: Defaults; readonly settings: Settings } | undefined;

  constructor(container: ContainerOptions, defaults: Defaults, own: EndpointSettings) {
    this.#container = container;
    this.#own = own;
    this.#defaults = defaults;
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
    const { seen, settings } = this.#session ?? {};
    if (settings !== undefined && CHANGEABLE.every((key) => seen?.[key] === this.#defaults[key])) return settings;
    const resolved = Object.freeze(this.#resolve());
    this.#session = { seen: { ...this.#defaults }, settings: resolved };
    return resolved;
  }

  #resolve(): Settings {
    const own = this.#own;
    const container = this.#container;
    const defaults = this.#defaults;
    const asyncSendTimeout = own.asyncSendTimeout ?? defaults.asyncSendTimeout;
    const backlog = own.backlog ?? container.backlog;
    return {
      maxTextMessageBufferSize: own.maxTextMessageBufferSize ?? defaults.maxTextMessageBufferSize,
      maxBinaryMessageBufferSize: own.maxBinaryMessageBufferSize ?? defaults.maxBinaryMessageBufferSize,
      maxIdleTimeout: own.maxIdleTimeout ?? defaults.maxIdleTimeout,
      readIdleTimeout: own.readIdleTimeout ?? container.readIdleTimeout ?? 0,
      writeIdleTimeout: own.writeIdleTimeout ?? container.writeIdleTimeout ?? 0,
      asyncSendTimeout,
      blockingSendTimeout: own.blockingSendTimeout ?? container.blockingSendTimeout ?? 20_000,
      closeTimeout: own.closeTimeout ?? container.closeTimeout ?? 10_000,
      lingerTimeout: container.lingerTimeout ?? 2_000,
      abnormalCloseSendTimeout: own.abnormalCloseSendTimeout ?? container.abnormalCloseSendTimeout ?? 50,
      stuckCallbackAfter: own.stuckCallbackAfter ?? container.stuckCallbackAfter ?? 10_000,
      highWaterMark: own.highWaterMark ?? container.highWaterMark ?? 65_536,
      backlogEvents: backlog?.events ?? 64,
      backlogBytes: backlog?.bytes ?? 1_048_576,
      heartbeat: heartbeatOf(own.heartbeat ?? container.heartbeat),
      slowPeer: this.#slowPeer(asyncSendTimeout),
      strict: own.strict ?? container.strict ?? false,
    };
  }

  /** A time for sends that the application has set is the peer's patience too; the longer, if it has set both. [REL-10] */
  #slowPeer(asyncSendTimeout: number): SlowPeerLimits {
    const limits = { ...SLOW_PEER, ...defined(this.#own.slowPeer ?? this.#container.slowPeer ?? {}) };
    const blocking = this.#own.blockingSendTimeout ?? this.#container.blockingSendTimeout;
    const isAsyncSet = (this.#own.asyncSendTimeout ?? this.#container.asyncSendTimeout) !== undefined || asyncSendTimeout !== -1;
    const ofSends = [...(blocking === undefined ? [] : [blocking]), ...(isAsyncSet ? [asyncSendTimeout] : [])];
    return ofSends.length === 0 ? { ...limits, isOfSends: false } : { ...limits, patience: longest(ofSends), isOfSends: true };
  }
}

const SLOW_PEER = { mark: 1_048_576, patience: 5_000, cap: 16_777_216, policy: 'close' } as const;

function heartbeatOf(option: EndpointSettings['heartbeat']): Heartbeat | null {
  return option === false ? null : { interval: option?.interval ?? 30_000, missed: option?.missed ?? 2 };
}

/** Without the keys whose value is undefined: they count as left out. */
function defined<T extends object>(options: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as ReturnType<typeof defined<T>>;
}

const CHANGEABLE = ['maxTextMessageBufferSize', 'maxBinaryMessageBufferSize', 'maxIdleTimeout', 'asyncSendTimeout'] as const;
