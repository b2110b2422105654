/** The certificates of a client, as hooks see them. [HS-7, D-22] */
import type { X509Certificate } from 'node:crypto';
import { afterEach, describe, expect, it } from '@jest/globals';
import { type HandshakeRequest, type ListenOptions, ServerContainer, ServerEndpoint, ServerEndpointConfig } from 'margay';
import * as client from '../support/client-certificate.js';
import * as server from '../support/localhost-certificate.js';
import { Peer } from '../support/peer.js';

const containers: ServerContainer[] = [];

afterEach(() => Promise.all(containers.splice(0).map((each) => each.close())));

/** What the hook is told of a client that connects with these. */
async function shown(tls: ListenOptions['tls'], own: { key?: string; cert?: string }): Promise<readonly X509Certificate[] | null> {
  const seen: (readonly X509Certificate[] | null)[] = [];
  class Hooks extends ServerEndpointConfig.Configurator {
    override modifyHandshake(_config: ServerEndpointConfig, request: HandshakeRequest): void {
      seen.push(request.getUserX509CertificateChain());
      expect(request.getUserX509CertificateChain()).toBe(seen[0]);
    }
  }
  @ServerEndpoint({ value: '/talk', configurator: Hooks })
  class Talk {}
  const container = new ServerContainer({ shutdownTimeout: 500 });
  containers.push(container);
  await container.addEndpoint(Talk);
  const { port } = await container.listen({ port: 0, host: '127.0.0.1', tls: { key: server.key, cert: server.cert, ...tls } });
  const peer = await Peer.open(`wss://localhost:${port}/talk`, { ca: server.cert, family: 4, ...own });
  peer.socket.terminate();
  expect(seen).toHaveLength(1);
  return seen[0] as readonly X509Certificate[] | null;
}

describe('[HS-7] getUserX509CertificateChain', () => {
  const { key, cert, authority } = client;
  const names = (chain: readonly X509Certificate[] | null) => chain?.map(({ subject }) => subject);

  it('has the client’s own certificate first, then the one that vouches for it, once; it cannot be changed', async () => {
    const chain = await shown({ requestCert: true, ca: authority }, { key, cert: cert + authority });
    expect(names(chain)).toEqual(['CN=ann', 'CN=margay test authority']);
    expect(chain?.[0]?.issuer).toBe('CN=margay test authority');
    expect(() => (chain as X509Certificate[]).pop()).toThrow(TypeError);
  });

  it('is null without a certificate, and where none is asked for', async () => {
    expect(await shown({ requestCert: true, rejectUnauthorized: false, ca: authority }, {})).toBeNull();
    expect(await shown({}, { key, cert })).toBeNull();
  });

  it('is null for a certificate that TLS could not verify, though the server lets it in', async () => {
    expect(await shown({ requestCert: true, rejectUnauthorized: false }, { key, cert })).toBeNull();
    expect(names(await shown({ requestCert: true, rejectUnauthorized: false, ca: authority }, { key, cert }))?.[0]).toBe('CN=ann');
  });
});
