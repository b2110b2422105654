/** Who hears of an error, and whom nobody hears. [LIF-10] */
import { describe, expect, it } from '@jest/globals';
import { DecodeException, OnClose, OnError, OnMessage, OnOpen, PathParam, ServerEndpoint, Session } from 'margay';
import { eventually, gate } from '../support/eventually.js';
import { fail, WAYS } from '../support/failing.js';
import { start } from '../support/start.js';

describe.each(WAYS)('@OnClose %s', (way) => {
  it('[LIF-10] the error goes to @OnError after @OnClose, and neither runs twice', async () => {
    const failure = new Error('cannot tidy up');
    const trace: unknown[] = [];
    let session: Session | undefined;
    @ServerEndpoint('/untidy')
    class Untidy {
      @OnClose close(own: Session): Promise<void> {
        session = own;
        trace.push('close');
        return fail(way, failure);
      }

      @OnError error(error: Error, own: Session): void {
        trace.push(error, own.getUserProperties().size);
      }
    }
    const { dial, log } = await start(Untidy);
    const peer = await dial('/untidy');
    expect(await peer.close(1000, 'bye')).toEqual({ code: 1000, phrase: 'bye' });
    await eventually(() => expect(() => session?.getContainer()).toThrow());
    expect(trace).toEqual(['close', failure, 0]);
    expect(log.filter(({ level }) => level === 'error')).toEqual([]);
  });
});

describe.each(WAYS)('@OnError %s', (way) => {
  it('[LIF-10] its own error is logged with what it was called for, is not dispatched again, and the session stays open', async () => {
    const [first, second] = [new Error('first'), new Error('second')];
    let calls = 0;
    let id = '';
    @ServerEndpoint('/worse')
    class Worse {
      @OnMessage text(message: string, session: Session): string {
        id = session.getId();
        if (message === 'bad') throw first;
        return message;
      }

      @OnError error(_error: Error): Promise<void> {
        calls++;
        return fail(way, second);
      }
    }
    const { dial, log } = await start(Worse);
    const peer = await dial('/worse');
    peer.send('bad');
    peer.send('after');
    expect(await peer.next()).toBe('after');
    expect(calls).toBe(1);
    const lines = log.filter(({ level }) => level === 'error');
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({ code: 'MARGAY_ERROR_HANDLER', endpoint: 'Worse', session: id, err: second });
  });
});

it('[LIF-10, PP-5] an @OnError whose own path parameter does not convert is logged', async () => {
  @ServerEndpoint('/nan/{n}')
  class NotANumber {
    @OnMessage text(_message: string): void {
      throw new Error('first');
    }

    @OnError error(_error: Error, @PathParam('n') _n: number): void {}
  }
  const { dial, log } = await start(NotANumber);
  (await dial('/nan/abc')).send('x');
  await eventually(() => expect(log.filter(({ code }) => code === 'MARGAY_ERROR_HANDLER')).toHaveLength(1));
  expect(log.find(({ code }) => code === 'MARGAY_ERROR_HANDLER')?.['err']).toBeInstanceOf(DecodeException);
});

describe.each(WAYS)('without @OnError, a callback that %s', (way) => {
  it('[LIF-10] is logged at error level with endpoint, session and error', async () => {
    const failures = { open: new Error('open'), text: new Error('text'), close: new Error('close') };
    const ids: string[] = [];
    @ServerEndpoint('/silent')
    class Silent {
      @OnMessage text(message: string, session: Session): unknown {
        ids.push(session.getId());
        return message === 'ok' ? message : fail(way, failures.text);
      }

      @OnClose close(): Promise<void> {
        return fail(way, failures.close);
      }
    }
    @ServerEndpoint('/unopened')
    class Unopened {
      @OnOpen open(session: Session): Promise<void> {
        ids.push(session.getId());
        return fail(way, failures.open);
      }
    }
    const { dial, log } = await start([Silent, Unopened]);
    const peer = await dial('/silent');
    peer.send('bad');
    peer.send('ok');
    expect(await peer.next()).toBe('ok');
    await peer.close();
    const lines = () => log.filter(({ level }) => level === 'error');
    await eventually(() => expect(lines()).toHaveLength(2));
    expect(lines()[0]).toMatchObject({ code: 'MARGAY_UNHANDLED_ERROR', endpoint: 'Silent', session: ids[0], err: failures.text });
    expect(lines()[1]).toMatchObject({ code: 'MARGAY_UNHANDLED_ERROR', endpoint: 'Silent', session: ids[0], err: failures.close });
    expect((await (await dial('/unopened')).closed).code).toBe(1011);
    await eventually(() => expect(lines()).toHaveLength(3));
    expect(lines()[2]).toMatchObject({ code: 'MARGAY_UNHANDLED_ERROR', endpoint: 'Unopened', session: ids.at(-1), err: failures.open });
  });
});

it('[LIF-10] what is thrown and is no Error arrives as an Error whose cause it is', async () => {
  const thrown: Record<string, unknown> = { text: 'plain', nothing: undefined, none: null, bare: Object.create(null), symbol: Symbol('s') };
  const errors: Error[] = [];
  @ServerEndpoint('/odd')
  class Odd {
    @OnMessage text(which: string): unknown {
      if (which === 'later') return Promise.reject(thrown['bare']);
      throw thrown[which];
    }

    @OnError error(error: Error): void {
      errors.push(error);
    }
  }
  const { dial } = await start(Odd);
  const peer = await dial('/odd');
  const names = [...Object.keys(thrown), 'later'];
  for (const name of names) peer.send(name);
  await eventually(() => expect(errors).toHaveLength(names.length));
  for (const [i, error] of errors.entries()) {
    expect(error).toBeInstanceOf(Error);
    expect(error).toHaveProperty('cause');
    expect(error.cause).toBe(thrown[names[i] as string] ?? (names[i] === 'later' ? thrown['bare'] : thrown[names[i] as string]));
  }
});

it('[LIF-10] an @OnOpen that fails with an error whose message is no text ends the session all the same', async () => {
  @ServerEndpoint('/untold')
  class Untold {
    @OnOpen open(): void {
      throw Object.assign(new Error(), { message: { told: 'otherwise' } });
    }
  }
  const { dial } = await start(Untold);
  expect(await (await dial('/untold')).closed).toMatchObject({ code: 1011 });
});

it('[LIF-10] a failing callback of one session does not touch another', async () => {
  const hold = gate();
  @ServerEndpoint('/neighbours')
  class Neighbours {
    @OnMessage async text(message: string): Promise<string> {
      if (message === 'bad') throw new Error('bad');
      await hold.promise;
      return message;
    }

    @OnError error(_error: Error): void {
      hold.open();
    }
  }
  const { dial } = await start(Neighbours);
  const [good, bad] = [await dial('/neighbours'), await dial('/neighbours')];
  good.send('good');
  bad.send('bad');
  expect(await good.next()).toBe('good');
});
