/** The engine that endpoints under test stand on. */
import { MemoryTransport } from '../transport/memory/memory-transport.js';
import type { Transport } from '../transport/spi.js';

/** An engine without sockets, for one container: the option `transport`. `deploy` takes one of its own, or that of its options. */
export const memoryTransport = (): Transport => new MemoryTransport();
