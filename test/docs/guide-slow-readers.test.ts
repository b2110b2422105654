/** The examples of docs/guide/slow-readers.md, run as they stand there. */
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import type { ServerContainer, Session } from 'margay';
import { eventually } from '../support/eventually.js';
import { RawPeer } from '../support/raw-peer.js';
import { start } from '../support/start.js';

let container: ServerContainer | undefined;

afterEach(async () => {
  RawPeer.dropAll();
  await container?.close();
  container = undefined;
  jest.restoreAllMocks();
});

describe('slow readers', () => {
  it('prices: who does not read is left out, told of and let go, and everybody else gets them all', async () => {
    const warned = jest.spyOn(console, 'warn').mockImplementation(() => {});
    const example = (await import('./examples/guide-slow-readers-1.js')) as unknown as {
      readonly container: ServerContainer;
      readonly slow: Map<Session, number>;
      publish(prices: string): void;
    };
    container = example.container;
    const address = { port: Number(new URL(container.url).port) };
    const [good, deaf] = [await RawPeer.open(address, '/prices'), await RawPeer.open(address, '/prices')];
    deaf.stopReading();
    let published = 0;
    const publish = async (): Promise<void> => {
      example.publish(`${published++} `.padEnd(50_000, '.'));
      await eventually(() => expect(good.frames).toHaveLength(published));
    };
    while (example.slow.size === 0) await publish();
    expect([...example.slow.values()]).toEqual([1]);
    expect([...example.slow.keys()][0]?.isOpen()).toBe(true);
    expect(example.container.statistics().slowPeer).toEqual({ close: 0, drop: 1, wait: 0 });
    example.slow.set([...example.slow.keys()][0] as Session, 999);
    await publish();
    expect([...example.slow.keys()][0]?.isOpen()).toBe(false);
    expect(warned).toHaveBeenCalledTimes(1);
    deaf.read();
    expect(await deaf.closeFrame()).toEqual({ code: 1000, phrase: '' });
    expect(good.texts.map((text) => Number.parseInt(text, 10))).toEqual(Array.from({ length: published }, (_, i) => i));
  });

  it('export: a handler that awaits its sends goes at the pace of the reader', async () => {
    const { Export } = await import('./examples/guide-slow-readers-2.js');
    const server = await start(Export);
    const peer = await RawPeer.open(server, '/export');
    peer.stopReading();
    peer.text('10000'); // 10 MB
    await eventually(() => expect(server.container.statistics().bytesWaiting).toBeGreaterThan(65_536));
    expect(server.container.statistics().bytesWaiting).toBeLessThan(65_536 + 2000);
    peer.read();
    await eventually(() => expect(peer.frames).toHaveLength(10_001));
    expect(peer.texts.at(-1)).toBe('done');
  });
});
