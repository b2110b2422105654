/** The engine that endpoints under test stand on. */

import type { DialingTransport } from '../transport/dialer.js';
import { MemoryTransport } from '../transport/memory/memory-transport.js';

/** An engine without sockets, for one container: the option `transport`. `deploy` takes one of its own, or that of its options. */
export const memoryTransport = (): DialingTransport => new MemoryTransport();
