/** The certificates a client has shown. [HS-7, D-22] */
import { X509Certificate } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { DetailedPeerCertificate, TLSSocket } from 'node:tls';

/**
 * Its own first, then those that vouch for it; null if there is none. One that TLS did not verify, which a server with
 * `rejectUnauthorized: false` lets through, is none: anybody can write any name into it.
 */
export function certificateChainOf(request: IncomingMessage | undefined): readonly X509Certificate[] | null {
  const socket = request?.socket as Partial<TLSSocket> | undefined;
  if (socket?.authorized !== true || typeof socket.getPeerCertificate !== 'function') return null;
  const chain: X509Certificate[] = [];
  const seen = new Set<string>();
  let at: Partial<DetailedPeerCertificate> | null | undefined = socket.getPeerCertificate(true);
  while (at?.raw !== undefined && at.fingerprint256 !== undefined && !seen.has(at.fingerprint256)) {
    seen.add(at.fingerprint256); // a root vouches for itself
    chain.push(new X509Certificate(at.raw));
    at = at.issuerCertificate;
  }
  return chain.length === 0 ? null : Object.freeze(chain);
}
