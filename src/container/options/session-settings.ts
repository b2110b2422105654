/** What holds for a session: the endpoint's own options before the container's, and those before the defaults. */
import type { Heartbeat, Settings, SlowPeerLimits } from '../../runtime/plan.js';
import { longest } from '../../runtime/slow-peer.js';
import type { SessionOptions } from './session-options.js';

const CHANGEABLE = ['maxTextMessageBufferSize', 'maxBinaryMessageBufferSize', 'maxIdleTimeout', 'asyncSendTimeout'] as const;
type Changeable = (typeof CHANGEABLE)[number];

/** The defaults that can be changed while the container runs; for sessions made later. [CON-5] */
export class Defaults {
  asyncSendTimeout: number;
  maxIdleTimeout: number;
  maxTextMessageBufferSize: number;
  maxBinaryMessageBufferSize: number;

  constructor(options: Pick<SessionOptions, Changeable>) {
    this.asyncSendTimeout = options.asyncSendTimeout ?? -1;
    this.maxIdleTimeout = options.maxIdleTimeout ?? 0;
    this.maxTextMessageBufferSize = options.maxTextMessageBufferSize ?? 1_048_576; // [D-23]
    this.maxBinaryMessageBufferSize = options.maxBinaryMessageBufferSize ?? 1_048_576;
  }
}

/** What a container says of all its sessions; `lingerTimeout`: ms for TCP to end after both close frames, default 2000. [REL-13] */
export type ContainerSessionOptions = SessionOptions & { readonly lingerTimeout?: number | undefined };

/** The settings of one endpoint's sessions. */
export class SessionSettings {
  readonly #container: ContainerSessionOptions;
  readonly #own: SessionOptions;
  readonly #defaults: Defaults;
  /** And the defaults at that time. */
  #resolved: { readonly seen: Defaults; readonly settings: Settings } | undefined;

  constructor(container: ContainerSessionOptions, defaults: Defaults, own: SessionOptions) {
    this.#container = container;
    this.#own = own;
    this.#defaults = defaults;
  }

  /** One frozen object for all sessions made between two changes of the defaults. */
  get settings(): Settings {
    const { seen, settings } = this.#resolved ?? {};
    if (settings !== undefined && CHANGEABLE.every((key) => seen?.[key] === this.#defaults[key])) return settings;
    const settled = Object.freeze(this.#resolve());
    this.#resolved = { seen: { ...this.#defaults }, settings: settled };
    return settled;
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

function heartbeatOf(option: SessionOptions['heartbeat']): Heartbeat | null {
  return option === false ? null : { interval: option?.interval ?? 30_000, missed: option?.missed ?? 2 };
}

/** Without the keys whose value is undefined: they count as left out. */
function defined<T extends object>(options: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as ReturnType<typeof defined<T>>;
}
