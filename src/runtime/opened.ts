/** What a connection has from its handshake, as its parts ask for it. */
import type { Decoder } from '../api/codec.js';
import type { EndpointConfig } from '../api/endpoint-config.js';
import type { Logger } from '../api/logger.js';
import type { Opening, Settings } from './plan.js';

export abstract class Opened {
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

  get settings(): Settings {
    return this.opening.settings;
  }

  get logger(): Logger {
    return this.opening.logger;
  }
}
