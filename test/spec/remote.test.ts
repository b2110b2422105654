/** What may be sent, what is refused at the call, and in which order it leaves. [REM-1, REM-3 … REM-8, REM-15] */
import { describe, expect, it } from '@jest/globals';
import {
  type Bytes,
  IllegalArgumentException,
  IllegalStateException,
  OnMessage,
  OnOpen,
  type RemoteEndpoint,
  ServerEndpoint,
  Session,
} from 'margay';
import { eventually, gate } from '../support/eventually.js';
import { OPCODES } from '../support/frames.js';
import { RawPeer } from '../support/raw-peer.js';
import { start } from '../support/start.js';

/** What a call throws, at once; undefined if it does not. */
function thrownBy(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  return undefined;
}

const opcodesOf = (client: RawPeer): (string | undefined)[] =>
  client.frames.map(({ opcode, fin }) => {
    const name = Object.entries(OPCODES).find(([, value]) => value === opcode)?.[0];
    return fin ? name : `${name}…`;
  });

describe('pings and pongs', () => {
  it('[REM-1] carry up to 125 bytes of any kind; an unsolicited pong is legal', async () => {
    @ServerEndpoint('/ping')
    class Ping {
      @OnOpen async open(session: Session): Promise<void> {
        const [basic, async] = [session.getBasicRemote(), session.getAsyncRemote()];
        await basic.sendPing(Buffer.alloc(125, 1));
        await async.sendPing(new Uint8Array([1, 2, 3]).subarray(1));
        await basic.sendPong(new ArrayBuffer(2));
        await async.sendPong(new DataView(new ArrayBuffer(4), 1, 2));
      }
    }
    const { port } = await start(Ping);
    const client = await RawPeer.open({ port }, '/ping');
    await eventually(() => expect(opcodesOf(client)).toEqual(['ping', 'ping', 'pong', 'pong']));
    expect(client.frames.map(({ payload }) => [...payload])).toEqual([Array(125).fill(1), [2, 3], [0, 0], [0, 0]]);
  });

  it('[REM-1, REM-4] more than 125 bytes, or what are none, is thrown at the call, and nothing is written', async () => {
    const thrown: unknown[] = [];
    @ServerEndpoint('/too-long')
    class TooLong {
      @OnOpen async open(session: Session): Promise<void> {
        for (const remote of [session.getBasicRemote(), session.getAsyncRemote()]) {
          for (const data of [Buffer.alloc(126), null, undefined, 'text', 5] as Bytes[]) {
            thrown.push(thrownBy(() => remote.sendPing(data)));
            thrown.push(thrownBy(() => remote.sendPong(data)));
          }
        }
        await session.getBasicRemote().sendText('done');
      }
    }
    const { port } = await start(TooLong);
    const client = await RawPeer.open({ port }, '/too-long');
    await eventually(() => expect(opcodesOf(client)).toEqual(['text']));
    for (const error of thrown) expect(error).toBeInstanceOf(IllegalArgumentException);
    const codes = thrown.map((error) => (error as IllegalArgumentException).code);
    const each = ['MARGAY_CONTROL_SIZE', 'MARGAY_CONTROL_SIZE', ...Array(8).fill('MARGAY_ARGUMENT')];
    expect(codes).toEqual([...each, ...each]);
  });

  it('[REM-1] slip between the parts of a message, and between sends that are under way', async () => {
    @ServerEndpoint('/between')
    class Between {
      @OnOpen async open(session: Session): Promise<void> {
        const basic = session.getBasicRemote();
        await basic.sendText('a', false);
        await basic.sendPing(Buffer.from('1'));
        await basic.sendText('b', false);
        await session.getAsyncRemote().sendPong(Buffer.from('2'));
        await basic.sendText('c', true);
        void basic.sendBinary(Buffer.alloc(200_000));
        void basic.sendPing(Buffer.from('3'));
      }
    }
    const { port } = await start(Between, { strict: true, highWaterMark: 1_000_000 });
    const client = await RawPeer.open({ port }, '/between');
    await eventually(() => expect(opcodesOf(client)).toEqual(['text…', 'ping', 'continuation…', 'pong', 'continuation', 'binary', 'ping']));
  });
});

describe('arguments', () => {
  const wrong: readonly unknown[] = [null, undefined, 5, {}, new Date()];
  it.each<[string, (session: Session, value: unknown) => unknown]>([
    ['Basic.sendText', (session, value) => session.getBasicRemote().sendText(value as string)],
    ['Basic.sendText part', (session, value) => session.getBasicRemote().sendText(value as string, true)],
    ['Basic.sendBinary', (session, value) => session.getBasicRemote().sendBinary(value as Bytes)],
    ['Basic.sendBinary part', (session, value) => session.getBasicRemote().sendBinary(value as Bytes, false)],
    ['Async.sendText', (session, value) => session.getAsyncRemote().sendText(value as string)],
    ['Async.sendText with handler', (session, value) => session.getAsyncRemote().sendText(value as string, () => {})],
    ['Async.sendBinary', (session, value) => session.getAsyncRemote().sendBinary(value as Bytes)],
    ['Async.sendBinary with handler', (session, value) => session.getAsyncRemote().sendBinary(value as Bytes, () => {})],
    ['Async.sendText handler', (session, value) => session.getAsyncRemote().sendText('x', value as () => void)],
    ['Async.sendBinary handler', (session, value) => session.getAsyncRemote().sendBinary(Buffer.alloc(1), value as () => void)],
  ])('[REM-4] %s: null, undefined and what it cannot be is thrown at the call, nothing is written', async (_name, send) => {
    const thrown: unknown[] = [];
    @ServerEndpoint('/wrong')
    class Wrong {
      @OnOpen async open(session: Session): Promise<void> {
        for (const value of wrong) thrown.push(thrownBy(() => send(session, value)));
        await session.getBasicRemote().sendText('fine');
      }
    }
    const { dial } = await start(Wrong);
    const peer = await dial('/wrong');
    expect(await peer.next()).toBe('fine');
    expect(peer.received).toEqual(['fine']);
    for (const error of thrown) {
      expect(error).toBeInstanceOf(IllegalArgumentException);
      expect(error).toMatchObject({ code: 'MARGAY_ARGUMENT' });
    }
  });

  it('[REM-4] text where bytes are asked, and bytes where text is', async () => {
    const thrown: unknown[] = [];
    @ServerEndpoint('/mixed-up')
    class MixedUp {
      @OnOpen async open(session: Session): Promise<void> {
        for (const remote of [session.getBasicRemote(), session.getAsyncRemote()]) {
          thrown.push(thrownBy(() => remote.sendText(Buffer.alloc(1) as never)));
          thrown.push(thrownBy(() => remote.sendBinary('x' as never)));
        }
      }
    }
    const { dial } = await start(MixedUp);
    await dial('/mixed-up');
    expect(thrown).toHaveLength(4);
    for (const error of thrown) expect(error).toBeInstanceOf(IllegalArgumentException);
    expect((thrown[0] as Error).message).toMatch(/^sendText\(text\): text is an object; give a string, or sendObject/);
    expect((thrown[1] as Error).message).toMatch(/^sendBinary\(data\): data is a string; give a Buffer/);
  });

  it('every kind of bytes may be sent, from where its view begins to where it ends', async () => {
    @ServerEndpoint('/kinds')
    class Kinds {
      @OnOpen async open(session: Session): Promise<void> {
        const basic = session.getBasicRemote();
        const bytes = new Uint8Array([0, 1, 2, 3, 4, 5, 6, 7]);
        await basic.sendBinary(Buffer.from([1, 2]));
        await basic.sendBinary(bytes.subarray(2, 4));
        await basic.sendBinary(bytes.buffer);
        await basic.sendBinary(new Uint16Array(bytes.buffer, 2, 2));
        await basic.sendBinary(new DataView(bytes.buffer, 6));
        await session.getAsyncRemote().sendBinary(new Uint8Array(0));
      }
    }
    const { dial } = await start(Kinds);
    const got = await (await dial('/kinds')).take(6);
    expect(got.map((each) => [...(each as Buffer)])).toEqual([[1, 2], [2, 3], [0, 1, 2, 3, 4, 5, 6, 7], [2, 3, 4, 5], [6, 7], []]);
  });

  it('[REM-5] up to 16 KiB are copied at the call: the caller may use its buffer again at once', async () => {
    @ServerEndpoint('/copied')
    class Copied {
      @OnOpen async open(session: Session): Promise<void> {
        const [basic, async] = [session.getBasicRemote(), session.getAsyncRemote()];
        const large = Buffer.alloc(16 * 1024, 7);
        void basic.sendBinary(large);
        void async.sendBinary(large);
        void basic.sendBinary(large, true);
        const small = Buffer.alloc(125, 7);
        void basic.sendPing(small);
        large.fill(0);
        small.fill(0);
      }
    }
    const { port } = await start(Copied);
    const client = await RawPeer.open({ port }, '/copied');
    await eventually(() => expect(client.frames).toHaveLength(4));
    for (const { payload } of client.frames) expect(payload.every((byte) => byte === 7)).toBe(true);
  });

  it('[REM-6] text is sent as UTF-8', async () => {
    @ServerEndpoint('/utf8')
    class Utf8 {
      @OnMessage text(message: string, session: Session): Promise<void> {
        return session.getBasicRemote().sendText(message);
      }
    }
    const { dial } = await start(Utf8);
    const peer = await dial('/utf8');
    const texts = ['', 'plain', 'grüße', '你好', '🐈‍⬛', '\u0000\uffff', `${'a'.repeat(70_000)}ä`];
    for (const text of texts) peer.send(text);
    expect(await peer.take(texts.length)).toEqual(texts);
  });

  it.each(['\ud800', 'a\udc00b', '\udc00\ud800', `${'x'.repeat(5000)}\ud83d`])(
    '[REM-6] an unpaired surrogate is thrown at the call, nothing is written, and the session stays usable: %j',
    async (text) => {
      const thrown: unknown[] = [];
      @ServerEndpoint('/surrogate')
      class Surrogate {
        @OnOpen async open(session: Session): Promise<void> {
          const basic = session.getBasicRemote();
          thrown.push(thrownBy(() => basic.sendText(text)));
          thrown.push(thrownBy(() => session.getAsyncRemote().sendText(text)));
          thrown.push(thrownBy(() => session.getAsyncRemote().sendText(text, () => {})));
          thrown.push(thrownBy(() => basic.sendText(text, false)));
          await basic.sendText('fine'); // a whole message: the refused part began none
        }
      }
      const { dial } = await start(Surrogate);
      const peer = await dial('/surrogate');
      expect(await peer.next()).toBe('fine');
      expect(thrown).toHaveLength(4);
      for (const error of thrown) {
        expect(error).toBeInstanceOf(IllegalArgumentException);
        expect(error).toMatchObject({ code: 'MARGAY_SURROGATE' });
      }
    },
  );

  it('[REM-6] a surrogate pair may not be split across two parts; the message goes on without the refused part', async () => {
    let thrown: unknown;
    @ServerEndpoint('/split')
    class Split {
      @OnOpen async open(session: Session): Promise<void> {
        const basic = session.getBasicRemote();
        await basic.sendText('a', false);
        thrown = thrownBy(() => basic.sendText('\ud83d', false));
        await basic.sendText('🐈', true);
      }
    }
    const { dial } = await start(Split);
    expect(await (await dial('/split')).next()).toBe('a🐈');
    expect(thrown).toMatchObject({ code: 'MARGAY_SURROGATE', message: expect.stringContaining('index 0') });
  });
});

describe('messages in parts', () => {
  it('[REM-8] the first part has the opcode, the rest are continuations, the last has FIN; empty parts are legal', async () => {
    @ServerEndpoint('/parts')
    class Parts {
      @OnOpen async open(session: Session): Promise<void> {
        const basic = session.getBasicRemote();
        for (const [part, last] of [['', false], ['a', false], ['', false], ['b', true]] as const) await basic.sendText(part, last); // biome-ignore format: a table
        await basic.sendBinary(Buffer.from('c'), false);
        await basic.sendBinary(Buffer.alloc(0), true);
        await basic.sendBinary(Buffer.alloc(0), true);
      }
    }
    const { port } = await start(Parts);
    const client = await RawPeer.open({ port }, '/parts');
    const expected = ['text…', 'continuation…', 'continuation…', 'continuation', 'binary…', 'continuation', 'binary'];
    await eventually(() => expect(opcodesOf(client)).toEqual(expected));
    expect(client.frames.map(({ payload }) => payload.toString())).toEqual(['', 'a', '', 'b', 'c', '', '']);
  });

  it.each<[string, (session: Session) => unknown]>([
    ['a whole text message', (session) => session.getBasicRemote().sendText('x')],
    ['a whole binary message', (session) => session.getBasicRemote().sendBinary(Buffer.alloc(1))],
    ['a large binary message', (session) => session.getBasicRemote().sendBinary(Buffer.alloc(100_000))],
    ['a whole message of the async remote', (session) => session.getAsyncRemote().sendText('x')],
    ['one with a handler', (session) => session.getAsyncRemote().sendBinary(Buffer.alloc(1), () => {})],
    ['a part of the other type', (session) => session.getBasicRemote().sendBinary(Buffer.alloc(1), false)],
    ['the last part of the other type', (session) => session.getBasicRemote().sendBinary(Buffer.alloc(1), true)],
  ])('[REM-8, D-05] between parts, %s is IllegalStateException, and the message completes', async (_what, send) => {
    let thrown: unknown;
    @ServerEndpoint('/mix')
    class Mix {
      @OnOpen async open(session: Session): Promise<void> {
        const basic = session.getBasicRemote();
        void basic.sendText('a', false);
        thrown = thrownBy(() => send(session));
        void basic.sendText('b', true);
        await basic.sendText('whole');
      }
    }
    const { dial } = await start(Mix);
    expect(await (await dial('/mix')).take(2)).toEqual(['ab', 'whole']);
    expect(thrown).toBeInstanceOf(IllegalStateException);
    expect(thrown).toMatchObject({ code: 'MARGAY_SEND_ORDER' });
  });

  it('[REM-8] text parts between binary ones are refused in the same way', async () => {
    let thrown: unknown;
    @ServerEndpoint('/mix')
    class Mix {
      @OnOpen async open(session: Session): Promise<void> {
        const basic = session.getBasicRemote();
        await basic.sendBinary(Buffer.from('a'), false);
        thrown = thrownBy(() => basic.sendText('x', true));
        await basic.sendBinary(Buffer.from('b'), true);
      }
    }
    const { dial } = await start(Mix);
    expect(String(await (await dial('/mix')).next())).toBe('ab');
    expect(thrown).toMatchObject({ name: 'IllegalStateException', code: 'MARGAY_SEND_ORDER' });
  });

  it('[REM-8, ANN-14] a return value between parts goes to @OnError as IllegalStateException', async () => {
    const { OnError } = await import('margay');
    const errors: Error[] = [];
    @ServerEndpoint('/reply')
    class Reply {
      @OnMessage text(message: string, session: Session): string | undefined {
        if (message !== 'end') void session.getBasicRemote().sendText(message, false);
        else void session.getBasicRemote().sendText('.', true);
        return message === 'reply' ? 'a whole one' : undefined;
      }

      @OnError error(error: Error): void {
        errors.push(error);
      }
    }
    const { dial } = await start(Reply);
    const peer = await dial('/reply');
    for (const text of ['a', 'reply', 'end']) peer.send(text);
    expect(await peer.next()).toBe('areply.');
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatchObject({ code: 'MARGAY_SEND_ORDER' });
  });
});

describe('order', () => {
  it('[REM-15, D-05] sends that nobody awaits leave in the order of the calls, whichever remote, kind and size', async () => {
    const sent: (string | number)[] = [];
    @ServerEndpoint('/order')
    class Order {
      @OnMessage text(_message: string, session: Session): string {
        const remotes: (RemoteEndpoint.Basic | RemoteEndpoint.Async)[] = [session.getBasicRemote(), session.getAsyncRemote()];
        for (let i = 0; i < 60; i++) {
          const remote = remotes[i % 2] as RemoteEndpoint.Basic;
          const size = i % 5 === 0 ? 40_000 : i % 7 === 0 ? 20_000 : 10;
          if (i % 3 === 0) {
            sent.push(`${i}${'x'.repeat(size)}`);
            void remote.sendText(sent.at(-1) as string);
          } else {
            sent.push(size + i);
            void remote.sendBinary(Buffer.alloc(size + i));
          }
        }
        return 'the reply';
      }
    }
    const { dial } = await start(Order);
    const peer = await dial('/order');
    peer.send('go');
    const got = await peer.take(61);
    expect(got.map((each) => (typeof each === 'string' ? each : each.length))).toEqual([...sent, 'the reply']);
  });

  it('[REM-15] the same with a peer that does not read for a while', async () => {
    const count = 300;
    const done = gate();
    @ServerEndpoint('/slow')
    class Slow {
      @OnOpen open(session: Session): void {
        const all: Promise<void>[] = [];
        for (let i = 0; i < count; i++) all.push(session.getBasicRemote().sendText(`${i} ${'x'.repeat(50_000)}`));
        void Promise.all(all).then(() => done.open());
      }
    }
    const { port } = await start(Slow);
    const client = RawPeer.ask({ port }, '/slow');
    client.stopReading();
    await new Promise((resolve) => setTimeout(resolve, 100));
    client.read();
    await done.promise;
    await eventually(() => expect(client.texts).toHaveLength(count));
    expect(client.texts.map((each) => Number.parseInt(each, 10))).toEqual(Array.from({ length: count }, (_, i) => i));
  });
});

describe('frames', () => {
  it('[GEN-5] a message leaves as one frame, however long it is, text as well as bytes', async () => {
    const text = 'é'.repeat(300_000);
    @ServerEndpoint('/long')
    class Long {
      @OnMessage text(_message: string): string {
        return text;
      }
      @OnMessage binary(_message: Buffer): Buffer {
        return Buffer.alloc(600_000, 7);
      }
    }
    const peer = await RawPeer.open(await start(Long), '/long');
    peer.send({ opcode: OPCODES.text, payload: 'x' }, { opcode: OPCODES.binary, payload: 'x' });
    await eventually(() => expect(peer.frames).toHaveLength(2));
    expect(peer.frames.map(({ opcode, fin, payload }) => [opcode, fin, payload.length])).toEqual([
      [OPCODES.text, true, 600_000],
      [OPCODES.binary, true, 600_000],
    ]);
    expect(peer.texts[0] === text).toBe(true);
  });
});
