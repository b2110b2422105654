/** The engine without sockets, against the contract. */
import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import { MemoryRefusal, MemoryTransport } from '../../src/transport/memory/memory-transport.js';
import type { Transport } from '../../src/transport/spi.js';
import { answerTo, quiet, Recorder, refusal, taking } from './contract/rig.js';
import { transportContract } from './contract.js';

transportContract(
  'the memory engine',
  {
    transport: () => new MemoryTransport(),
    dial: (transport: Transport, target, listener, options) => (transport as MemoryTransport).dial(target, listener, options),
  },
  { describe, it, expect },
);

describe('a dial in memory', () => {
  it('is a correct upgrade request, with a key of its own', async () => {
    const keys: (readonly string[] | undefined)[] = [];
    const transport = new MemoryTransport();
    transport.start(
      taking((offer) => {
        keys.push(offer.headers.get('sec-websocket-key'));
        const names = ['host', 'upgrade', 'connection', 'sec-websocket-version', 'sec-websocket-protocol', 'origin'];
        offer.decline(400, [], JSON.stringify(names.map((name) => offer.headers.get(name))));
      }),
    );
    const options = { subprotocols: ['a', 'b'], origin: 'http://localhost' };
    const error = await refusal(transport.dial('/', new Recorder(), options));
    await refusal(transport.dial('/', new Recorder()));
    expect(error).toBeInstanceOf(MemoryRefusal);
    expect(JSON.parse(error.body)).toEqual([['localhost'], ['websocket'], ['Upgrade'], ['13'], ['a, b'], ['http://localhost']]);
    expect(keys.flat().map((key) => Buffer.from(key ?? '', 'base64').length)).toEqual([16, 16]);
    expect(keys[0]).not.toEqual(keys[1]);
  });

  it('shows hooks a request as node does', async () => {
    const transport = new MemoryTransport();
    const seen: unknown[] = [];
    transport.start(
      taking((offer) => {
        const request = offer.request as IncomingMessage;
        const { headers, headersDistinct, method, url, socket } = request;
        seen.push([method, url, headers.cookie, headers.authorization, headersDistinct['x-two'], typeof socket.on]);
        seen.push(offer.request === request);
        offer.decline(400, [], '');
      }),
    );
    const headers = { Cookie: ['a=1', 'b=2'], Authorization: ['Bearer x', 'Bearer y'], 'X-Two': ['1', '2'] };
    await refusal(transport.dial('/a?b', new Recorder(), { headers }));
    expect(seen).toEqual([['GET', '/a?b', 'a=1; b=2', 'Bearer x', ['1', '2'], 'function'], true]);
  });

  it('sends the lines it is given instead of its own', async () => {
    const transport = new MemoryTransport();
    transport.start(taking((offer) => offer.decline(400, [], offer.rawHeaders.join('|'))));
    const headers = { HOST: ['a', 'b'], upgrade: [], 'Sec-WebSocket-Version': '12', 'sec-websocket-key': 'k', Connection: 'x' };
    const { body } = await refusal(transport.dial('/', new Recorder(), { headers }));
    expect(body).toBe('HOST|a|HOST|b|Sec-WebSocket-Version|12|sec-websocket-key|k|Connection|x');
  });

  it('finds nobody before the start and after the stop', async () => {
    const transport = new MemoryTransport();
    await expect(transport.dial('/', new Recorder())).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    transport.start(taking(() => {}));
    expect(() => transport.start(taking(() => {}))).toThrow('starts once');
    await transport.stop();
    await expect(transport.dial('/', new Recorder())).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('that has been given up is offered to nobody, or withdrawn, with the reason of the signal', async () => {
    let offers = 0;
    let aborted = 0;
    const transport = new MemoryTransport();
    transport.start(
      taking((offer) => {
        offers++;
        offer.onAborted(() => aborted++);
      }),
    );
    await expect(transport.dial('/', new Recorder(), { signal: AbortSignal.abort('early') })).rejects.toBe('early');
    await quiet();
    expect(offers).toBe(0);
    const giving = new AbortController();
    const dial = expect(transport.dial('/', new Recorder(), { signal: giving.signal })).rejects.toBe('late');
    await quiet();
    giving.abort('late');
    await dial;
    expect([offers, aborted]).toEqual([1, 1]);
    await transport.stop();
    expect(aborted).toBe(1);
  });

  it('leaves no trace when every connection has ended', async () => {
    const transport = new MemoryTransport();
    const server = new Recorder();
    transport.start(taking((offer) => offer.accept(answerTo(offer), () => server)));
    const client = new Recorder();
    const { channel } = await transport.dial('/', client);
    channel.end();
    await Promise.all([client.until('closed'), server.until('closed')]);
    await transport.stop();
    expect(server.count('closed')).toBe(1);
  });

  it.each<[what: string, first: boolean, again: boolean]>([
    ['a part without a first one', false, false],
    ['a message inside another', true, true],
  ])('tells of a defect in the house: %s is a 1002', async (_, first, again) => {
    const transport = new MemoryTransport();
    const server = new Recorder();
    transport.start(taking((offer) => offer.accept(answerTo(offer), () => server)));
    const { channel } = await transport.dial('/', new Recorder());
    channel.part('text', '', first, false);
    channel.part('text', 'b', again, true);
    await server.until('failed');
    expect(server.all('failed')).toEqual([[1002]]);
    await transport.stop();
  });
});

it('[SPI] whoever sends when he hears that his bytes have left hears of those too, before the end', async () => {
  const heard: string[] = [];
  const log = new Recorder();
  log.at.onClosed = () => void heard.push('closed');
  const transport = new MemoryTransport();
  transport.start(taking((offer) => offer.accept(answerTo(offer), () => new Recorder())));
  const { channel } = await transport.dial('/', log);
  channel.text('first', () => {
    heard.push('first');
    channel.text('second', (error) => heard.push(`second ${error === undefined}`));
  });
  channel.terminate();
  await log.until('closed');
  expect(heard).toEqual(['first', 'second false', 'closed']);
  await transport.stop();
});
