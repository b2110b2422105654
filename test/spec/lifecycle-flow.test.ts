/** What arrives while a callback runs: pings, more messages than may wait, messages nobody takes. [LIF-7 … LIF-9] */
import { describe, expect, it } from '@jest/globals';
import { OnClose, OnError, OnMessage, OnOpen, PathParam, PongMessage, ServerEndpoint, Session } from 'margay';
import { eventually, gate, sleep } from '../support/eventually.js';
import { OPCODES } from '../support/frames.js';
import { RawPeer } from '../support/raw-peer.js';
import { start } from '../support/start.js';

const { text, binary, ping, pong, continuation } = OPCODES;

describe('pings', () => {
  it('[LIF-7] a ping is answered with its own bytes while a handler runs', async () => {
    const hold = gate();
    @ServerEndpoint('/busy')
    class Busy {
      @OnMessage async text(_text: string): Promise<string> {
        await hold.promise;
        return 'done';
      }
    }
    const { dial } = await start(Busy);
    const peer = await dial('/busy');
    peer.send('x');
    for (const payload of ['', 'abc', '\u0000\u00ff'.repeat(30)]) {
      peer.socket.ping(payload);
      expect((await peer.pong()).toString()).toBe(payload);
    }
    expect(peer.received).toEqual([]);
    hold.open();
    expect(await peer.next()).toBe('done');
  });

  it('[LIF-7] a ping is answered while an async @OnOpen runs', async () => {
    const hold = gate();
    @ServerEndpoint('/opening')
    class Opening {
      @OnOpen async open(session: Session): Promise<void> {
        await hold.promise;
        await session.getBasicRemote().sendText('opened');
      }
    }
    const { dial } = await start(Opening);
    const peer = await dial('/opening');
    peer.socket.ping('early');
    expect((await peer.pong()).toString()).toBe('early');
    expect(peer.received).toEqual([]);
    hold.open();
    expect(await peer.next()).toBe('opened');
  });

  it('[LIF-7] pings are invisible to the application, one with a pong handler too', async () => {
    const got: string[] = [];
    @ServerEndpoint('/blind')
    class Blind {
      @OnMessage text(message: string): string {
        got.push(message);
        return message;
      }

      @OnMessage pong(message: PongMessage): void {
        got.push(`pong ${message.getApplicationData()}`);
      }
    }
    const { dial } = await start(Blind);
    const peer = await dial('/blind');
    peer.socket.ping('seen?');
    await peer.pong();
    peer.send('after');
    await peer.next();
    expect(got).toEqual(['after']);
  });
});

/** Sends that many texts with a ping behind each, and tells how many pings are answered while the first text is being handled. */
async function pongsWhileHeld(client: RawPeer, messages: readonly string[], expected: number): Promise<number> {
  for (const [i, payload] of messages.entries()) client.send({ opcode: text, payload }, { opcode: ping, payload: String(i) });
  const count = () => client.frames.filter(({ opcode }) => opcode === pong).length;
  await eventually(() => expect(count()).toBeGreaterThanOrEqual(expected));
  await sleep(60);
  return count();
}

describe('back-pressure', () => {
  it('[LIF-8] 64 messages may wait; what lies behind the next one is not read until they are done', async () => {
    const hold = gate();
    const got: string[] = [];
    @ServerEndpoint('/slow')
    class Slow {
      @OnMessage async text(message: string): Promise<void> {
        got.push(message);
        await hold.promise;
      }
    }
    const { port } = await start(Slow);
    const client = await RawPeer.open({ port }, '/slow');
    const messages = Array.from({ length: 70 }, (_, i) => String(i));
    expect(await pongsWhileHeld(client, messages, 65)).toBe(65); // one runs, 64 wait
    expect(got).toEqual(['0']);
    hold.open();
    await eventually(() => expect(got).toEqual(messages));
    await eventually(() => expect(client.frames).toHaveLength(70));
  });

  it('[LIF-8] backlog.events says how many may wait, pongs counted', async () => {
    const hold = gate();
    const got: string[] = [];
    @ServerEndpoint('/few')
    class Few {
      @OnMessage async text(message: string): Promise<void> {
        got.push(message);
        await hold.promise;
      }

      @OnMessage pong(message: PongMessage): void {
        got.push(`pong ${message.getApplicationData()}`);
      }
    }
    const { port } = await start(Few, { backlog: { events: 3 } });
    const client = await RawPeer.open({ port }, '/few');
    client.send({ opcode: text, payload: '0' }, { opcode: pong, payload: '1' });
    expect(await pongsWhileHeld(client, ['2', '3', '4', '5'], 2)).toBe(2);
    hold.open();
    await eventually(() => expect(got).toEqual(['0', 'pong 1', '2', '3', '4', '5']));
    await eventually(() => expect(client.frames).toHaveLength(4));
  });

  it.each([
    ['of ASCII', 'a'.repeat(400)],
    ['of three bytes each', '你'.repeat(133)],
  ])('[LIF-8] backlog.bytes says how many bytes may wait: characters %s', async (_what, message) => {
    let hold = gate();
    const got: string[] = [];
    @ServerEndpoint('/bytes')
    class Bytes {
      @OnMessage async text(each: string): Promise<void> {
        got.push(each);
        await hold.promise;
      }
    }
    const { port } = await start(Bytes, { backlog: { bytes: 1000 } });
    const client = await RawPeer.open({ port }, '/bytes');
    expect(await pongsWhileHeld(client, Array(8).fill(message), 4)).toBe(4); // one runs, 3 x 400 wait
    hold.open();
    await eventually(() => expect(got).toHaveLength(8));
    await eventually(() => expect(client.frames).toHaveLength(8));
    hold = gate();
    expect(await pongsWhileHeld(client, Array(8).fill(message), 12)).toBe(12); // what has gone counts no more
    hold.open();
    await eventually(() => expect(got).toHaveLength(16));
  });

  it('[LIF-8] 1 MiB may wait by default', async () => {
    const hold = gate();
    const got: number[] = [];
    @ServerEndpoint('/mebibyte')
    class Mebibyte {
      @OnMessage async text(message: string): Promise<void> {
        got.push(message.length);
        await hold.promise;
      }
    }
    const { port } = await start(Mebibyte);
    const client = await RawPeer.open({ port }, '/mebibyte');
    const half = 'x'.repeat(512 * 1024);
    expect(await pongsWhileHeld(client, [half, half, half, half, half], 3)).toBe(3); // one runs, two wait
    hold.open();
    await eventually(() => expect(got).toHaveLength(5));
  });

  it('[LIF-8] the sender really stops, and goes on when the messages are taken', async () => {
    const hold = gate();
    let got = 0;
    @ServerEndpoint('/stop')
    class Stop {
      @OnMessage async binary(_bytes: Buffer): Promise<void> {
        got++;
        await hold.promise;
      }
    }
    const { dial } = await start(Stop);
    const peer = await dial('/stop');
    const chunk = Buffer.alloc(512 * 1024);
    for (let i = 0; i < 64; i++) peer.send(chunk); // 32 MiB: more than the kernel takes
    let before = -1;
    await eventually(async () => {
      before = peer.socket.bufferedAmount;
      await sleep(100);
      expect(peer.socket.bufferedAmount).toBe(before);
    });
    expect(before).toBeGreaterThan(8 * 2 ** 20);
    expect(got).toBe(1);
    hold.open();
    await eventually(() => expect(got).toBe(64));
    expect(peer.socket.bufferedAmount).toBe(0);
  });

  it('[LIF-8] a flood of pongs waits in the socket like any other: none is lost, and pings behind them wait too', async () => {
    const hold = gate();
    let got = 0;
    @ServerEndpoint('/pongs')
    class Pongs {
      @OnMessage async pong(_pong: PongMessage): Promise<void> {
        got++;
        await hold.promise;
      }

      @OnMessage text(_message: string): string {
        return String(got);
      }
    }
    const { port } = await start(Pongs, { backlog: { events: 5 } });
    const client = await RawPeer.open({ port }, '/pongs');
    for (let i = 0; i < 500; i++) client.send({ opcode: pong }, { opcode: ping });
    await eventually(() => expect(client.frames).toHaveLength(6)); // one runs, five wait
    await sleep(60);
    expect(client.frames).toHaveLength(6);
    hold.open();
    client.send({ opcode: text });
    await eventually(() => expect(client.texts).toEqual(['500']));
  });

  it('[LIF-8] parts of a message count too', async () => {
    const hold = gate();
    let got = 0;
    @ServerEndpoint('/pieces')
    class Pieces {
      @OnMessage async part(_part: Buffer, _last: boolean): Promise<void> {
        got++;
        await hold.promise;
      }
    }
    const { port } = await start(Pieces, { backlog: { events: 2 } });
    const client = await RawPeer.open({ port }, '/pieces');
    for (let i = 0; i < 6; i++) client.send({ opcode: i === 0 ? binary : continuation, fin: i === 5, payload: 'x' }, { opcode: ping });
    await eventually(() => expect(client.frames).toHaveLength(3)); // one runs, two wait
    await sleep(60);
    expect(client.frames).toHaveLength(3);
    hold.open();
    await eventually(() => expect(got).toBe(6));
  });
});

describe('messages without a handler', () => {
  it('[LIF-9] messages of a type that has no handler are read and discarded, whole and in parts', async () => {
    const trace: string[] = [];
    @ServerEndpoint('/text-only')
    class TextOnly {
      @OnMessage text(message: string): string {
        return message;
      }

      @OnError error(error: Error): void {
        trace.push(error.message);
      }

      @OnClose close(): void {
        trace.push('close');
      }
    }
    const { port, log } = await start(TextOnly);
    const client = await RawPeer.open({ port }, '/text-only');
    client.send({ opcode: binary, payload: Buffer.alloc(70_000) }, { opcode: pong, payload: 'nobody' });
    client.send({ opcode: binary, fin: false, payload: 'a' }, { opcode: ping }, { opcode: continuation, payload: 'b' });
    client.send({ opcode: text, payload: 'still here' });
    await eventually(() => expect(client.texts).toEqual(['still here']));
    expect(trace).toEqual([]);
    expect(log.filter(({ level }) => level === 'warn' || level === 'error')).toEqual([]);
  });

  it('[LIF-9] a message without a handler is no end of an endpoint that has none at all', async () => {
    @ServerEndpoint('/deaf')
    class Deaf {
      @OnOpen open(session: Session): Promise<void> {
        return session.getBasicRemote().sendText('hello');
      }
    }
    const { dial } = await start(Deaf);
    const peer = await dial('/deaf');
    peer.send('x');
    peer.send(Buffer.alloc(3));
    peer.socket.ping('alive');
    await peer.pong();
    expect(peer.received).toEqual(['hello']);
  });

  it('[LIF-9] while @OnOpen has not settled such a message waits, and those behind it with it; then it is discarded', async () => {
    const hold = gate();
    @ServerEndpoint('/patient')
    class Patient {
      @OnOpen open(): Promise<void> {
        return hold.promise;
      }

      @OnMessage text(message: string): string {
        return message;
      }
    }
    const { port } = await start(Patient);
    const client = await RawPeer.open({ port }, '/patient', {
      behind: [
        { opcode: ping, payload: 'before' },
        { opcode: binary, payload: 'nobody takes it' },
        { opcode: ping, payload: 'behind' },
        { opcode: text, payload: 'taken' },
      ],
    });
    await eventually(() => expect(client.frames.map(({ payload }) => payload.toString())).toEqual(['before']));
    await sleep(60);
    expect(client.frames).toHaveLength(1);
    hold.open();
    await eventually(() => expect(client.frames.map(({ payload }) => payload.toString()).sort()).toEqual(['before', 'behind', 'taken']));
  });
});

/** How many frames of ours stand between the user's method and the call of `onText`, that one included. */
function framesUpTo(call: 'onText' | 'onBinary' | 'onPart' | 'onPong', stack: string): number {
  const lines = stack.split('\n').filter((line) => /^ +at /.test(line));
  const entry = lines.findIndex((line) => line.includes(call));
  expect(entry).toBeGreaterThan(0);
  return lines.slice(0, entry + 1).filter((line) => /\/src\//.test(line)).length;
}

/** The stack of its caller, long enough. */
function stackHere(): string {
  const usual = Error.stackTraceLimit;
  Error.stackTraceLimit = 40;
  const { stack = '' } = new Error('where');
  Error.stackTraceLimit = usual;
  return stack;
}

describe('the way to a handler', () => {
  it('[LIF-6] at most four frames of ours stand on the stack of an @OnMessage, whatever its parameters', async () => {
    const stacks: string[] = [];
    @ServerEndpoint('/stack/{a}/{b}')
    class Plain {
      @OnMessage text(_message: string): void {
        stacks.push(stackHere());
      }
    }
    @ServerEndpoint('/full/{a}/{b}')
    class Full {
      @OnMessage text(@PathParam('a') _a: string, _message: string, _session: Session, @PathParam('b') _b: number): string {
        stacks.push(stackHere());
        return 'replied';
      }
    }
    @ServerEndpoint('/number')
    class Value {
      @OnMessage text(_message: number): void {
        stacks.push(stackHere());
      }
    }
    @ServerEndpoint('/bare')
    class Bare {
      @OnMessage async text(_message: string): Promise<void> {
        stacks.push(stackHere());
      }
    }
    const { dial } = await start([Plain, Full, Value, Bare]);
    for (const path of ['/stack/1/2', '/full/1/2', '/number', '/bare']) (await dial(path)).send('1');
    await eventually(() => expect(stacks).toHaveLength(4));
    for (const stack of stacks) expect(framesUpTo('onText', stack)).toBeLessThanOrEqual(4);
  });

  it('[LIF-6] the same for binary messages, parts and pongs', async () => {
    const stacks: [Parameters<typeof framesUpTo>[0], string][] = [];
    @ServerEndpoint('/others')
    class Others {
      @OnMessage binary(_bytes: Buffer): void {
        stacks.push(['onBinary', stackHere()]);
      }

      @OnMessage part(_part: string, _last: boolean): void {
        stacks.push(['onPart', stackHere()]);
      }

      @OnMessage pong(_pong: PongMessage): void {
        stacks.push(['onPong', stackHere()]);
      }
    }
    const { dial } = await start(Others);
    const peer = await dial('/others');
    peer.send('x');
    peer.send(Buffer.alloc(1));
    peer.socket.pong();
    await eventually(() => expect(stacks).toHaveLength(3));
    for (const [call, stack] of stacks) expect(framesUpTo(call, stack)).toBeLessThanOrEqual(4);
  });
});
