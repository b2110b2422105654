/** Path parameters, as the callbacks of a running endpoint receive them. */
import { describe, expect, it } from '@jest/globals';
import {
  Byte,
  Char,
  type Class,
  CloseReason,
  DecodeException,
  Double,
  Float,
  Int,
  Long,
  OnClose,
  OnError,
  OnMessage,
  OnOpen,
  PathParam,
  ServerEndpoint,
  Session,
  Short,
  UnsupportedOperationException,
} from 'margay';
import { eventually } from '../support/eventually.js';
import { start } from '../support/start.js';

/** An endpoint at /{p1}/…/{p11} whose four callbacks take so many of them; the event stands in the middle. */
function taking(count: number, seen: Map<string, unknown[]>): Class {
  class Many {
    open(...args: unknown[]) {
      seen.set('open', args);
    }
    message(...args: unknown[]) {
      seen.set('message', args);
      throw new Error('on purpose');
    }
    close(...args: unknown[]) {
      seen.set('close', args);
    }
    error(...args: unknown[]) {
      seen.set('error', args);
    }
  }
  const middle = Math.floor(count / 2);
  const events = { open: Session, message: String, close: Session, error: Error };
  const decorators = { open: OnOpen, message: OnMessage, close: OnClose, error: OnError };
  for (const key of ['open', 'message', 'close', 'error'] as const) {
    const types = Array.from({ length: count + 1 }, (_, i) => (i === middle ? events[key] : String));
    Reflect.defineMetadata('design:paramtypes', types, Many.prototype, key);
    let name = 1;
    for (let i = 0; i <= count; i++) if (i !== middle) PathParam(`p${name++}`)(Many.prototype as never, key as never, i as never);
    decorators[key](Many.prototype, key, Object.getOwnPropertyDescriptor(Many.prototype, key) as TypedPropertyDescriptor<() => void>);
  }
  ServerEndpoint(`/${Array.from({ length: 11 }, (_, i) => `{p${i + 1}}`).join('/')}`)(Many);
  return Many;
}

describe('in all four callbacks', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])('[PP-1] %i of them', async (count) => {
    const seen = new Map<string, unknown[]>();
    const { dial } = await start(taking(count, seen));
    const peer = await dial('/a/b/c/d/e/f/g/h/i/j/k');
    peer.send('hello');
    await eventually(() => expect(seen.has('error')).toBe(true));
    await peer.close();
    await eventually(() => expect(seen.has('close')).toBe(true));
    const middle = Math.floor(count / 2);
    const values = [...'abcdefghijk'].slice(0, count);
    for (const key of ['open', 'message', 'close', 'error']) {
      const args = seen.get(key) as unknown[];
      expect(args).toHaveLength(count + 1);
      expect(args.filter((_, i) => i !== middle)).toEqual(values);
    }
    expect(seen.get('message')?.[middle]).toBe('hello');
    expect(seen.get('error')?.[middle]).toEqual(new Error('on purpose'));
    expect(seen.get('open')?.[middle]).toBe(seen.get('close')?.[middle]);
  });

  it('[PP-1] the same one twice, and as two types', async () => {
    @ServerEndpoint('/{n}')
    class Talk {
      @OnMessage
      message(@PathParam('n') a: string, @PathParam('n') b: number, text: string, @PathParam('n') c: string) {
        return JSON.stringify([a, b, text, c]);
      }
    }
    const peer = await (await start(Talk)).dial('/042');
    peer.send('x');
    expect(await peer.next()).toBe('["042",42,"x","042"]');
  });
});

describe('conversion', () => {
  const shown = (...values: unknown[]) => values.map((value) => `${typeof value}:${Object.is(value, -0) ? '-0' : String(value)}`).join(' ');

  it('[PP-4] [D-03] every kind', async () => {
    @ServerEndpoint('/{s}/{b}/{n}/{g}/{byte}/{short}/{int}/{long}/{float}/{double}/{char}')
    class Talk {
      @OnOpen
      open(
        session: Session,
        @PathParam('s') s: string,
        @PathParam('b') b: boolean,
        @PathParam('n') n: number,
        @PathParam('g') g: bigint,
        @PathParam('byte', Byte) byte: number,
        @PathParam('short', Short) short: number,
        @PathParam('int', Int) int: number,
        @PathParam('long', Long) long: bigint,
        @PathParam('float', Float) float: number,
        @PathParam('double', Double) double: number,
        @PathParam('char', Char) char: string,
      ) {
        return session.getBasicRemote().sendText(shown(s, b, n, g, byte, short, int, long, float, double, char));
      }
    }
    const { dial } = await start(Talk);
    const peer = await dial('/a%2Fb/TRUE/1.5/123456789012345678901/-128/+32767/-2147483648/-9223372036854775808/0.1/1e3/%E4%BD%A0');
    expect(await peer.next()).toBe(
      'string:a/b boolean:true number:1.5 bigint:123456789012345678901 number:-128 number:32767 number:-2147483648 ' +
        'bigint:-9223372036854775808 number:0.10000000149011612 number:1000 string:你',
    );
  });

  it('[PP-3] a name that the template does not have is null for every kind', async () => {
    @ServerEndpoint('/x')
    class Talk {
      @OnOpen
      open(
        session: Session,
        @PathParam('no') a?: string,
        @PathParam('no') b?: boolean,
        @PathParam('no') c?: number,
        @PathParam('no') d?: bigint,
        @PathParam('no', Int) e?: number,
        @PathParam('no', Char) f?: string,
      ) {
        return session.getBasicRemote().sendText(JSON.stringify([a, b, c, String(d), e, f]));
      }
    }
    const { dial, log } = await start(Talk);
    expect(await (await dial('/x')).next()).toBe('[null,null,null,"null",null,null]');
    expect(log.filter(({ code }) => code === 'MARGAY_PATH_PARAM_UNKNOWN').every(({ level }) => level === 'warn')).toBe(true);
  });
});

describe('what cannot be converted', () => {
  it('[PP-5] @OnOpen is not called, @OnError hears of it, and the session ends with 1011', async () => {
    const calls: unknown[] = [];
    @ServerEndpoint('/{n}')
    class Talk {
      @OnOpen open(@PathParam('n', Int) n: number) {
        calls.push(['open', n]);
      }
      @OnError fail(error: Error) {
        calls.push(error);
      }
      @OnClose close(reason: CloseReason) {
        calls.push(reason.getCloseCode().getCode());
      }
    }
    const { dial } = await start(Talk);
    expect((await (await dial('/abc')).closed).code).toBe(1011);
    await eventually(() => expect(calls).toHaveLength(2));
    expect(calls[0]).toBeInstanceOf(DecodeException);
    const error = calls[0] as DecodeException;
    expect([error.code, error.getText(), error.getBytes()]).toEqual(['MARGAY_PATH_VALUE', 'abc', null]);
    expect(error.message).toBe('{n} = "abc" is no Int');
    expect(calls[1]).toBe(1006);
  });

  it('[PP-5] each message to @OnMessage is dropped with one error, and the session stays open', async () => {
    const errors: unknown[] = [];
    @ServerEndpoint('/{n}')
    class Talk {
      @OnMessage text(_message: string, @PathParam('n') n: number) {
        return `never ${n}`;
      }
      @OnMessage binary(message: Buffer) {
        return message;
      }
      @OnError fail(error: Error) {
        errors.push(error);
      }
    }
    const peer = await (await start(Talk)).dial('/2147483648x');
    peer.send('one');
    peer.send('two');
    peer.send(Buffer.from('three'));
    expect(await peer.next()).toEqual(Buffer.from('three'));
    expect(errors).toHaveLength(2);
    for (const error of errors) expect(error).toMatchObject({ name: 'DecodeException', code: 'MARGAY_PATH_VALUE' });
    expect((await peer.close(1000)).code).toBe(1000);
  });

  it('[PP-5] @OnClose is skipped, @OnError hears of it, and the peer gets its answer', async () => {
    const calls: unknown[] = [];
    @ServerEndpoint('/{n}')
    class Talk {
      @OnClose close(@PathParam('n') _n: bigint) {
        calls.push('close');
      }
      @OnError fail(error: Error) {
        calls.push((error as DecodeException).getText());
      }
    }
    const peer = await (await start(Talk)).dial('/1.5');
    expect(await peer.close(4001, 'bye')).toEqual({ code: 4001, phrase: 'bye' });
    await eventually(() => expect(calls).toEqual(['1.5']));
  });

  it("[PP-5] @OnError's own is logged, since nothing is left to call", async () => {
    let called = 0;
    @ServerEndpoint('/{n}')
    class Talk {
      @OnMessage text(message: string) {
        if (message === 'throw') throw new Error('on purpose');
        return message;
      }
      @OnError fail(_error: Error, @PathParam('n', Byte) _n: number) {
        called++;
      }
    }
    const { dial, log } = await start(Talk);
    const peer = await dial('/128');
    peer.send('throw');
    peer.send('still here');
    expect(await peer.next()).toBe('still here');
    expect(called).toBe(0);
    const lines = log.filter(({ level }) => level === 'error');
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({ code: 'MARGAY_ERROR_HANDLER', endpoint: 'Talk', err: { code: 'MARGAY_PATH_VALUE' } });
  });

  it('[PP-5] one bad value spoils only the handlers that take it', async () => {
    @ServerEndpoint('/{good}/{bad}')
    class Talk {
      @OnOpen open(session: Session, @PathParam('good') good: number) {
        return session.getBasicRemote().sendText(`open ${good}`);
      }
      @OnMessage text(message: string, @PathParam('bad') bad: string) {
        return `${message} ${bad}`;
      }
      @OnClose close(@PathParam('bad') _bad: number) {}
    }
    const peer = await (await start(Talk)).dial('/1/x');
    peer.send('text');
    expect(await peer.take(2)).toEqual(['open 1', 'text x']);
  });
});

it('[PP-6] [SES-12] getPathParameters() has the same decoded strings, read-only', async () => {
  let session: Session | undefined;
  @ServerEndpoint('/{a}/<b>')
  class Talk {
    @OnOpen open(opened: Session) {
      session = opened;
    }
  }
  const { dial } = await start(Talk);
  await dial('/%7Bx%7D/a%2Fb%20c?a=query');
  const map = session?.getPathParameters() as Map<string, string>;
  expect([...map]).toEqual([
    ['a', '{x}'],
    ['b', 'a/b c'],
  ]);
  expect(() => map.set('a', 'changed')).toThrow(UnsupportedOperationException);
  expect(() => map.delete('a')).toThrow(UnsupportedOperationException);
  expect(() => map.clear()).toThrow(UnsupportedOperationException);
  expect(session?.getPathParameters()).toBe(map);
});
