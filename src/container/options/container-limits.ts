/** What a container bounds as a whole; the bounds of one session are the endpoint's. */
import type { ContainerOptions } from './options.js';

/** Times are ms, sizes bytes. */
export interface ContainerLimits {
  readonly handshakeTimeout: number;
  readonly maxHeaderSize: number;
  readonly maxHeadersCount: number;
  readonly maxConnections: number;
  readonly maxConnectionsPerAddress: number;
  readonly shutdownTimeout: number;
}

export function containerLimits(options: ContainerOptions): ContainerLimits {
  return {
    handshakeTimeout: options.handshakeTimeout ?? 10_000,
    maxHeaderSize: options.maxHeaderSize ?? 16_384,
    maxHeadersCount: options.maxHeadersCount ?? 100,
    maxConnections: options.maxConnections ?? Number.POSITIVE_INFINITY,
    maxConnectionsPerAddress: options.maxConnectionsPerAddress ?? Number.POSITIVE_INFINITY,
    shutdownTimeout: options.shutdownTimeout ?? 10_000,
  };
}
