/** What a connection has from its handshake, as its parts ask for it. */
import type { CloseReason } from '../api/close-reason.js';
import type { Decoder } from '../api/codec.js';
import type { EndpointConfig } from '../api/endpoint-config.js';
import type { Logger } from '../api/logger.js';
import type { Opening, Settings } from './plan.js';
import { LiveSession } from './session.js';

export abstract class Opened {
  abstract readonly session: LiveSession;
  abstract readonly state: 'open' | 'closing' | 'closed';
  /** Why it closes, once that has begun. */
  abstract readonly reason: CloseReason | null;
  readonly opening: Opening;
  /** @internal */
  seat = -1;
  /** Nothing more will happen to it. */
  isClosed = false;

  constructor(opening: Opening) {
    this.opening = opening;
  }

  /** The object whose methods are called. */
  get endpoint(): object {
    return this.opening.endpoint;
  }

  get config(): EndpointConfig {
    return this.opening.config;
  }

  get decoders(): readonly Decoder[] {
    return this.opening.decoders;
  }

  get properties(): ReadonlyMap<string, unknown> {
    return LiveSession.propertiesOf(this.session);
  }

  get settings(): Settings {
    return this.opening.settings;
  }

  get logger(): Logger {
    return this.opening.logger;
  }

  spelled(name: string): string {
    return `${name}[${this.session.getId()}, ${new URL(this.opening.request.uri).pathname}, ${this.state}]`;
  }

  release(): Promise<unknown> | undefined {
    return this.opening.belongings.release();
  }

  ended(): void {
    this.opening.owner.ended();
    this.opening.away?.ended(this.session, this.reason as CloseReason);
  }
}
