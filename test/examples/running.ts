/** The examples on a port of their own, with clients; all of it ends with the test. */
import { afterEach } from '@jest/globals';
import { type Examples, start } from '../../examples/server.js';
import { Peer } from '../support/peer.js';

const running = new Set<{ readonly examples: Examples; readonly peers: Peer[] }>();

afterEach(async () => {
  const ended = [...running];
  running.clear();
  for (const { examples, peers } of ended) {
    for (const peer of peers) peer.socket.terminate();
    await examples.close();
  }
});

export interface Running extends Examples {
  dial(path: string, options?: Parameters<typeof Peer.open>[1]): Promise<Peer>;
}

export async function run(): Promise<Running> {
  const examples = await start({ port: 0, relayPort: 0, host: '127.0.0.1' });
  const peers: Peer[] = [];
  running.add({ examples, peers });
  return {
    ...examples,
    async dial(path, options) {
      const peer = await Peer.open(examples.url.replace('http', 'ws') + path, options);
      peers.push(peer);
      return peer;
    },
  };
}
