/** One instance and one session for each connection, and how it opens. [LIF-1 … LIF-5] */
import { describe, expect, it } from '@jest/globals';
import {
  InstantiationException,
  OnClose,
  OnError,
  OnMessage,
  OnOpen,
  PongMessage,
  ServerEndpoint,
  ServerEndpointConfig,
  Session,
} from 'margay';
import { eventually, gate, sleep } from '../support/eventually.js';
import { OPCODES } from '../support/frames.js';
import { RawPeer } from '../support/raw-peer.js';
import { start } from '../support/start.js';

describe('instances', () => {
  it('[LIF-1] every connection has an instance of its own', async () => {
    const made: object[] = [];
    @ServerEndpoint('/count')
    class Counter {
      #count = 0;

      constructor() {
        made.push(this);
      }

      @OnMessage count(_text: string): string {
        return String(++this.#count);
      }
    }
    const { dial } = await start(Counter);
    const [one, two] = [await dial('/count'), await dial('/count')];
    for (const peer of [one, one, two]) peer.send('+');
    expect(await one.take(2)).toEqual(['1', '2']);
    expect(await two.next()).toBe('1');
    expect(made).toHaveLength(2);
  });

  it('[LIF-1] all callbacks of a connection are called on its instance', async () => {
    const seen: object[] = [];
    @ServerEndpoint('/same')
    class Same {
      @OnOpen open(): void {
        seen.push(this);
      }

      @OnMessage text(_text: string): void {
        seen.push(this);
        throw new Error('for @OnError');
      }

      @OnError error(_error: Error): void {
        seen.push(this);
      }

      @OnClose close(): void {
        seen.push(this);
      }
    }
    const { dial } = await start(Same);
    const peer = await dial('/same');
    peer.send('x');
    await peer.close();
    await eventually(() => expect(seen).toHaveLength(4));
    expect(new Set(seen).size).toBe(1);
    expect(seen[0]).toBeInstanceOf(Same);
  });

  it('[LIF-1] getEndpointInstance is called once per connection, with the class', async () => {
    const asked: unknown[] = [];
    class Counting extends ServerEndpointConfig.Configurator {
      override getEndpointInstance<T extends object>(endpointClass: new () => T): T {
        asked.push(endpointClass);
        return new endpointClass();
      }
    }
    @ServerEndpoint({ value: '/asked', configurator: Counting })
    class Asked {
      @OnMessage text(text: string): string {
        return text;
      }
    }
    const { dial } = await start(Asked);
    const [one, two] = [await dial('/asked'), await dial('/asked')];
    for (const peer of [one, one, two]) peer.send('x');
    await one.take(2);
    await two.next();
    expect(asked).toEqual([Asked, Asked]);
  });

  it('[LIF-1] a shared instance serves all sessions, and their callbacks may interleave on it', async () => {
    const hold = gate();
    class Shared extends ServerEndpointConfig.Configurator {
      readonly #all = new Map<unknown, object>();
      override getEndpointInstance<T extends object>(endpointClass: new () => T): T {
        if (!this.#all.has(endpointClass)) this.#all.set(endpointClass, new endpointClass());
        return this.#all.get(endpointClass) as T;
      }
    }
    @ServerEndpoint({ value: '/shared', configurator: Shared })
    class One {
      readonly names: string[] = [];

      @OnMessage async text(text: string): Promise<string> {
        this.names.push(text);
        if (text === 'slow') await hold.promise;
        return this.names.join();
      }
    }
    const { dial } = await start(One);
    const [slow, quick] = [await dial('/shared'), await dial('/shared')];
    slow.send('slow');
    await sleep(30);
    quick.send('quick');
    expect(await quick.next()).toBe('slow,quick');
    hold.open();
    expect(await slow.next()).toBe('slow,quick');
  });

  it('[LIF-1, LIF-3, D-25] an async getEndpointInstance is awaited before the 101, and what the peer sends meanwhile waits', async () => {
    const hold = gate();
    class Late extends ServerEndpointConfig.Configurator {
      override async getEndpointInstance<T extends object>(endpointClass: new () => T): Promise<T> {
        await hold.promise;
        return new endpointClass();
      }
    }
    @ServerEndpoint({ value: '/late', configurator: Late })
    class Echo {
      @OnMessage text(text: string): string {
        return `<${text}>`;
      }
    }
    const { port } = await start(Echo);
    const client = RawPeer.ask({ port }, '/late', { behind: [{ opcode: OPCODES.text, payload: 'early' }] });
    await sleep(80);
    expect(client.bytes).toHaveLength(0);
    hold.open();
    await client.switched();
    await eventually(() => expect(client.texts).toEqual(['<early>']));
  });

  it.each(['throws', 'rejects'])('[LIF-1, LIF-3] a getEndpointInstance that %s answers 500, and no callback runs', async (way) => {
    const called: string[] = [];
    const failure = new Error('no instance today');
    class Failing extends ServerEndpointConfig.Configurator {
      override getEndpointInstance<T extends object>(_class: new () => T): T | Promise<T> {
        if (way === 'throws') throw failure;
        return Promise.reject(failure);
      }
    }
    @ServerEndpoint({ value: '/none', configurator: Failing })
    class None {
      @OnOpen open(): void {
        called.push('open');
      }

      @OnClose close(): void {
        called.push('close');
      }

      @OnError error(_error: Error): void {
        called.push('error');
      }
    }
    const { dial, log } = await start(None);
    await expect(dial('/none')).rejects.toMatchObject({ status: 500, body: expect.stringContaining('[MARGAY_HOOK_FAILED]') });
    expect(log.find(({ code }) => code === 'MARGAY_HOOK_FAILED')).toMatchObject({ level: 'error', path: '/none', err: failure });
    expect(called).toEqual([]);
  });

  it('[LIF-3, ANN-1] a constructor that throws answers 500 and is logged as InstantiationException with its cause', async () => {
    const failure = new Error('cannot be made');
    @ServerEndpoint('/broken')
    class Broken {
      constructor() {
        throw failure;
      }

      @OnMessage text(_text: string): void {}
    }
    const { dial, log } = await start(Broken);
    await expect(dial('/broken')).rejects.toMatchObject({ status: 500 });
    const line = log.find(({ code }) => code === 'MARGAY_HOOK_FAILED');
    expect(line?.['err']).toBeInstanceOf(InstantiationException);
    expect(line?.['err']).toMatchObject({ code: 'MARGAY_INSTANTIATION', cause: failure });
  });

  it('[LIF-3] a peer that left while its instance was being made gets nothing, and no callback ever runs', async () => {
    const [asked, hold] = [gate(), gate()];
    const called: string[] = [];
    class Late extends ServerEndpointConfig.Configurator {
      override async getEndpointInstance<T extends object>(endpointClass: new () => T): Promise<T> {
        asked.open();
        await hold.promise;
        return new endpointClass();
      }
    }
    @ServerEndpoint({ value: '/gone', configurator: Late })
    class Gone {
      @OnOpen open(session: Session): void {
        called.push(`open ${session.getOpenSessions().size}`);
      }

      @OnClose close(): void {
        called.push('close');
      }
    }
    const { port, dial, log } = await start(Gone);
    const leaver = RawPeer.ask({ port }, '/gone');
    await asked.promise;
    leaver.socket.destroy();
    await sleep(30);
    hold.open();
    await dial('/gone');
    await eventually(() => expect(called).toEqual(['open 1']));
    expect(leaver.bytes).toHaveLength(0);
    expect(log.filter(({ level }) => level === 'error' || level === 'warn')).toEqual([]);
  });
});

describe('sessions', () => {
  it('[LIF-2] every callback of a connection gets the same Session object, and another connection another one', async () => {
    const seen: Session[] = [];
    @ServerEndpoint('/who')
    class Who {
      @OnOpen open(session: Session): void {
        seen.push(session);
      }

      @OnMessage text(session: Session, _text: string): void {
        seen.push(session);
        throw new Error('for @OnError');
      }

      @OnMessage binary(_bytes: Buffer, session: Session): void {
        seen.push(session);
      }

      @OnMessage pong(session: Session, _pong: PongMessage): void {
        seen.push(session);
      }

      @OnError error(session: Session, _error: Error): void {
        seen.push(session);
      }

      @OnClose close(session: Session): void {
        seen.push(session);
      }
    }
    const { dial } = await start(Who);
    const peer = await dial('/who');
    peer.send('x');
    peer.send(Buffer.from('x'));
    peer.socket.pong('x');
    await peer.close();
    await eventually(() => expect(seen).toHaveLength(6));
    expect(new Set(seen).size).toBe(1);
    expect(seen[0]).toBeInstanceOf(Session);
    await dial('/who');
    await eventually(() => expect(new Set(seen).size).toBe(2));
  });
});

describe('opening', () => {
  it('[LIF-4] what @OnOpen sends leaves before any answer to a message', async () => {
    @ServerEndpoint('/greet')
    class Greeter {
      @OnOpen async open(session: Session): Promise<void> {
        await session.getBasicRemote().sendText('hello');
        await sleep(20);
        await session.getAsyncRemote().sendText('again');
      }

      @OnMessage text(text: string): string {
        return text;
      }
    }
    const { port } = await start(Greeter);
    const client = await RawPeer.open({ port }, '/greet', { behind: [{ opcode: OPCODES.text, payload: 'early' }] });
    await eventually(() => expect(client.texts).toEqual(['hello', 'again', 'early']));
  });

  it('[LIF-4, LIF-6] messages of every type that arrive during an async @OnOpen come after it, in their order, even from the packet of the handshake', async () => {
    const hold = gate();
    const trace: string[] = [];
    @ServerEndpoint('/queue')
    class Queue {
      @OnOpen async open(): Promise<void> {
        trace.push('open');
        await hold.promise;
        trace.push('opened');
      }

      @OnMessage text(text: string): void {
        trace.push(`text ${text}`);
      }

      @OnMessage async binary(bytes: Buffer): Promise<void> {
        await sleep(1);
        trace.push(`binary ${bytes}`);
      }

      @OnMessage pong(pong: PongMessage): void {
        trace.push(`pong ${pong.getApplicationData()}`);
      }
    }
    const { port } = await start(Queue);
    const { text, binary, pong } = OPCODES;
    const client = await RawPeer.open({ port }, '/queue', {
      behind: [
        { opcode: binary, payload: '1' },
        { opcode: text, payload: '2' },
        { opcode: pong, payload: '3' },
      ],
    });
    client.send({ opcode: text, payload: '4' }, { opcode: pong, payload: '5' }, { opcode: binary, payload: '6' });
    await eventually(() => expect(trace).toEqual(['open']));
    await sleep(50);
    expect(trace).toEqual(['open']);
    hold.open();
    const order = ['binary 1', 'text 2', 'pong 3', 'text 4', 'pong 5', 'binary 6'];
    await eventually(() => expect(trace).toEqual(['open', 'opened', ...order]));
  });

  it('[LIF-4] nothing of a thousand messages is lost during an async @OnOpen', async () => {
    const hold = gate();
    const got: string[] = [];
    @ServerEndpoint('/many')
    class Many {
      @OnOpen open(): Promise<void> {
        return hold.promise;
      }

      @OnMessage text(text: string): void {
        got.push(text);
      }
    }
    const { dial } = await start(Many);
    const peer = await dial('/many');
    const sent = Array.from({ length: 1000 }, (_, i) => String(i));
    for (const text of sent) peer.send(text);
    await sleep(50);
    expect(got).toEqual([]);
    hold.open();
    await eventually(() => expect(got).toHaveLength(1000));
    expect(got).toEqual(sent);
  });

  it.each(['closes', 'resets'])('[LIF-5] @OnClose does not start before @OnOpen has completed when the peer %s meanwhile', async (how) => {
    const hold = gate();
    const trace: string[] = [];
    @ServerEndpoint('/short')
    class Short {
      @OnOpen async open(): Promise<void> {
        trace.push('open');
        await hold.promise;
        trace.push('opened');
      }

      @OnError error(_error: Error): void {
        trace.push('error');
      }

      @OnClose close(): void {
        trace.push('close');
      }
    }
    const { port } = await start(Short);
    const client = await RawPeer.open({ port }, '/short');
    if (how === 'resets') client.reset();
    else client.send({ opcode: OPCODES.close });
    await sleep(80);
    expect(trace).toEqual(['open']);
    hold.open();
    await eventually(() => expect(trace).toEqual(['open', 'opened', ...(how === 'resets' ? ['error'] : []), 'close']));
  });
});
