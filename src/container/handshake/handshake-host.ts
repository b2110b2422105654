/** What every handshake of a container knows of it. */
import type { ContainerOptions } from '../options/options.js';
import { RefusedOrigins } from '../web/refused-origins.js';
import type { Host } from './handshake.js';

/** A container, as it makes its handshakes' host. */
export interface Hosting extends Pick<Host, 'container' | 'logger' | 'owner' | 'refused' | 'capacity'> {
  readonly options: ContainerOptions;
  isDraining(): boolean;
}

export function handshakeHost({ options, isDraining, ...hosting }: Hosting): Host {
  const refusedOrigins = new RefusedOrigins();
  return {
    ...hosting,
    manager: options.instanceManager ?? null,
    identity: options,
    firstRefusalOf: (origin) => refusedOrigins.isNew(origin),
    get isDraining() {
      return isDraining();
    },
  };
}
