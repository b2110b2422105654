/** Serves endpoints on a port of their own, and cleans up behind the test. */
import { afterEach } from '@jest/globals';
import {
  type Class,
  type ContainerOptions,
  type LogFields,
  type Logger,
  type ServeOptions,
  type ServerContainer,
  type ServerEndpointConfig,
  serve,
} from 'margay';
import { Peer } from './peer.js';
import { RawPeer } from './raw-peer.js';

/** One line that was logged. */
export interface Line extends LogFields {
  readonly level: keyof Logger;
  readonly message: string;
}

type Deployable = Class | ServerEndpointConfig;

/** A container that listens. */
export interface Started {
  readonly container: ServerContainer;
  readonly port: number;
  /** Everything it logged, debug included. */
  readonly log: Line[];
  /** The ws URL of a path. */
  url(path: string): string;
  /** A client, connected. */
  dial(path: string, options?: Parameters<typeof Peer.open>[1]): Promise<Peer>;
}

const running = new Set<{ readonly container: ServerContainer; readonly peers: Peer[] }>();
afterEach(async () => {
  RawPeer.dropAll();
  const ended = [...running];
  running.clear();
  await Promise.all(
    ended.map(({ container, peers }) => {
      for (const peer of peers) peer.socket.terminate();
      return container.close();
    }),
  );
});

/** Ends with the test. */
export async function start(
  endpoints: Deployable | readonly Deployable[],
  options: ContainerOptions & Pick<ServeOptions, 'tls'> = {},
): Promise<Started> {
  const log: Line[] = [];
  const write = (level: keyof Logger) => (fields: LogFields, message: string) => void log.push({ ...fields, level, message });
  const logger: Logger = { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
  const list = Array.isArray(endpoints) ? (endpoints as readonly Deployable[]) : [endpoints as Deployable];
  const container = await serve({ shutdownTimeout: 1000, logger, ...options, endpoints: list, port: 0, host: '127.0.0.1' });
  const peers: Peer[] = [];
  running.add({ container, peers });
  const url = (path: string) => container.url.replace('http', 'ws') + path;
  const dial = async (path: string, how?: Parameters<typeof Peer.open>[1]) => {
    const peer = await Peer.open(url(path), how);
    peers.push(peer);
    return peer;
  };
  return { container, port: Number(new URL(container.url).port), log, url, dial };
}
