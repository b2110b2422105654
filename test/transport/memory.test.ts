/** The engine without sockets, against the contract. */
import { describe, expect, it } from '@jest/globals';
import { MemoryTransport } from '../../src/transport/memory/memory-transport.js';
import type { Transport } from '../../src/transport/spi.js';
import { transportContract } from './contract.js';

transportContract(
  'the memory engine',
  {
    transport: () => new MemoryTransport(),
    dial: (transport: Transport, target, listener, options) => (transport as MemoryTransport).dial(target, listener, options),
  },
  { describe, it, expect },
);
