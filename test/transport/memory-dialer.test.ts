/** The memory engine's client half: the contract, and what is its own. */
import { describe, expect, it } from '@jest/globals';
import { MemoryDialer } from '../../src/transport/memory/memory-dialer.js';
import { MemoryTransport } from '../../src/transport/memory/memory-transport.js';
import type { Offer } from '../../src/transport/spi.js';
import { answerTo, Recorder, taking } from './contract/rig.js';
import { callOf, dialerContract } from './dialer-contract.js';

dialerContract(
  'the memory engine',
  {
    async serve(gate) {
      const transport = new MemoryTransport();
      transport.start(gate);
      return { origin: 'ws://localhost', dialer: new MemoryDialer(transport), stop: () => transport.stop() };
    },
    async nowhere() {
      return { uri: new URL('ws://localhost/'), dialer: new MemoryDialer(new MemoryTransport()) };
    },
  },
  { describe, it, expect },
);

const serving = (react: (offer: Offer) => void): MemoryTransport => {
  const transport = new MemoryTransport();
  transport.start(taking(react));
  return transport;
};

it('[SPI] host, port and proxy of a call lead nowhere, and wss is secure', async () => {
  const seen: unknown[] = [];
  const transport = serving((offer) => {
    seen.push([offer.headers.get('host'), offer.secure, offer.target]);
    offer.decline(404, [], '');
  });
  const proxy = { host: 'nowhere.invalid', port: 1, secure: true, headers: [] };
  for (const uri of ['ws://a.invalid:1/x', 'wss://b.invalid/y?z']) {
    await new MemoryDialer(transport).dial(callOf(new URL(uri), [], { proxy }));
  }
  expect(seen).toEqual([
    [['a.invalid:1'], false, '/x'],
    [['b.invalid'], true, '/y?z'],
  ]);
  await transport.stop();
});

it('[SPI] who waits for an answer when the transport stops gets a 503', async () => {
  const transport = serving(() => {});
  const dial = new MemoryDialer(transport).dial(callOf(new URL('ws://localhost/')));
  await new Promise((resolve) => setImmediate(resolve));
  await transport.stop();
  expect((await dial).status).toBe(503);
});

it('[SPI] a connection that ends before it is accepted shows all of its life', async () => {
  const log = new Recorder();
  const transport = serving((offer) => {
    offer.accept(answerTo(offer), (channel) => {
      log.at.onOpened = () => {
        channel.text('and away');
        channel.close(1001, 'bye');
        channel.end();
      };
      return log;
    });
  });
  const reply = await new MemoryDialer(transport).dial(callOf(new URL('ws://localhost/')));
  await new Promise((resolve) => setTimeout(resolve, 20));
  const client = new Recorder();
  await reply.accept({ deflate: null, transformations: [] }, (channel) => {
    client.at.onClosing = () => channel.end();
    return client;
  });
  await client.until('closed');
  expect(client.story).toEqual([['opened'], ['text', 'and away'], ['closing', 1001, 'bye'], ['closed']]);
  await transport.stop();
});
