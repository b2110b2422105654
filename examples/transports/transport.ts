/** The four ways in which a page hears what is new. */

export const TRANSPORTS = ['polling', 'long-polling', 'streaming', 'websocket'] as const;

export type Transport = (typeof TRANSPORTS)[number];

/** Something for each of them. */
export type ByTransport<T> = Readonly<Record<Transport, T>>;

export function forEachTransport<T>(make: (transport: Transport) => T): ByTransport<T> {
  return Object.fromEntries(TRANSPORTS.map((transport) => [transport, make(transport)])) as unknown as ByTransport<T>;
}
