/** Where a container is reached. */
import type { TransportAddress } from '../../transport/spi.js';

const WILDCARDS = new Set(['0.0.0.0', '::', '']);

/** `http://localhost:8080/app`; "" for an engine that listens nowhere. */
export function urlOf({ host, port, secure }: TransportAddress, contextPath: string): string {
  if (port <= 0) return '';
  const name = WILDCARDS.has(host) ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  return `${secure ? 'https' : 'http'}://${name}:${port}${contextPath}`;
}
