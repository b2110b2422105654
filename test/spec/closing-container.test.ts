/** The container closes one session, or its connection is lost. [CLO-8, CLO-11 to CLO-13, CLO-18, D-16, D-20, EXT-4] */
import { describe, expect, it } from '@jest/globals';
import { CloseReason, OnClose, OnError, OnMessage, OnOpen, ServerEndpoint, Session, SessionException } from 'margay';
import { eventually, gate, sleep } from '../support/eventually.js';
import { OPCODES } from '../support/frames.js';
import { RawPeer } from '../support/raw-peer.js';
import { start } from '../support/start.js';

const bytesOf = (text: string) => Buffer.byteLength(text);

describe('[CLO-8, D-16] a failing @OnOpen', () => {
  it('[LIF-10] is told to onError, then 1011 on the wire and 1006 with the message locally', async () => {
    const steps: string[] = [];
    @ServerEndpoint('/talk')
    class Talk {
      @OnOpen
      open(): void {
        throw new Error('no table free');
      }
      @OnError
      error(error: Error): void {
        steps.push(error.message);
      }
      @OnClose
      close(reason: CloseReason): void {
        steps.push(String(reason));
      }
    }
    const peer = await RawPeer.open(await start(Talk), '/talk');
    expect(await peer.closeFrame()).toMatchObject({ code: 1011 });
    peer.close(1011);
    await peer.finished();
    expect(steps).toEqual(['no table free', 'CloseReason[1006,no table free]']);
  });

  it('[CLO-17] that has closed the session before it throws: its own reason stands', async () => {
    const steps: string[] = [];
    @ServerEndpoint('/talk')
    class Talk {
      @OnOpen
      open(session: Session): void {
        void session.close(new CloseReason(CloseReason.CloseCodes.getCloseCode(4000), 'full'));
        throw new Error('no table free');
      }
      @OnError
      error(error: Error): void {
        steps.push(error.message);
      }
      @OnClose
      close(reason: CloseReason): void {
        steps.push(String(reason));
      }
    }
    const peer = await RawPeer.open(await start(Talk), '/talk');
    expect(await peer.closeFrame()).toEqual({ code: 4000, phrase: 'full' });
    peer.close(4000);
    await peer.finished();
    expect(steps).toEqual(['no table free', 'CloseReason[4000,full]']);
  });

  it('[CLO-18] what it sent, and what onError then sends, goes before the close frame', async () => {
    @ServerEndpoint('/talk')
    class Talk {
      @OnOpen
      async open(session: Session): Promise<void> {
        void session.getBasicRemote().sendText('from onOpen');
        void session.getBasicRemote().sendBinary(Buffer.alloc(200_000));
        await sleep(10);
        throw new Error('no');
      }
      @OnError
      async error(_error: Error, session: Session): Promise<void> {
        await sleep(10);
        void session.getBasicRemote().sendText('from onError');
      }
    }
    const peer = await RawPeer.open(await start(Talk), '/talk');
    expect(await peer.closeFrame()).toMatchObject({ code: 1011 });
    expect(peer.frames.map(({ opcode, payload }) => [opcode, payload.length])).toEqual([
      [OPCODES.text, 11],
      [OPCODES.binary, 200_000],
      [OPCODES.text, 12],
      [OPCODES.close, expect.any(Number)],
    ]);
  });

  it.each([
    ['ASCII', 'x'.repeat(500), `${'x'.repeat(120)}…`],
    ['three bytes a character', '好'.repeat(100), `${'好'.repeat(40)}…`],
    ['four bytes a character, never split', `a${'😀'.repeat(100)}`, `a${'😀'.repeat(29)}…`],
    ['exactly 123 bytes, not cut', 'y'.repeat(123), 'y'.repeat(123)],
  ])('[CLO-1] a long message of %s is cut to 120 bytes and an ellipsis', async (_what, message, phrase) => {
    const told = gate<string>();
    @ServerEndpoint('/talk')
    class Talk {
      @OnOpen
      open(): void {
        throw new Error(message);
      }
      @OnClose
      close(reason: CloseReason): void {
        told.open(reason.getReasonPhrase());
      }
    }
    await RawPeer.open(await start(Talk), '/talk');
    expect(await told.promise).toBe(phrase);
    expect(bytesOf(phrase)).toBeLessThanOrEqual(123);
  });

  it('[EXT-4, CLO-11] gives what goes before the frame ABNORMAL_SESSION_CLOSE_SEND_TIMEOUT, then drops TCP, without an error of its own', async () => {
    const steps: string[] = [];
    const at: number[] = [];
    @ServerEndpoint('/talk')
    class Talk {
      @OnOpen
      open(session: Session): void {
        session.getUserProperties().set('org.apache.tomcat.websocket.ABNORMAL_SESSION_CLOSE_SEND_TIMEOUT', '400');
        void session.getBasicRemote().sendBinary(Buffer.alloc(32 * 1024 * 1024));
        at.push(performance.now());
        throw new Error('no');
      }
      @OnError
      error(error: Error): void {
        steps.push(error.message);
      }
      @OnClose
      close(reason: CloseReason, session: Session): void {
        steps.push(String(reason));
        const look = setInterval(() => {
          try {
            session.getUserProperties();
          } catch {
            clearInterval(look);
            at.push(performance.now());
          }
        }, 5);
      }
    }
    const peer = await RawPeer.open(await start(Talk, { closeTimeout: 5000 }), '/talk');
    peer.stopReading();
    await eventually(() => expect(at).toHaveLength(2));
    const waited = (at[1] as number) - (at[0] as number);
    expect(waited).toBeGreaterThan(350);
    expect(waited).toBeLessThan(1500);
    expect(steps).toEqual(['no', 'CloseReason[1006,no]']);
  });

  it.each([undefined, 0, -5])('[EXT-4] the property %p leaves the 50 ms', async (property) => {
    const at: number[] = [];
    @ServerEndpoint('/talk')
    class Talk {
      @OnOpen
      open(session: Session): void {
        if (property !== undefined) {
          session.getUserProperties().set('org.apache.tomcat.websocket.ABNORMAL_SESSION_CLOSE_SEND_TIMEOUT', property);
        }
        void session.getBasicRemote().sendBinary(Buffer.alloc(32 * 1024 * 1024));
        at.push(performance.now());
        const look = setInterval(() => {
          try {
            session.getUserProperties();
          } catch {
            clearInterval(look);
            at.push(performance.now());
          }
        }, 5);
        throw new Error('no');
      }
    }
    const peer = await RawPeer.open(await start(Talk), '/talk');
    peer.stopReading();
    await eventually(() => expect(at).toHaveLength(2));
    expect((at[1] as number) - (at[0] as number)).toBeLessThan(350);
  });
});

describe('[CLO-12] the idle timeout', () => {
  it('[CLO-8] is 1001 on the wire and 1006 locally, with a phrase that names the session', async () => {
    const told = gate<{ reason: CloseReason; id: string }>();
    const since = performance.now();
    @ServerEndpoint('/talk')
    class Talk {
      @OnOpen
      open(session: Session): void {
        session.setMaxIdleTimeout(200);
      }
      @OnClose
      close(reason: CloseReason, session: Session): void {
        told.open({ reason, id: session.getId() });
      }
    }
    const peer = await RawPeer.open(await start(Talk), '/talk');
    expect(await peer.closeFrame()).toMatchObject({ code: 1001 });
    const { reason, id } = await told.promise;
    expect(reason.getCloseCode()).toBe(CloseReason.CloseCodes.CLOSED_ABNORMALLY);
    expect(reason.getReasonPhrase()).toContain(id);
    const waited = performance.now() - since;
    expect(waited).toBeGreaterThan(200);
    expect(waited).toBeLessThan(2500); // accurate to about a second
    peer.close(1001);
    await peer.finished();
  });

  it.each([
    ['messages that come in', (peer: RawPeer) => peer.text('x'), 0],
    ['pings that come in', (peer: RawPeer) => peer.send({ opcode: OPCODES.ping, payload: 'x' }), 0],
    ['pongs that come in', (peer: RawPeer) => peer.send({ opcode: OPCODES.pong, payload: 'x' }), 0],
    ['messages that go out', () => {}, 200],
  ])('is put off by %s', async (_what, act, sendEvery) => {
    @ServerEndpoint('/talk')
    class Talk {
      #timer: ReturnType<typeof setInterval> | undefined;
      @OnOpen
      open(session: Session): void {
        if (sendEvery > 0) this.#timer = setInterval(() => void session.getAsyncRemote().sendText('x'), sendEvery);
      }
      @OnClose
      close(): void {
        clearInterval(this.#timer);
      }
    }
    const peer = await RawPeer.open(await start(Talk, { maxIdleTimeout: 600 }), '/talk');
    const timer = setInterval(() => act(peer), 200);
    await sleep(1400);
    clearInterval(timer);
    expect(peer.frames.some(({ opcode }) => opcode === OPCODES.close)).toBe(false);
    peer.close(1000);
    await peer.finished();
  });
});

describe('[CLO-13] a connection that is lost', () => {
  it('[D-20] by a plain end: onClose 1006 alone', async () => {
    const steps: string[] = [];
    @ServerEndpoint('/talk')
    class Talk {
      @OnError
      error(error: Error): void {
        steps.push(`onError ${error.message}`);
      }
      @OnClose
      close(reason: CloseReason): void {
        steps.push(`onClose ${reason.getCloseCode().getCode()}`);
      }
    }
    const peer = await RawPeer.open(await start(Talk), '/talk');
    peer.end();
    await peer.closed();
    await eventually(() => expect(steps).toEqual(['onClose 1006']));
    expect(peer.frames).toEqual([]);
  });

  it('[D-20] by a reset: SessionException with the cause to onError, then onClose 1006', async () => {
    const steps: unknown[] = [];
    @ServerEndpoint('/talk')
    class Talk {
      @OnError
      error(error: Error, session: Session): void {
        const told = error instanceof SessionException && error.getSession() === session;
        steps.push([told, (error as Error & { code: string }).code, (error.cause as { code: string }).code]);
      }
      @OnClose
      close(reason: CloseReason): void {
        steps.push(reason.getCloseCode().getCode());
      }
    }
    const peer = await RawPeer.open(await start(Talk), '/talk');
    peer.reset();
    await eventually(() => expect(steps).toEqual([[true, 'MARGAY_CONNECTION_LOST', 'ECONNRESET'], 1006]));
  });

  it('[D-20] by a reset, without an @OnError: a debug line and nothing louder', async () => {
    const closes: number[] = [];
    @ServerEndpoint('/talk')
    class Talk {
      @OnClose
      close(reason: CloseReason): void {
        closes.push(reason.getCloseCode().getCode());
      }
    }
    const started = await start(Talk);
    const peer = await RawPeer.open(started, '/talk');
    peer.reset();
    await eventually(() => expect(closes).toEqual([1006]));
    expect(started.log.filter(({ level }) => level === 'error' || level === 'warn')).toEqual([]);
    expect(started.log.filter(({ code }) => code === 'MARGAY_UNHANDLED_ERROR')).toMatchObject([{ level: 'debug' }]);
  });

  it('[LIF-14] messages before a plain end are delivered, those before a reset are not, once it is known', async () => {
    const running = gate();
    const messages: string[] = [];
    const closes: number[] = [];
    @ServerEndpoint('/talk')
    class Talk {
      @OnMessage
      async text(message: string): Promise<void> {
        messages.push(message);
        if (message === 'reset 1') await running.promise;
      }
      @OnClose
      close(reason: CloseReason): void {
        closes.push(reason.getCloseCode().getCode());
      }
    }
    const started = await start(Talk);
    const plain = await RawPeer.open(started, '/talk');
    plain.text('plain 1');
    plain.text('plain 2');
    plain.end();
    await eventually(() => expect(closes).toEqual([1006]));
    const rude = await RawPeer.open(started, '/talk');
    rude.text('reset 1');
    rude.text('reset 2');
    await eventually(() => expect(messages).toContain('reset 1'));
    rude.reset();
    await sleep(50);
    running.open();
    await eventually(() => expect(closes).toEqual([1006, 1006]));
    expect(messages).toEqual(['plain 1', 'plain 2', 'reset 1']);
  });
});
