/** What becomes of the value that an @OnMessage returns. */

import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { EncodeException, OnError, OnMessage, OnOpen, PongMessage, ServerEndpoint, Session } from 'margay';
import { start } from '../support/start.js';

class Person {}

/** An endpoint that returns what is given for a name; `end` is answered always. */
function returning(values: Record<string, unknown>, errors: unknown[] = []) {
  @ServerEndpoint('/talk')
  class Talk {
    @OnMessage text(message: string) {
      return message === 'end' ? 'end' : values[message];
    }
    @OnError fail(error: Error) {
      errors.push(error);
    }
  }
  return Talk;
}

describe('return values', () => {
  it.each<[string, unknown, string | Buffer]>([
    ['text', 'hello', 'hello'],
    ['empty text', '', ''],
    ['Buffer', Buffer.from('ab'), Buffer.from('ab')],
    ['Uint8Array', new Uint8Array([1, 2]), Buffer.from([1, 2])],
    ['a view', new Uint8Array([0, 1, 2, 0]).subarray(1, 3), Buffer.from([1, 2])],
    ['ArrayBuffer', new Uint8Array([1, 2]).buffer, Buffer.from([1, 2])],
    ['DataView', new DataView(new Uint8Array([1, 2]).buffer), Buffer.from([1, 2])],
    ['number', 1, '1'],
    ['fraction', 1.5, '1.5'],
    ['large number', 1e21, '1e+21'],
    ['NaN', Number.NaN, 'NaN'],
    ['bigint', 123456789012345678901n, '123456789012345678901'],
    ['true', true, 'true'],
    ['false', false, 'false'],
    ['0', 0, '0'],
    ['boxed number', new Number(1), '1'],
    ['boxed text', new String('x'), 'x'],
    ['boxed boolean', new Boolean(false), 'false'],
  ])('[ANN-13] [D-04] %s', async (_, value, message) => {
    const peer = await (await start(returning({ value, later: Promise.resolve(value) }))).dial('/talk');
    peer.send('value');
    peer.send('later');
    expect(await peer.take(2)).toEqual([message, message]);
  });

  it.each([
    ['undefined', undefined],
    ['null', null],
    ['a promise of nothing', Promise.resolve()],
    ['a promise of null', Promise.resolve(null)],
  ])('[ANN-13] %s sends nothing', async (_, value) => {
    const peer = await (await start(returning({ value }))).dial('/talk');
    peer.send('value');
    peer.send('end');
    expect(await peer.next()).toBe('end');
  });

  it.each<[string, () => unknown]>([
    ['an object', () => ({ a: 1 })],
    ['an object of a class', () => new Person()],
    ['a list', () => [1]],
    ['an object without a prototype', () => Object.create(null)],
    ['a function', () => () => {}],
    ['a symbol', () => Symbol('x')],
    ['a promise of an object', () => Promise.resolve({})],
  ])('[ANN-13] [ANN-14] %s without an encoder goes to @OnError, and the session stays open', async (_, make) => {
    const errors: unknown[] = [];
    const value = make();
    const peer = await (await start(returning({ value }, errors))).dial('/talk');
    peer.send('value');
    peer.send('end');
    expect(await peer.next()).toBe('end');
    expect(errors).toHaveLength(1);
    expect(errors[0]).toBeInstanceOf(EncodeException);
    expect((errors[0] as EncodeException).code).toBe('MARGAY_NO_ENCODER');
    expect((errors[0] as EncodeException).getObject()).toBe(await value);
  });

  it('[ANN-14] text that UTF-8 cannot carry goes to @OnError', async () => {
    const errors: unknown[] = [];
    const peer = await (await start(returning({ value: 'a\ud800' }, errors))).dial('/talk');
    peer.send('value');
    peer.send('end');
    expect(await peer.next()).toBe('end');
    expect(errors).toEqual([expect.objectContaining({ code: 'MARGAY_SURROGATE' })]);
  });

  it('[ANN-14] a session that was closed meanwhile: the failed send goes to @OnError', async () => {
    const errors: unknown[] = [];
    @ServerEndpoint('/talk')
    class Talk {
      @OnMessage async text(message: string, session: Session) {
        await session.close();
        return message;
      }
      @OnError fail(error: Error) {
        errors.push(error);
      }
    }
    const peer = await (await start(Talk)).dial('/talk');
    peer.send('x');
    expect((await peer.closed).code).toBe(1000);
    expect(errors).toEqual([expect.objectContaining({ name: 'IOException', code: 'MARGAY_SEND_CLOSED' })]);
    expect(peer.received).toEqual([]);
  });

  it('[ANN-13] of partial handlers and of pongs too, once for each call', async () => {
    @ServerEndpoint('/talk')
    class Talk {
      @OnMessage text(part: string, _last: boolean) {
        return `got ${part}`;
      }
      @OnMessage async pong(message: PongMessage) {
        return message.getApplicationData();
      }
    }
    const peer = await (await start(Talk)).dial('/talk');
    peer.part('a', false);
    peer.part('b', true);
    peer.socket.pong('c');
    expect(await peer.take(3)).toEqual(['got a', 'got b', Buffer.from('c')]);
  });
});

describe('sync or async', () => {
  it('[GEN-4] a rejection is a throw', async () => {
    const errors: string[] = [];
    @ServerEndpoint('/talk')
    class Talk {
      @OnMessage text(message: string): unknown {
        if (message === 'throw') throw new Error('thrown');
        if (message === 'reject') return Promise.reject(new Error('rejected'));
        // biome-ignore lint/suspicious/noThenProperty: any thenable counts
        if (message === 'thenable') return { then: (_: unknown, fail: (error: Error) => void) => fail(new Error('of a thenable')) };
        return message;
      }
      @OnError async fail(error: Error) {
        await Promise.resolve();
        errors.push(error.message);
      }
    }
    const peer = await (await start(Talk)).dial('/talk');
    for (const message of ['throw', 'reject', 'thenable', 'end']) peer.send(message);
    expect(await peer.next()).toBe('end');
    expect(errors).toEqual(['thrown', 'rejected', 'of a thenable']);
  });

  it('[GEN-4] what is thrown and no Error becomes the cause of one', async () => {
    const errors: Error[] = [];
    @ServerEndpoint('/talk')
    class Talk {
      @OnMessage text(message: string) {
        if (message === 'end') return message;
        throw message;
      }
      @OnError fail(error: Error) {
        errors.push(error);
      }
    }
    const peer = await (await start(Talk)).dial('/talk');
    peer.send('a string');
    peer.send('end');
    expect(await peer.next()).toBe('end');
    expect(errors[0]).toBeInstanceOf(Error);
    expect(errors[0]?.cause).toBe('a string');
  });

  it('[GEN-4] an async @OnOpen has completed before the first message', async () => {
    const order: string[] = [];
    @ServerEndpoint('/talk')
    class Talk {
      @OnOpen async open() {
        order.push('opening');
        await new Promise((resolve) => setTimeout(resolve, 50));
        order.push('opened');
      }
      @OnMessage text(message: string) {
        order.push(message);
        return message;
      }
    }
    const peer = await (await start(Talk)).dial('/talk');
    peer.send('message');
    await peer.next();
    expect(order).toEqual(['opening', 'opened', 'message']);
  });
});

describe('printed', () => {
  async function opened(): Promise<Session> {
    let session: Session | undefined;
    @ServerEndpoint('/talk/{room}')
    class Talk {
      @OnOpen open(live: Session) {
        session = live;
      }
    }
    await (await start(Talk)).dial('/talk/a');
    return session as Session;
  }

  it('[GEN-6] a session is one line: id, path, state', async () => {
    const session = await opened();
    const line = String(session);
    expect(line).toMatch(new RegExp(`^[^\\n]*${session.getId()}[^\\n]*/talk/[^\\n]*open[^\\n]*$`));
    expect(inspect(session)).toBe(line);
    expect(inspect({ session }, { breakLength: Infinity })).not.toContain('\n');
    await session.close();
    expect(String(session)).toMatch(/clos(ing|ed)/);
  });

  it('[GEN-6] so are its remotes', async () => {
    const session = await opened();
    for (const remote of [session.getBasicRemote(), session.getAsyncRemote()]) {
      expect(inspect(remote, { depth: 9, showHidden: true })).toMatch(new RegExp(`^[^\\n]*${session.getId()}[^\\n]*$`));
      expect(String(remote)).toBe(inspect(remote));
    }
  });
});
