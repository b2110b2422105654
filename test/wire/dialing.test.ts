/** The ws engine's dialer: what a server is asked, what it answers, and the channel that comes of it. */
import { describe, expect, it } from '@jest/globals';
import { accepted, dial } from '../support/calling.js';
import { eventually } from '../support/eventually.js';
import { rawServer, switching } from '../support/raw-server.js';
import { text } from '../support/wire-frames.js';

describe('a request for a connection', () => {
  it('[CLI-3] [CLI-4] has its lines in the order and spelling that they were given in, and nothing else', async () => {
    const server = await rawServer((socket, head) => socket.write(switching(head)));
    const headers = [
      ['Host', 'elsewhere'],
      ['uPGRADE', 'websocket'],
      ['X-Twice', 'a'],
      ['Connection', 'Upgrade'],
      ['X-Twice', 'b\xe9'],
    ] as const;
    const reply = await dial(`ws://127.0.0.1:${server.port}//x/./y%20z?a=b&c=%C3%A9`, { headers });
    expect(server.heads).toEqual([
      'GET //x/y%20z?a=b&c=%C3%A9 HTTP/1.1\r\nHost: elsewhere\r\nuPGRADE: websocket\r\nX-Twice: a\r\nConnection: Upgrade\r\nX-Twice: b\xe9',
    ]);
    reply.drop();
  });

  it('[CLI-8] what comes in one packet with the 101 has been shown when accept resolves, behind onOpened', async () => {
    const server = await rawServer((socket, head) => {
      socket.write(Buffer.concat([Buffer.from(switching(head)), text('one', { mask: null }), text('two', { mask: null })]));
    });
    const reply = await dial(`ws://127.0.0.1:${server.port}/`);
    const { house, channel } = await accepted(reply);
    expect(house.events).toEqual([['opened'], ['text', 'one'], ['text', 'two']]);
    channel.terminate();
    await eventually(() => expect(house.events.at(-1)).toEqual(['closed', undefined]));
  });
});
