/** The engine over TCP and TLS, against the contract. */
import { describe, expect, it } from '@jest/globals';
import type { Transport } from '../../src/transport/spi.js';
import { type ListenOptions, WsTransport } from '../../src/transport/ws/ws-transport.js';
import { dialWs } from '../support/dial.js';
import { cert, key } from '../support/localhost-certificate.js';
import { type DialOptions, transportContract } from './contract.js';

const listening = (more: Partial<ListenOptions>) => ({
  transport: () =>
    new WsTransport({ port: 0, host: '127.0.0.1', handshakeTimeout: 10_000, maxHeaderSize: 16_384, maxHeadersCount: 100, ...more }),
  dial: async ({ address }: Transport, target: string, listener: Parameters<typeof dialWs>[2], options?: DialOptions) => {
    if (address === null || address === undefined) throw new Error('the transport does not listen');
    return dialWs(address, target, listener, options);
  },
});

transportContract('the ws engine', listening({}), { describe, it, expect });
transportContract('the ws engine over TLS', listening({ tls: { key, cert } }), { describe, it, expect });
