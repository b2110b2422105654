import { once } from 'node:events';
import { afterEach, describe, expect, it } from '@jest/globals';
import { WebSocket } from 'ws';
import { closeAll, dialWs, event, eventually, receiving, serveRaw, serveWs } from '../support/raw-channel.js';
import { Recorder } from '../support/recorder.js';
import { close, frame, parse, ping, text } from '../support/wire-frames.js';

afterEach(closeAll);

const sizes = [0, 1, 125, 126, 65_535, 65_536, 300_000, 2_000_000];

describe.each(['server', 'client'] as const)('as %s, with ws as its peer', (end) => {
  const open = async (house = new Recorder()) => {
    if (end === 'server') {
      const { server, peer } = await serveWs({ house });
      return { ours: server, peer };
    }
    const { client, peer } = await dialWs({ house });
    return { ours: client, peer };
  };

  it('sends and receives messages of every size, in order', async () => {
    const { ours, peer } = await open();
    const got: [string, boolean][] = [];
    peer.on('message', (data, isBinary) => got.push([isBinary ? (data as Buffer).toString('hex') : data.toString(), isBinary]));
    const want: [string, boolean][] = [];
    for (const size of sizes) {
      const ascii = 'abcdefghij'.repeat(size / 10 + 1).slice(0, size);
      const wide = 'é€😀'.repeat(size / 4);
      const bytes = Buffer.alloc(size, 0xc1);
      ours.channel.text(ascii);
      ours.channel.text(wide);
      ours.channel.binary(bytes);
      want.push([ascii, false], [wide, false], [bytes.toString('hex'), true]);
      peer.send(ascii);
      peer.send(wide);
      peer.send(bytes);
    }
    await eventually(() => got.length === want.length);
    expect(got).toEqual(want);
    await event(ours.house, 'binary', sizes.length);
    const back = ours.house.events.filter(([name]) => name !== 'opened').map(([name, data]) => [data, name === 'binary']);
    expect(back).toEqual(want);
  });

  it('[LIF-7] answers pings by itself, and sends its own', async () => {
    const { ours, peer } = await open();
    peer.ping('are you there');
    const [pong] = await once(peer, 'pong');
    expect(String(pong)).toBe('are you there');
    ours.channel.ping(Buffer.from('and you'));
    expect((await event(ours.house, 'pong'))[1]).toBe(Buffer.from('and you').toString('hex'));
  });

  it('[REM-1] sends parts, with a ping between them', async () => {
    const { ours, peer } = await open();
    const pinged = once(peer, 'ping');
    const message = once(peer, 'message');
    ours.channel.part('text', 'one ', true, false);
    ours.channel.ping(Buffer.from('!'));
    ours.channel.part('text', '', false, false);
    ours.channel.part('text', 'zwei €', false, true);
    expect(String((await pinged)[0])).toBe('!');
    expect(String((await message)[0])).toBe('one zwei €');
  });

  it('[CLO-7] closes', async () => {
    const { ours, peer } = await open();
    ours.channel.text('last words');
    ours.channel.close(4000, 'bye €', () => {});
    const said = once(peer, 'message');
    const [code, phrase] = await once(peer, 'close');
    expect([code, String(phrase), String((await said)[0])]).toEqual([4000, 'bye €', 'last words']);
    expect(await event(ours.house, 'closing')).toEqual(['closing', 4000, 'bye €']);
    ours.channel.end();
    expect(await event(ours.house, 'closed')).toEqual(['closed', undefined]);
    expect(ours.house.events.map(([name]) => name)).toEqual(['opened', 'closing', 'closed']);
  });

  it('[CLO-5] answers an empty close frame with one', async () => {
    const { ours, peer } = await open();
    peer.close();
    expect(await event(ours.house, 'closing')).toEqual(['closing', 1005, '']);
    ours.channel.close(undefined, '');
    ours.channel.end();
    expect((await once(peer, 'close'))[0]).toBe(1005);
    expect(await event(ours.house, 'closed')).toEqual(['closed', undefined]);
  });

  it('writes one prepared message many times', async () => {
    const { ours, peer } = await open();
    const got: string[] = [];
    peer.on('message', (data) => got.push(data.toString()));
    const messages = ['small é', 'x'.repeat(1000), 'y'.repeat(600_000)].map((each) => ours.channel.prepare(each));
    for (let i = 0; i < 3; i++) for (const each of messages) ours.channel.write(each);
    await eventually(() => got.length === 9);
    expect(got.map((each) => each.length)).toEqual([7, 1000, 600_000, 7, 1000, 600_000, 7, 1000, 600_000]);
    expect(messages.map(({ kind, size }) => [kind, size])).toEqual([
      ['text', 8],
      ['text', 1000],
      ['text', 600_000],
    ]);
  });

  it('counts frames and bytes', async () => {
    const { ours, peer } = await open();
    ours.channel.text('abc');
    ours.channel.part('binary', Buffer.from('x'), true, false);
    ours.channel.part('binary', Buffer.from('y'), false, true);
    peer.send('hello');
    peer.ping();
    await event(ours.house, 'text');
    await eventually(() => ours.channel.counters.framesReceived === 2);
    const key = end === 'client' ? 4 : 0;
    expect(ours.channel.counters).toEqual({
      messagesSent: 2,
      messagesReceived: 1,
      framesSent: 4,
      framesReceived: 2,
      bytesSent: 2 + 3 + 2 * (2 + 1) + 2 + 4 * key,
      bytesReceived: 2 + 5 + 2 + (end === 'client' ? 0 : 8),
    });
  });
});

describe('the end of a connection', () => {
  it('[LIF-10] a plain end of the stream => onClosed without error, after all that came before it', async () => {
    const { server, peer } = await serveRaw();
    peer.end(Buffer.concat([text('a'), text('b')]));
    expect(await event(server.house, 'closed')).toEqual(['closed', undefined]);
    expect(server.house.events.map(([name]) => name)).toEqual(['opened', 'text', 'text', 'closed']);
  });

  it('[LIF-14] the end waits while the house has paused', async () => {
    const { server, peer } = await serveRaw();
    server.channel.pause();
    peer.end(Buffer.concat([text('a'), text('b')]));
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(server.house.events).toEqual([['opened']]);
    server.channel.resume();
    await event(server.house, 'closed');
    expect(server.house.events.map(([name]) => name)).toEqual(['opened', 'text', 'text', 'closed']);
  });

  it('[CLO-4] what was sent before the end was seen still leaves', async () => {
    const house = new Recorder();
    const { server, peer } = await serveRaw({ house });
    const received = receiving(peer);
    house.after = ([name]) => {
      if (name === 'text') server.channel.text('answer');
    };
    peer.end(text('a'));
    await event(house, 'closed');
    await eventually(() => parse(received()).length === 1);
    expect(parse(received())[0]?.payload.toString()).toBe('answer');
  });

  it("[CLO-4] after the peer's close frame its end waits for the answer of the house", async () => {
    for (const closesFirst of [false, true]) {
      const { server, peer } = await serveRaw();
      const received = receiving(peer);
      if (closesFirst) server.channel.close(1000, 'mine');
      peer.end(close(1000, 'bye'));
      await event(server.house, 'closing');
      await new Promise((resolve) => setTimeout(resolve, 30));
      if (!closesFirst) expect(server.house.events.at(-1)?.[0]).toBe('closing');
      server.channel.close(1000, 'yours');
      await event(server.house, 'closed');
      expect(parse(received()).map(({ payload }) => payload.toString('utf8', 2))).toEqual([closesFirst ? 'mine' : 'yours']);
    }
  });

  it('pause() before begin() counts', async () => {
    const house = new Recorder();
    const { server, peer } = await serveRaw({ house, before: (channel) => channel.pause() });
    peer.write(Buffer.concat([ping(), text('a')]));
    await eventually(() => server.channel.counters.framesReceived === 1);
    expect(house.events).toEqual([['opened']]);
    server.channel.resume();
    await event(house, 'text');
  });

  it('[LIF-10] a reset => onClosed with the error, once', async () => {
    const { server, peer } = await serveRaw();
    peer.write(text('a'));
    await event(server.house, 'text');
    peer.resetAndDestroy();
    expect(await event(server.house, 'closed')).toEqual(['closed', 'ECONNRESET']);
    server.channel.terminate();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(server.house.events.filter(([name]) => name === 'closed')).toHaveLength(1);
  });

  it('[CLO-15] after a failure the close frame arrives although the peer goes on sending', async () => {
    const house = new Recorder();
    const { server, peer } = await serveRaw({ house });
    const received = receiving(peer);
    house.after = ([name, code]) => {
      if (name !== 'failed') return;
      server.channel.close(code as number, 'broken');
      server.channel.end();
    };
    peer.write(frame({ opcode: 3 }));
    for (let i = 0; i < 50; i++) peer.write(Buffer.alloc(20_000, 0x81));
    const ended = once(peer, 'end');
    await ended;
    expect(parse(received()).map(({ opcode, payload }) => [opcode, payload.readUInt16BE(0)])).toEqual([[8, 1002]]);
    peer.end();
    expect(await event(house, 'closed')).toEqual(['closed', undefined]);
  });

  it('terminate() drops the connection and everything in it', async () => {
    const { server, peer } = await serveRaw();
    receiving(peer);
    const ended = once(peer, 'end');
    const outcomes: string[] = [];
    server.channel.binary(Buffer.alloc(100_000), (error) => outcomes.push(error === undefined ? 'sent' : 'lost'));
    server.channel.terminate();
    server.channel.text('too late', (error) => outcomes.push(error === undefined ? 'sent' : 'refused'));
    expect(outcomes).toEqual([]);
    expect(server.house.events).toEqual([['opened']]);
    await event(server.house, 'closed');
    await eventually(() => outcomes.length === 2);
    expect(outcomes.sort()).toEqual(['lost', 'refused']);
    await ended;
    expect(server.channel.bufferedAmount).toBe(0);
  });

  it('a socket that died before begin() is told of afterwards', async () => {
    const { server, peer } = await serveRaw();
    void peer;
    const late = new Recorder();
    server.channel.terminate();
    await event(server.house, 'closed');
    const { WsChannel } = await import('../../src/transport/ws/ws-channel.js');
    const channel = new WsChannel(server.socket, { isServer: true, deflate: null });
    channel.begin(late, []);
    expect(late.events).toEqual([]);
    expect(await event(late, 'closed')).toEqual(['closed', undefined]);
  });
});

describe('a house with a defect', () => {
  it.each(['text', 'closing', 'failed', 'drained', 'done', 'closed'])(
    '[REL-1] throwing in %s costs the connection, not the process',
    async (name) => {
      const house = new Recorder();
      const { server, peer } = await serveRaw({ house });
      const received = receiving(peer);
      const boom = new Error('boom');
      house.after = (each) => {
        if (each[0] === name) throw boom;
      };
      if (name === 'drained')
        house.onDrained = () => {
          throw boom;
        };
      if (name === 'closing') peer.write(close(1000));
      else if (name === 'failed') peer.write(frame({ opcode: 3 }));
      else if (name === 'text') peer.write(text('x'));
      else if (name === 'closed') peer.destroy();
      else
        server.channel.text('x', () => {
          if (name === 'done') throw boom;
        });
      const closed = await event(house, 'closed');
      expect(closed).toEqual(['closed', name === 'closed' ? undefined : 'boom']);
      await eventually(() => peer.destroyed || peer.readableEnded);
      void received;
    },
  );

  it('[REL-1] so does throwing what is no error', async () => {
    const house = new Recorder();
    const { peer } = await serveRaw({ house });
    house.after = ([name]) => {
      if (name === 'text') throw 'a string';
    };
    peer.write(text('x'));
    await event(house, 'closed');
    expect(house.error?.cause).toBe('a string');
  });
});

describe('sending', () => {
  it('done is never called inside the call, and once for each', async () => {
    const { server, peer } = await serveWs();
    const calls: string[] = [];
    const note = (name: string) => (error?: Error) => void calls.push(error ? `${name} failed` : name);
    const { channel } = server;
    channel.text('a', note('text'));
    channel.binary(Buffer.alloc(700_000), note('binary'));
    channel.part('text', 'a', true, true, note('part'));
    channel.ping(Buffer.alloc(0), note('ping'));
    channel.pong(Buffer.alloc(0), note('pong'));
    channel.write(channel.prepare('x'), note('write'));
    channel.flush();
    channel.close(1000, '', note('close'));
    channel.text('x', note('late'));
    channel.close(1000, '', note('again'));
    expect(calls).toEqual([]);
    await once(peer, 'close');
    await eventually(() => calls.length === 9);
    expect(calls.filter((each) => !each.includes('failed'))).toEqual(['text', 'binary', 'part', 'ping', 'pong', 'write', 'close']);
    expect(calls.filter((each) => each.includes('failed')).sort()).toEqual(['again failed', 'late failed']);
  });

  it('[REM-5] up to 16 KiB may be written over once the call returns, more once done is called', async () => {
    const { server, peer } = await serveWs();
    const got: Buffer[] = [];
    peer.on('message', (data) => got.push(data as Buffer));
    const small = Buffer.alloc(16 * 1024, 1);
    server.channel.binary(small);
    small.fill(2);
    const large = new Uint32Array(5000).fill(0x01010101);
    await new Promise<void>((resolve) => server.channel.binary(large.buffer, () => resolve()));
    large.fill(0);
    await eventually(() => got.length === 2);
    expect(got.every((each) => each.every((byte) => byte === 1))).toBe(true);
    expect(got.map(({ length }) => length)).toEqual([16_384, 20_000]);
  });

  it('[D-26] what is sent in a turn leaves in one write', async () => {
    const { server, peer } = await serveRaw();
    const received = receiving(peer);
    const writes: number[] = [];
    const { write } = server.socket;
    server.socket.write = ((chunk: Buffer, ...rest: []) => {
      writes.push(chunk.length);
      return write.call(server.socket, chunk, ...rest);
    }) as typeof write;
    for (let i = 0; i < 100; i++) server.channel.text(`message ${i}`);
    expect(writes).toEqual([]);
    await eventually(() => parse(received()).length === 100);
    expect(writes).toHaveLength(1);
    server.channel.text('now');
    server.channel.flush();
    expect(writes).toHaveLength(2);
    server.channel.text('and');
    server.channel.close(1000, '');
    expect(writes).toHaveLength(3);
  });

  it('the channel is readable in both directions at once', async () => {
    const { server, peer } = await serveWs();
    server.house.after = ([name, data]) => {
      if (name === 'text') server.channel.text(data as string);
    };
    let echoed = 0;
    peer.on('message', () => echoed++);
    for (let i = 0; i < 5000; i++) peer.send(`message number ${i}`);
    await eventually(() => echoed === 5000);
    expect(peer.readyState).toBe(WebSocket.OPEN);
    expect(server.house.drained).toBeGreaterThan(0);
  });

  it('lastRead and lastWritten move', async () => {
    const { server, peer } = await serveRaw();
    receiving(peer);
    const [read, written] = [server.channel.lastRead, server.channel.lastWritten];
    await new Promise((resolve) => setTimeout(resolve, 5));
    peer.write(ping());
    await eventually(() => server.channel.lastRead > read && server.channel.lastWritten > written);
  });
});
