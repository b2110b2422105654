/** The examples of docs/guide: endpoints, messages and sending, run as they stand there. */
import { createHash } from 'node:crypto';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import type { ServerContainer } from 'margay';
import { Peer } from '../support/peer.js';
import { start } from '../support/start.js';

let container: ServerContainer | undefined;

afterEach(async () => {
  await container?.close();
  container = undefined;
  jest.restoreAllMocks();
});

describe('endpoints', () => {
  it('with annotations: one object for each connection, parameters in any order', async () => {
    const printed = jest.spyOn(console, 'log').mockImplementation(() => {});
    const { Seat } = await import('./examples/guide-endpoints-1.js');
    const server = await start(Seat);
    const [one, two] = [await server.dial('/table/oak/seat/1'), await server.dial('/table/oak/seat/2')];
    one.send('e4');
    one.send('Nf3');
    two.send('e5');
    expect(await one.take(3)).toEqual(['table oak, seat 1', '1: e4', '2: Nf3']);
    expect(await two.take(2)).toEqual(['table oak, seat 2', '1: e5']);
    await one.close(1000);
    await server.container.close();
    expect(printed).toHaveBeenCalledWith('oak: 2 moves, CloseReason[1000]');
  });

  it('without annotations: handlers for text and for bytes in parts', async () => {
    const printed = jest.spyOn(console, 'log').mockImplementation(() => {});
    const { config } = await import('./examples/guide-endpoints-3.js');
    const server = await start(config);
    const peer = await server.dial('/echo/a');
    peer.send('hello');
    peer.part(Buffer.alloc(3), false);
    peer.part(Buffer.alloc(4), true);
    expect(await peer.take(2)).toEqual(['hello', '7 bytes']);
    await peer.close(1001);
    await server.container.close();
    expect(printed).toHaveBeenCalledWith('CloseReason[1001]');
  });
});

describe('messages', () => {
  it('numbers and parts: converted, added, counted; what does not fit is told', async () => {
    const { Sum } = await import('./examples/guide-messages-1.js');
    const server = await start(Sum);
    const peer = await server.dial('/sum/40');
    peer.send('2');
    peer.part(Buffer.alloc(3), false);
    peer.part(Buffer.alloc(4), true);
    peer.send('two');
    expect(await peer.take(3)).toEqual(['42', '7 bytes', expect.stringContaining('"two"')]);
  });

  it('streams: read while they arrive', async () => {
    const { Upload } = await import('./examples/guide-messages-2.js');
    const peer = await (await start(Upload)).dial('/upload');
    const bytes = Buffer.alloc(3_000_000, 'margay'); // more than a whole message may have
    peer.part('one\ntwo\n', false);
    peer.part('three\n', true);
    peer.send(bytes);
    expect(await peer.take(2)).toEqual(['3', createHash('sha256').update(bytes).digest('hex')]);
  });

  it('coders: the first that is willing decodes, and objects are sent through the encoder', async () => {
    const { Mirror } = await import('./examples/guide-messages-3.js');
    const peer = await (await start(Mirror)).dial('/mirror');
    peer.send('{"x":1,"y":2}');
    peer.send('3,4');
    expect(await peer.take(2)).toEqual(['{"x":-1,"y":2}', '{"x":-3,"y":4}']);
  });
});

describe('sending', () => {
  it('by Async, with a handler: what is sent behind it comes behind it', async () => {
    const { Receipts } = await import('./examples/guide-sending-1.js');
    const peer = await (await start(Receipts)).dial('/receipts');
    peer.send('four');
    expect(await peer.take(2)).toEqual(['four', '4 characters']);
  });

  it('to everybody of the same id', async () => {
    const { Room } = await import('./examples/guide-sending-2.js');
    const server = await start(Room);
    const anna = await server.dial('/room/a');
    const other = await server.dial('/room/b');
    const bert = await server.dial('/room/a');
    bert.send('hello');
    expect(await anna.take(3)).toEqual(['somebody came in', 'somebody came in', 'hello']);
    await bert.close(1000);
    expect(await anna.next()).toBe('somebody left (1000)');
    expect(other.received).toEqual(['somebody came in']);
    await expect(server.dial('/room/a/')).rejects.toMatchObject({ status: 404 });
  });

  it('by code that holds no session', async () => {
    const module = (await import('./examples/guide-sending-3.js')) as unknown as {
      container: ServerContainer;
      publish(price: number): Promise<number>;
    };
    container = module.container;
    expect(await module.publish(1)).toBe(0);
    const url = `${container.url.replace('http', 'ws')}/prices`;
    const [one, two] = [await Peer.open(url), await Peer.open(url)];
    expect(await module.publish(42)).toBe(2);
    expect([await one.next(), await two.next()]).toEqual(['42', '42']);
  });

  it('as a stream, and in a batch', async () => {
    const { Table } = await import('./examples/guide-sending-4.js');
    const peer = await (await start(Table)).dial('/table');
    peer.send('10000');
    const [table, ...rest] = await peer.take(3);
    expect(String(table).split('\n')).toHaveLength(10_001);
    expect(rest).toEqual(['that', 'is all']);
  });
});
