/** Annotated methods of a running endpoint: what they are given, and what becomes of what they return. */
import { describe, expect, it } from '@jest/globals';
import {
  CloseReason,
  EndpointConfig,
  Int,
  OnClose,
  OnError,
  OnMessage,
  OnOpen,
  PathParam,
  PongMessage,
  ServerEndpoint,
  Session,
} from 'margay';
import { eventually } from '../support/eventually.js';
import { start } from '../support/start.js';

describe('parameters', () => {
  it('[ANN-7] any order, each what it says', async () => {
    const seen: unknown[][] = [];
    @ServerEndpoint('/{room}')
    class Talk {
      @OnOpen open(@PathParam('room') room: string, config: EndpointConfig, session: Session) {
        seen.push([room, config, session]);
      }
      @OnMessage text(last: boolean, session: Session, @PathParam('room') room: string, part: string) {
        seen.push([last, session, room, part]);
        throw new TypeError(part);
      }
      @OnError fail(session: Session, @PathParam('room') room: string, error: Error) {
        seen.push([session, room, error]);
      }
      @OnClose close(reason: CloseReason, @PathParam('room') room: string, session: Session) {
        seen.push([reason, room, session]);
      }
    }
    const peer = await (await start(Talk)).dial('/lobby');
    peer.send('hello');
    await eventually(() => expect(seen).toHaveLength(3));
    await peer.close(1000, 'bye');
    await eventually(() => expect(seen).toHaveLength(4));
    const [open, message, error, close] = seen as [unknown[], unknown[], unknown[], unknown[]];
    const session = open[2] as Session;
    expect(session).toBeInstanceOf(Session);
    expect(open[0]).toBe('lobby');
    expect(open[1]).toBeInstanceOf(EndpointConfig);
    expect(message).toEqual([true, session, 'lobby', 'hello']);
    expect(error).toEqual([session, 'lobby', new TypeError('hello')]);
    expect(String(close[0])).toBe('CloseReason[1000,bye]');
    expect(close.slice(1)).toEqual(['lobby', session]);
  });

  it('[ANN-7] this is the instance', async () => {
    @ServerEndpoint('/talk')
    class Talk {
      #count = 0;
      @OnMessage text(_message: string) {
        return ++this.#count;
      }
    }
    const { dial } = await start(Talk);
    const [a, b] = [await dial('/talk'), await dial('/talk')];
    a.send('x');
    a.send('x');
    b.send('x');
    expect(await a.take(2)).toEqual(['1', '2']);
    expect(await b.next()).toBe('1');
  });

  it('[ANN-17] an inherited handler serves the subclass, an override of it is called once', async () => {
    class Base {
      @OnOpen open(session: Session) {
        return session.getBasicRemote().sendText(`${this.constructor.name} opened`);
      }
      @OnMessage text(message: string) {
        return `base ${message}`;
      }
    }
    @ServerEndpoint('/inherits')
    class Inherits extends Base {}
    @ServerEndpoint('/overrides')
    class Overrides extends Base {
      @OnMessage override text(message: string) {
        return `sub ${message}`;
      }
    }
    @ServerEndpoint('/disables')
    class Disables extends Base {
      override open(): never {
        throw new Error('is not called');
      }
      override text(message: string) {
        return message;
      }
      @OnMessage bytes(_message: Buffer) {
        return 'bytes';
      }
    }
    const { dial } = await start([Inherits, Overrides, Disables]);
    const inherits = await dial('/inherits');
    inherits.send('a');
    expect(await inherits.take(2)).toEqual(['Inherits opened', 'base a']);
    const overrides = await dial('/overrides');
    overrides.send('a');
    overrides.send('b');
    expect(await overrides.take(3)).toEqual(['Overrides opened', 'sub a', 'sub b']);
    const disables = await dial('/disables');
    disables.send('a');
    disables.send(Buffer.from('b'));
    expect(await disables.next()).toBe('bytes');
  });
});

describe('payloads', () => {
  const show = (value: unknown) => `${Object.prototype.toString.call(value).slice(8, -1)} ${String(value)}`;

  it('[ANN-9] text and bytes, whole', async () => {
    @ServerEndpoint('/talk')
    class Talk {
      @OnMessage text(message: string) {
        return show(message);
      }
      @OnMessage bytes(message: Buffer) {
        return `${Buffer.isBuffer(message)} ${message.toString('hex')}`;
      }
    }
    const peer = await (await start(Talk)).dial('/talk');
    peer.send('你好');
    peer.send('');
    peer.send(Buffer.from([0, 255]));
    peer.send(Buffer.alloc(0));
    expect(await peer.take(4)).toEqual(['String 你好', 'String ', 'true 00ff', 'true ']);
  });

  it('[ANN-9] bytes as Uint8Array and as ArrayBuffer', async () => {
    @ServerEndpoint('/array')
    class AsArray {
      @OnMessage bytes(message: Uint8Array) {
        return `${message instanceof Uint8Array} ${message.length}`;
      }
    }
    @ServerEndpoint('/buffer')
    class AsBuffer {
      @OnMessage bytes(message: ArrayBuffer) {
        return `${show(message)} ${message.byteLength} ${Buffer.from(message).toString()}`;
      }
    }
    const { dial } = await start([AsArray, AsBuffer]);
    const [array, buffer] = [await dial('/array'), await dial('/buffer')];
    array.send(Buffer.from('abc'));
    buffer.send(Buffer.from('abc'));
    expect(await array.next()).toBe('true 3');
    expect(await buffer.next()).toBe('ArrayBuffer [object ArrayBuffer] 3 abc');
  });

  it('[ANN-9] [D-03] a number, a bigint, a boolean: the whole text, converted', async () => {
    @ServerEndpoint('/number')
    class Numbers {
      @OnMessage take(message: number) {
        return show(message);
      }
    }
    @ServerEndpoint('/bigint')
    class BigInts {
      @OnMessage take(message: bigint) {
        return show(message);
      }
    }
    @ServerEndpoint('/boolean')
    class Booleans {
      @OnMessage take(message: boolean) {
        return show(message);
      }
    }
    const { dial } = await start([Numbers, BigInts, Booleans]);
    for (const [path, text, answer] of [
      ['/number', ' 1.50 ', 'Number 1.5'],
      ['/number', '-Infinity', 'Number -Infinity'],
      ['/bigint', '9223372036854775807', 'BigInt 9223372036854775807'],
      ['/boolean', 'TrUe', 'Boolean true'],
      ['/boolean', 'yes', 'Boolean false'],
    ] as const) {
      const peer = await dial(path);
      peer.send(text);
      expect(await peer.next()).toBe(answer);
    }
  });

  it('[ANN-9] [PP-4] text that cannot be converted is dropped with a DecodeException', async () => {
    const errors: unknown[] = [];
    @ServerEndpoint('/talk')
    class Talk {
      @OnMessage take(message: bigint) {
        return String(message);
      }
      @OnError fail(error: Error) {
        errors.push(error);
      }
    }
    const peer = await (await start(Talk)).dial('/talk');
    peer.send('9223372036854775808'); // a bigint payload is a Java long
    peer.send('7');
    expect(await peer.next()).toBe('7');
    expect(errors).toEqual([expect.objectContaining({ name: 'DecodeException', code: 'MARGAY_TEXT_VALUE' })]);
    expect((errors[0] as { getText(): string }).getText()).toBe('9223372036854775808');
  });

  it('[D-28] [D-03] kinds such as Int are payloads by bindings, in the legacy dialect too', async () => {
    @ServerEndpoint('/talk')
    class Talk {
      @OnMessage(Int) take(message: number) {
        return show(message);
      }
      @OnError fail(error: Error, session: Session) {
        return session.getBasicRemote().sendText(String((error as { code?: string }).code));
      }
    }
    const peer = await (await start(Talk)).dial('/talk');
    peer.send('+42');
    peer.send('1.5');
    expect(await peer.take(2)).toEqual(['Number 42', 'MARGAY_TEXT_VALUE']);
  });

  it('[ANN-9] a pong', async () => {
    @ServerEndpoint('/talk')
    class Talk {
      @OnMessage pong(message: PongMessage, session: Session) {
        return `${message instanceof PongMessage} ${message.getApplicationData()} ${session.isOpen()}`;
      }
    }
    const peer = await (await start(Talk)).dial('/talk');
    peer.socket.pong('tick');
    expect(await peer.next()).toBe('true tick true');
  });

  it('[ANN-10] a boolean beside text or bytes says whether the part is the last', async () => {
    @ServerEndpoint('/talk')
    class Talk {
      @OnMessage text(part: string, last: boolean) {
        return `text ${part} ${last}`;
      }
      @OnMessage bytes(last: boolean, part: Buffer) {
        return `bytes ${part} ${last}`;
      }
    }
    const peer = await (await start(Talk)).dial('/talk');
    peer.part('a', false);
    peer.part('b', true);
    peer.part(Buffer.from('c'), false);
    peer.part(Buffer.from('d'), true);
    expect((await peer.take(4)).join(', ')).toBe('text a false, text b true, bytes c false, bytes d true');
  });

  it('[ANN-18] bytes are safe to keep', async () => {
    const kept: Buffer[] = [];
    @ServerEndpoint('/talk')
    class Talk {
      @OnMessage bytes(message: Buffer) {
        kept.push(message);
        return kept.length;
      }
    }
    const peer = await (await start(Talk)).dial('/talk');
    for (let i = 0; i < 50; i++) peer.send(Buffer.alloc(100, i));
    await peer.take(50);
    expect(kept.every((bytes, i) => bytes.equals(Buffer.alloc(100, i)))).toBe(true);
    kept[0]?.fill(255);
    expect(kept[1]?.every((byte) => byte === 1)).toBe(true);
  });
});

describe('maxMessageSize', () => {
  it.each([
    ['你好', '你好', undefined],
    ['你好吗', undefined, 1009],
    ['abcdef', 'abcdef', undefined],
    ['abcdefg', undefined, 1009],
  ])('[ANN-15] 6 bytes of UTF-8: %s', async (text, answer, code) => {
    @ServerEndpoint('/talk')
    class Talk {
      @OnMessage({ maxMessageSize: 6 }) text(message: string) {
        return message;
      }
    }
    const peer = await (await start(Talk)).dial('/talk');
    peer.send(text);
    if (answer === undefined) expect((await peer.closed).code).toBe(code);
    else expect(await peer.next()).toBe(answer);
  });

  it('[ANN-15] bytes, and messages in fragments', async () => {
    @ServerEndpoint('/talk')
    class Talk {
      @OnMessage({ maxMessageSize: 6 }) bytes(message: Buffer) {
        return message;
      }
    }
    const peer = await (await start(Talk)).dial('/talk');
    peer.part(Buffer.alloc(3), false);
    peer.part(Buffer.alloc(3), true);
    expect(await peer.next()).toEqual(Buffer.alloc(6));
    peer.part(Buffer.alloc(3), false);
    peer.part(Buffer.alloc(4), true);
    expect((await peer.closed).code).toBe(1009);
  });

  it('[ANN-15] 0 lets the empty message through', async () => {
    @ServerEndpoint('/talk')
    class Talk {
      @OnMessage({ maxMessageSize: 0 }) text(message: string) {
        return `[${message}]`;
      }
    }
    const peer = await (await start(Talk)).dial('/talk');
    peer.send('');
    expect(await peer.next()).toBe('[]');
    peer.send('x');
    expect((await peer.closed).code).toBe(1009);
  });

  it('[ANN-15] not for parts', async () => {
    @ServerEndpoint('/talk')
    class Talk {
      @OnMessage({ maxMessageSize: 6 }) text(part: string, last: boolean) {
        return `${part.length} ${last}`;
      }
    }
    const peer = await (await start(Talk)).dial('/talk');
    peer.send('x'.repeat(100));
    expect(await peer.next()).toBe('100 true');
  });

  it("[ANN-15] more than the session's limit raises that", async () => {
    const big = 'x'.repeat(1_500_000);
    @ServerEndpoint('/talk')
    class Talk {
      @OnOpen open(session: Session) {
        const sizes = [session.getMaxTextMessageBufferSize(), session.getMaxBinaryMessageBufferSize()];
        return session.getBasicRemote().sendText(sizes.join());
      }
      @OnMessage({ maxMessageSize: 2_000_000 }) text(message: string) {
        return message.length;
      }
      @OnMessage({ maxMessageSize: 6 }) bytes(message: Buffer) {
        return message;
      }
    }
    const peer = await (await start(Talk)).dial('/talk');
    peer.send(big);
    expect(await peer.take(2)).toEqual(['2000000,1048576', '1500000']);
  });
});
