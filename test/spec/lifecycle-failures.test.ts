/** Where the failures of @OnOpen and @OnMessage go, and what becomes of the session. [LIF-10] */
import { describe, expect, it } from '@jest/globals';
import {
  CloseReason,
  DecodeException,
  EncodeException,
  IllegalArgumentException,
  IOException,
  OnClose,
  OnError,
  OnMessage,
  OnOpen,
  PathParam,
  PongMessage,
  ServerEndpoint,
  Session,
} from 'margay';
import { eventually, sleep } from '../support/eventually.js';
import { fail, WAYS } from '../support/failing.js';
import { OPCODES } from '../support/frames.js';
import { RawPeer } from '../support/raw-peer.js';
import { start } from '../support/start.js';

describe.each(WAYS)('@OnOpen %s', (way) => {
  it('[LIF-10, D-16, CLO-8] the error goes to @OnError, then wire 1011 and local 1006 with its message', async () => {
    const failure = new Error('no room');
    const errors: Error[] = [];
    const reasons: CloseReason[] = [];
    let open = true;
    @ServerEndpoint('/refusing')
    class Refusing {
      @OnOpen open(): Promise<void> {
        return fail(way, failure);
      }

      @OnMessage text(_message: string): void {
        errors.push(new Error('a message came'));
      }

      @OnError error(error: Error): void {
        errors.push(error);
      }

      @OnClose close(reason: CloseReason, session: Session): void {
        reasons.push(reason);
        open = session.isOpen();
      }
    }
    const { port } = await start(Refusing);
    const client = await RawPeer.open({ port }, '/refusing', { behind: [{ opcode: OPCODES.text, payload: 'early' }] });
    expect((await client.closeFrame())?.code).toBe(1011);
    await eventually(() => expect(reasons).toHaveLength(1));
    expect(reasons[0]?.getCloseCode()).toBe(CloseReason.CloseCodes.CLOSED_ABNORMALLY);
    expect(reasons[0]?.getReasonPhrase()).toBe('no room');
    expect(errors).toEqual([failure]);
    expect(errors[0]).toBe(failure);
    expect(open).toBe(false);
  });

  it('[LIF-10, CLO-18] what @OnOpen sent before, and what @OnError sends, reaches the peer before the close frame', async () => {
    @ServerEndpoint('/last-words')
    class LastWords {
      @OnOpen open(session: Session): Promise<void> {
        void session.getBasicRemote().sendText('from open');
        return fail(way, new Error('x'));
      }

      @OnError async error(session: Session, error: Error): Promise<void> {
        await sleep(10);
        await session.getBasicRemote().sendText(`from error ${error.message}`);
      }
    }
    const { dial } = await start(LastWords);
    const peer = await dial('/last-words');
    expect(await peer.closed).toMatchObject({ code: 1011 });
    expect(peer.received).toEqual(['from open', 'from error x']);
  });
});

it('[LIF-10, PP-5] a path parameter that does not convert in @OnOpen: DecodeException, the method is not called, wire 1011', async () => {
  const trace: unknown[] = [];
  @ServerEndpoint('/room/{n}')
  class Room {
    @OnOpen open(@PathParam('n') _n: number): void {
      trace.push('open');
    }

    @OnError error(error: Error): void {
      trace.push(error);
    }

    @OnClose close(reason: CloseReason): void {
      trace.push(reason.getCloseCode().getCode());
    }
  }
  const { dial } = await start(Room);
  expect(await (await dial('/room/abc')).closed).toMatchObject({ code: 1011 });
  await eventually(() => expect(trace).toHaveLength(2));
  expect(trace[0]).toBeInstanceOf(DecodeException);
  expect(trace[0]).toMatchObject({ code: 'MARGAY_PATH_VALUE' });
  expect(trace[1]).toBe(1006);
});

describe.each(WAYS)('@OnMessage %s', (way) => {
  it.each(['whole', 'partial', 'binary', 'pong'])(
    '[LIF-10] %s: the error itself goes to @OnError and the session stays open',
    async (kind) => {
      const failure = new TypeError('wrong');
      const trace: unknown[] = [];
      @ServerEndpoint('/whole')
      class Whole {
        @OnMessage text(message: string): unknown {
          return message === 'ok' ? message : fail(way, failure);
        }

        @OnMessage binary(_bytes: Buffer): unknown {
          return fail(way, failure);
        }

        @OnMessage pong(_pong: PongMessage): unknown {
          return fail(way, failure);
        }

        @OnError error(error: Error, session: Session): void {
          trace.push(error, session.isOpen());
        }

        @OnClose close(): void {
          trace.push('close');
        }
      }
      @ServerEndpoint('/partial')
      class Partial {
        @OnMessage part(part: string, _last: boolean): unknown {
          return part === 'ok' ? part : fail(way, failure);
        }

        @OnError error(error: Error, session: Session): void {
          trace.push(error, session.isOpen());
        }
      }
      const { port } = await start([Whole, Partial]);
      const client = await RawPeer.open({ port }, kind === 'partial' ? '/partial' : '/whole');
      const opcode = kind === 'pong' ? OPCODES.pong : kind === 'binary' ? OPCODES.binary : OPCODES.text;
      client.send({ opcode, payload: 'bad' }, { opcode: OPCODES.text, payload: 'ok' });
      await eventually(() => expect(client.texts).toEqual(['ok']));
      expect(trace).toEqual([failure, true]);
      expect(trace[0]).toBe(failure);
    },
  );

  it('[LIF-10] a failing part leaves the other parts of its message to the handler', async () => {
    const parts: [string, boolean][] = [];
    let errors = 0;
    @ServerEndpoint('/parts')
    class Parts {
      @OnMessage part(part: string, last: boolean): unknown {
        parts.push([part, last]);
        return part === 'b' ? fail(way, new Error('b')) : undefined;
      }

      @OnError error(_error: Error): void {
        errors++;
      }
    }
    const { dial } = await start(Parts);
    const peer = await dial('/parts');
    peer.part('a', false);
    peer.part('b', false);
    peer.part('c', true);
    await eventually(() => expect(parts).toEqual([['a', false], ['b', false], ['c', true]])); // biome-ignore format: one line reads better
    expect(errors).toBe(1);
  });
});

describe('what @OnMessage gets', () => {
  it('[LIF-10, PP-5] a path parameter that does not convert: DecodeException for each message, and the session stays open', async () => {
    const errors: Error[] = [];
    @ServerEndpoint('/at/{n}')
    class At {
      @OnMessage text(@PathParam('n') _n: number, _message: string): string {
        return 'called';
      }

      @OnMessage binary(_bytes: Buffer): string {
        return 'binary';
      }

      @OnError error(error: Error): void {
        errors.push(error);
      }
    }
    const { dial } = await start(At);
    const peer = await dial('/at/abc');
    peer.send('1');
    peer.send('2');
    peer.send(Buffer.alloc(1));
    expect(await peer.next()).toBe('binary');
    expect(errors).toHaveLength(2);
    for (const error of errors) expect(error).toBeInstanceOf(DecodeException);
  });

  it('[LIF-10] text that does not convert to its plain type: DecodeException with the text, message dropped, stays open', async () => {
    const errors: Error[] = [];
    @ServerEndpoint('/plain')
    class Plain {
      @OnMessage value(value: number): string {
        return String(value + 1);
      }

      @OnError error(error: Error): void {
        errors.push(error);
      }
    }
    const { dial } = await start(Plain);
    const peer = await dial('/plain');
    peer.send('abc');
    peer.send('41');
    expect(await peer.next()).toBe('42');
    expect(errors).toHaveLength(1);
    expect(errors[0]).toBeInstanceOf(DecodeException);
    expect((errors[0] as DecodeException).getText()).toBe('abc');
    expect(errors[0]).toMatchObject({ code: 'MARGAY_TEXT_VALUE' });
  });
});

describe.each(['at once', 'later'])('a return value that cannot be sent, given %s', (when) => {
  const give = (value: unknown): unknown => (when === 'at once' ? value : sleep(5).then(() => value));

  it('[LIF-10, ANN-14] without an encoder: EncodeException with the object, and the session stays open', async () => {
    const thing = { figure: 'circle' };
    const errors: Error[] = [];
    @ServerEndpoint('/thing')
    class Thing {
      @OnMessage text(message: string): unknown {
        return message === 'thing' ? give(thing) : message;
      }

      @OnError error(error: Error): void {
        errors.push(error);
      }
    }
    const { dial } = await start(Thing);
    const peer = await dial('/thing');
    peer.send('thing');
    peer.send('after');
    expect(await peer.next()).toBe('after');
    expect(errors).toHaveLength(1);
    expect(errors[0]).toBeInstanceOf(EncodeException);
    expect((errors[0] as EncodeException).getObject()).toBe(thing);
    expect(errors[0]).toMatchObject({ code: 'MARGAY_NO_ENCODER', message: expect.stringContaining('Object') });
  });

  it('[LIF-10, ANN-14, REM-6] an unpaired surrogate: IllegalArgumentException, and the session stays open', async () => {
    const errors: Error[] = [];
    @ServerEndpoint('/half')
    class Half {
      @OnMessage text(message: string): unknown {
        return give(message === 'half' ? '\ud800' : message);
      }

      @OnError error(error: Error): void {
        errors.push(error);
      }
    }
    const { dial } = await start(Half);
    const peer = await dial('/half');
    peer.send('half');
    peer.send('after');
    expect(await peer.next()).toBe('after');
    expect(errors).toHaveLength(1);
    expect(errors[0]).toBeInstanceOf(IllegalArgumentException);
    expect(errors[0]).toMatchObject({ code: 'MARGAY_SURROGATE' });
  });

  it('[LIF-10, ANN-14] after the session was closed during the call: IOException to @OnError, then @OnClose', async () => {
    const trace: unknown[] = [];
    @ServerEndpoint('/closing')
    class Closing {
      @OnMessage text(_message: string, session: Session): unknown {
        void session.close();
        return give('too late');
      }

      @OnError error(error: Error): void {
        trace.push(error);
      }

      @OnClose close(reason: CloseReason): void {
        trace.push(reason.getCloseCode().getCode());
      }
    }
    const { dial } = await start(Closing);
    const peer = await dial('/closing');
    peer.send('x');
    expect(await peer.closed).toMatchObject({ code: 1000 });
    await eventually(() => expect(trace).toHaveLength(2));
    expect(trace[0]).toBeInstanceOf(IOException);
    expect(trace[0]).toMatchObject({ code: 'MARGAY_SEND_CLOSED' });
    expect(trace[1]).toBe(1000);
    expect(peer.received).toEqual([]);
  });
});
