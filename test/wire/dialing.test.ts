/** The ws engine's dialer: what a server is asked, what it answers, and the channel that comes of it. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { constants, deflateRawSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import type { Channel, Transformation } from '../../src/transport/spi.js';
import { accepted, dial, PLAIN } from '../support/calling.js';
import { eventually, sleep } from '../support/eventually.js';
import { handles, leavingNothing } from '../support/handles.js';
import { deflateParameters } from '../support/raw-channel.js';
import { type RawAnswer, rawServer, switching } from '../support/raw-server.js';
import { PARTS, Recorder, WAIT, WHOLE } from '../support/recorder.js';
import { binary, text } from '../support/wire-frames.js';

leavingNothing();

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
});

/** Answers with the 101 and that, in one packet. */
const followedBy =
  (...frames: readonly Buffer[]): RawAnswer =>
  (socket, head) =>
    socket.write(Buffer.concat([Buffer.from(switching(head)), ...frames]));

const server = (...frames: readonly Buffer[]) => rawServer(followedBy(...frames));
const words = (...all: readonly string[]) => all.map((word) => text(word, { mask: null }));
const told = (...all: readonly string[]) => all.map((word) => ['text', word]);

describe('what comes with the 101', () => {
  it('[CLI-8] has been shown when accept resolves, behind onOpened, and what comes later comes later', async () => {
    const { port, sockets } = await server(...words('one', 'two'));
    const { house, channel } = await accepted(await dial(`ws://127.0.0.1:${port}/`));
    expect(house.events).toEqual([['opened'], ...told('one', 'two')]);
    expect(channel.counters).toMatchObject({ messagesReceived: 2, framesReceived: 2, bytesReceived: 10 });
    sockets[0]?.write(Buffer.concat(words('three')));
    await eventually(() => expect(house.events.slice(3)).toEqual(told('three')));
    channel.terminate();
    await eventually(() => expect(house.events.slice(4)).toEqual([['closed', undefined]]));
  });

  it('[CLI-8] is not lost when it comes in pieces of one byte, or while the house takes its time', async () => {
    const { port } = await rawServer(async (socket, head) => {
      for (const byte of Buffer.concat([Buffer.from(switching(head)), ...words('one', 'two')])) {
        socket.write(Buffer.of(byte));
        await new Promise(setImmediate);
      }
      socket.end();
    });
    const reply = await dial(`ws://127.0.0.1:${port}/`);
    await sleep(30);
    const { house } = await accepted(reply);
    await eventually(() => expect(house.events).toEqual([['opened'], ...told('one', 'two'), ['closed', undefined]]));
  });

  it('[CLI-8] is kept in the kernel while nobody accepts, all but what node has read', async () => {
    const size = 16 * 1024 * 1024;
    let written = 0;
    const { port } = await rawServer((socket, head) => {
      socket.write(switching(head));
      const piece = binary(Buffer.alloc(65_536), { mask: null });
      const write = (): void => {
        for (let more = true; more && written < size; written += 65_536) more = socket.write(piece);
        if (written < size) socket.once('drain', write);
      };
      write();
    });
    const reply = await dial(`ws://127.0.0.1:${port}/`);
    let before = -1;
    await eventually(async () => {
      before = written;
      await sleep(50);
      expect(written).toBe(before);
    });
    expect(written).toBeLessThan(size);
    let received = 0;
    const house = new Recorder();
    house.after = ([name]) => {
      if (name === 'binary') received += 65_536;
    };
    const { channel } = await accepted(reply, { house });
    await eventually(() => expect(received).toBe(size));
    channel.terminate();
  });

  it('[CLI-8] is shown as far as the listener takes it: accept does not wait for the rest', async () => {
    const { port } = await server(...words('one', 'two', 'three'));
    for (const how of ['pause', 'wait'] as const) {
      const house = new Recorder(() => (how === 'wait' && house.events.length > 1 ? WAIT : WHOLE));
      const reply = await dial(`ws://127.0.0.1:${port}/`);
      let channel: Channel | undefined;
      house.after = ([name]) => {
        if (how === 'pause' && name === 'text') channel?.pause();
      };
      await reply.accept(PLAIN, (made) => {
        channel = made;
        return house;
      });
      expect(house.events).toEqual([['opened'], ...told('one')]);
      house.after = () => {};
      house.wants = WHOLE;
      channel?.resume();
      await eventually(() => expect(house.events).toEqual([['opened'], ...told('one', 'two', 'three')]));
      channel?.terminate();
    }
  });

  it('[CLI-8] is shown no further than to a pause in the middle of a compressed message', async () => {
    const deflated = deflateRawSync('x'.repeat(1_000_000), { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);
    const { port } = await server(text(deflated, { mask: null, rsv: 4 }));
    const reply = await dial(`ws://127.0.0.1:${port}/`);
    const house = new Recorder(PARTS);
    let channel: Channel | undefined;
    house.after = ([name]) => {
      if (name === 'part') channel?.pause();
    };
    await reply.accept({ deflate: deflateParameters(), transformations: [] }, (made) => {
      channel = made;
      return house;
    });
    expect(house.events.map(([name]) => name)).toEqual(['opened', 'part']);
    channel?.terminate();
  });

  it.each([
    ['text', WHOLE],
    ['part', PARTS],
  ])('[CLI-8] has been shown though it takes a while to inflate it: %s', async (event, wants) => {
    const long = Array.from({ length: 40_000 }, (_, i) => `${i * 7919}`).join();
    const deflated = deflateRawSync(long, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);
    expect(deflated.length).toBeGreaterThan(60_000);
    const { port } = await server(text(deflated, { mask: null, rsv: 4 }), ...words('behind'));
    const reply = await dial(`ws://127.0.0.1:${port}/`);
    const house = new Recorder(wants);
    const agreement = { deflate: deflateParameters(), transformations: [] };
    await sleep(50); // all of it has come
    const { channel } = await accepted(reply, { agreement, house });
    const shown = house.events.filter(([name]) => name === event).map((each) => each[event === 'text' ? 1 : 2]);
    expect(shown.join('') === `${long}behind`).toBe(true);
    channel.terminate();
  });

  it('[CLI-8] has been shown though an extension takes its time with it; the extension is closed with the connection', async () => {
    const { port } = await server(...words('one', 'two'));
    let closed = 0;
    const slow: Transformation = {
      rsv: [],
      parameters: [],
      inbound: async (frame) => {
        await sleep(20);
        return frame;
      },
      outbound: (frame) => frame,
      close: () => closed++,
    };
    const { house, channel } = await accepted(await dial(`ws://127.0.0.1:${port}/`), {
      agreement: { deflate: null, transformations: [slow] },
    });
    expect(house.events).toEqual([['opened'], ...told('one', 'two')]);
    channel.terminate();
    await eventually(() => expect([house.events.at(-1), closed]).toEqual([['closed', undefined], 1]));
  });

  it('[CLI-8] [REL-1] may be wrong: that, too, is shown first', async () => {
    const { port } = await server(...words('fine'), text('masked'), ...words('lost'));
    const { house, channel } = await accepted(await dial(`ws://127.0.0.1:${port}/`));
    expect(house.events).toEqual([['opened'], ...told('fine'), ['failed', 1002]]);
    channel.terminate();
  });
});

describe('a connection that does not last', () => {
  it.each([
    ['a reset', 'ECONNRESET'],
    ['an end', undefined],
  ])('[D-21] [REL-1] is opened and closed if it went before it was accepted: %s', async (how, code) => {
    const before = handles();
    const { port, sockets } = await server(...words('last words'));
    const reply = await dial(`ws://127.0.0.1:${port}/`);
    if (how === 'an end') {
      sockets[0]?.end();
      await sleep(20);
    } else {
      sockets[0]?.resetAndDestroy();
      await eventually(() => expect(handles()['TCPSocketWrap'] ?? 0).toBe(before['TCPSocketWrap'] ?? 0));
    }
    const { house } = await accepted(reply);
    const last = how === 'an end' ? told('last words') : [];
    await eventually(() => expect(house.events).toEqual([['opened'], ...last, ['closed', code]]));
  });

  it('[REL-1] is dropped if onOpened throws, and closed is the last that is heard of it', async () => {
    const { port, sockets } = await server(...words('never'));
    const house = new Recorder();
    house.after = ([name]) => {
      if (name === 'opened') throw new Error('a defect of the house');
    };
    await accepted(await dial(`ws://127.0.0.1:${port}/`), { house });
    expect(house.events).toEqual([['opened'], ['closed', undefined]]);
    await eventually(() => expect(sockets[0]?.readableEnded).toBe(true));
  });

  it.each(['there', 'gone'])('[REL-1] accept rejects with what open throws, and the extensions are closed: %s', async (how) => {
    const before = handles();
    const { port, sockets } = await server();
    const reply = await dial(`ws://127.0.0.1:${port}/`);
    if (how === 'gone') {
      sockets[0]?.resetAndDestroy();
      await eventually(() => expect(handles()['TCPSocketWrap'] ?? 0).toBe(before['TCPSocketWrap'] ?? 0));
    }
    let closed = 0;
    const extension = { rsv: [], parameters: [], close: () => closed++ } as never;
    const defect = new Error('no');
    const opening = reply.accept({ deflate: null, transformations: [extension] }, () => {
      throw defect;
    });
    await expect(opening).rejects.toBe(defect);
    expect(closed).toBe(1);
    await eventually(() => expect(sockets[0]?.readableEnded || sockets[0]?.destroyed).toBe(true));
    expect(closed).toBe(1);
  });

  it("[REL-1] is the channel's alone: its errors are told, and no listener of the dialer or of HTTP is left", async () => {
    const made: Socket[] = [];
    const keep = (message: unknown): void => void made.push((message as { socket: Socket }).socket);
    subscribe('net.client.socket', keep);
    const { port, sockets } = await server();
    const { house, channel } = await accepted(await dial(`ws://127.0.0.1:${port}/`));
    unsubscribe('net.client.socket', keep);
    const [socket] = made as [Socket];
    const counts = ['error', 'close', 'data', 'end', 'drain', 'timeout', 'connect', 'free'].map((name) => [
      name,
      socket.listenerCount(name),
    ]);
    expect(counts).toEqual([
      ['error', 1],
      ['close', 1],
      ['data', 1],
      ['end', 2],
      ['drain', 0],
      ['timeout', 0],
      ['connect', 0],
      ['free', 0],
    ]);
    expect(channel.bufferedAmount).toBe(0);
    sockets[0]?.resetAndDestroy();
    await eventually(() => expect(house.events).toEqual([['opened'], ['closed', 'ECONNRESET']]));
  });
});
