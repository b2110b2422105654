/** Standard decorators: what a running endpoint's methods are given, by defaults and by bindings. */
import { describe, expect, it } from '@jest/globals';
import {
  bigint,
  binary,
  boolean,
  Char,
  type CloseReason,
  closeReason,
  config,
  DecodeException,
  EndpointConfig,
  error,
  Int,
  Long,
  last,
  number,
  OnClose,
  OnError,
  OnMessage,
  OnOpen,
  type PongMessage,
  pathParam,
  pong,
  ServerEndpoint,
  type Session,
  session,
  text,
} from 'margay';
import { eventually } from '../support/eventually.js';
import { start } from '../support/start.js';

describe('what the methods are given', () => {
  it('[D-29] the defaults: session, reason, error and session', async () => {
    const seen: string[] = [];
    @ServerEndpoint('/talk')
    class Talk {
      @OnOpen open(session: Session) {
        seen.push(`open ${session.isOpen()}`);
      }
      @OnMessage(text) text(message: string) {
        throw new Error(message);
      }
      @OnError() fail(error: Error, session: Session) {
        seen.push(`error ${error.message} ${session.isOpen()}`);
      }
      @OnClose() close(reason: CloseReason) {
        seen.push(String(reason));
      }
    }
    const peer = await (await start(Talk)).dial('/talk');
    peer.send('hello');
    await eventually(() => expect(seen).toHaveLength(2));
    await peer.close(1001, 'bye');
    await eventually(() => expect(seen).toEqual(['open true', 'error hello true', 'CloseReason[1001,bye]']));
  });

  it('[D-28] [ANN-7] [PP-1] bindings: binding i is parameter i, in all four', async () => {
    const seen: unknown[][] = [];
    @ServerEndpoint('/{a}/{b}')
    class Talk {
      @OnOpen(pathParam('b', Int), config, session, pathParam('a')) open(b: number, conf: EndpointConfig, live: Session, a: string) {
        seen.push([b, conf instanceof EndpointConfig, live.isOpen(), a]);
      }
      @OnMessage(session, pathParam('a'), text, pathParam('b', Long)) text(live: Session, a: string, message: string, b: bigint) {
        seen.push([live.isOpen(), a, message, b]);
        throw new Error('on purpose');
      }
      @OnError(pathParam('b', Char), session, error, pathParam('no')) fail(b: string, _live: Session, failure: Error, no: string | null) {
        seen.push([b, failure.message, no]);
      }
      @OnClose(session, closeReason, pathParam('a')) close(_session: Session, reason: CloseReason, a: string) {
        seen.push([reason.getCloseCode().getCode(), a]);
      }
    }
    const peer = await (await start(Talk)).dial('/x/7');
    peer.send('hello');
    await eventually(() => expect(seen).toHaveLength(3));
    await peer.close(4000);
    await eventually(() => expect(seen).toHaveLength(4));
    expect(seen).toEqual([
      [7, true, true, 'x'],
      [true, 'x', 'hello', 7n],
      ['7', 'on purpose', null],
      [4000, 'x'],
    ]);
  });

  it('[ANN-17] an inherited handler, and an override', async () => {
    class Base {
      @OnMessage(text) text(message: string) {
        return `base ${message}`;
      }
      @OnMessage(binary) bytes(message: Buffer) {
        return message;
      }
    }
    @ServerEndpoint('/talk')
    class Talk extends Base {
      @OnMessage(text) override text(message: string) {
        return `sub ${message}`;
      }
    }
    const peer = await (await start(Talk)).dial('/talk');
    peer.send('a');
    peer.send(Buffer.from('b'));
    expect(await peer.take(2)).toEqual(['sub a', Buffer.from('b')]);
  });
});

describe('payloads', () => {
  const show = (value: unknown) => `${typeof value} ${String(value)}`;

  @ServerEndpoint('/parts')
  class Parts {
    @OnMessage(last, text) text(isLast: boolean, part: string) {
      return `${part} ${isLast}`;
    }
    @OnMessage(binary, last) bytes(part: Buffer, isLast: boolean) {
      return `${part} ${isLast}`;
    }
    @OnMessage(pong) pong(message: PongMessage) {
      return message.getApplicationData();
    }
  }
  @ServerEndpoint('/number')
  class Numbers {
    @OnMessage(number) take(message: number) {
      return show(message);
    }
  }
  @ServerEndpoint('/bigint')
  class BigInts {
    @OnMessage(bigint) take(message: bigint) {
      return show(message);
    }
  }
  @ServerEndpoint('/boolean')
  class Booleans {
    @OnMessage(boolean) take(message: boolean) {
      return show(message);
    }
  }
  @ServerEndpoint('/char')
  class Chars {
    @OnMessage(Char) take(message: string) {
      return show(message);
    }
    @OnError(error, session) fail(failure: Error, live: Session) {
      return live.getBasicRemote().sendText(`${failure.name} ${(failure as DecodeException).getText()}`);
    }
  }

  it('[ANN-10] [ANN-13] parts and pongs, each answered', async () => {
    const peer = await (await start(Parts)).dial('/parts');
    peer.part('a', false);
    peer.part('b', true);
    peer.send(Buffer.from('c'));
    peer.socket.pong('d');
    expect(await peer.take(4)).toEqual(['a false', 'b true', 'c true', Buffer.from('d')]);
  });

  it.each([
    ['/number', '1.50', 'number 1.5'],
    ['/bigint', '-9223372036854775808', 'bigint -9223372036854775808'],
    ['/boolean', 'TRUE', 'boolean true'],
    ['/char', '你', 'string 你'],
    ['/char', 'ab', 'DecodeException ab'],
  ])('[ANN-9] [D-03] %s: %s', async (path, message, answer) => {
    const peer = await (await start([Numbers, BigInts, Booleans, Chars])).dial(path);
    peer.send(message);
    expect(await peer.next()).toBe(answer);
  });

  it.each([
    ['你好', '你好', undefined],
    ['你好吗', undefined, 1009],
  ])('[ANN-15] options first: 6 bytes of UTF-8, %s', async (message, answer, code) => {
    @ServerEndpoint('/talk')
    class Talk {
      @OnMessage({ maxMessageSize: 6 }, text, session) text(message: string) {
        return message;
      }
    }
    const peer = await (await start(Talk)).dial('/talk');
    peer.send(message);
    if (answer === undefined) expect((await peer.closed).code).toBe(code);
    else expect(await peer.next()).toBe(answer);
  });
});

describe('what cannot be converted', () => {
  it('[PP-5] in @OnOpen ends the session with 1011, behind the error', async () => {
    const errors: unknown[] = [];
    @ServerEndpoint('/{n}')
    class Talk {
      @OnOpen(pathParam('n', Int)) open(_n: number) {
        errors.push('opened');
      }
      @OnError fail(error: Error) {
        errors.push(error);
      }
    }
    const peer = await (await start(Talk)).dial('/abc');
    expect((await peer.closed).code).toBe(1011);
    expect(errors).toEqual([expect.any(DecodeException)]);
  });

  it('[PP-5] in @OnMessage drops each message, in @OnClose skips it, in @OnError is logged', async () => {
    const calls: string[] = [];
    @ServerEndpoint('/{n}')
    class Talk {
      @OnMessage(text, pathParam('n', Int)) text(_message: string, _n: number) {
        calls.push('text');
      }
      @OnMessage(binary) bytes(message: Buffer) {
        return message;
      }
      @OnError(error, pathParam('n', Int)) fail(_error: Error, _n: number) {
        calls.push('error');
      }
      @OnClose(pathParam('n', Int)) close(_n: number) {
        calls.push('close');
      }
    }
    const { dial, log } = await start(Talk);
    const peer = await dial('/abc');
    peer.send('dropped');
    peer.send(Buffer.from('end'));
    expect(await peer.next()).toEqual(Buffer.from('end'));
    expect((await peer.close(1000)).code).toBe(1000);
    await eventually(() => expect(log.filter(({ code }) => code === 'MARGAY_ERROR_HANDLER')).toHaveLength(2));
    expect(calls).toEqual([]);
  });
});
