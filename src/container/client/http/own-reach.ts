/** The way of a container whose transport connects, too. */
import type { DialingTransport } from '../../../transport/dialer.js';
import type { Transport } from '../../../transport/spi.js';
import type { Reach } from '../reach.js';
import { HttpReach } from './http-reach.js';

/** null: the door's. */
export function ownReach(transport: Transport | undefined): Reach | null {
  const dialer = (transport as Partial<DialingTransport> | undefined)?.dialer;
  return typeof dialer?.dial === 'function' ? new HttpReach(dialer) : null;
}
