/** The application closes. [CLO-7, CLO-10, CLO-11, CLO-16, D-10, D-18, EXT-3] */
import { describe, expect, it } from '@jest/globals';
import { CloseReason, OnClose, OnError, OnMessage, OnOpen, ServerEndpoint, Session } from 'margay';
import { eventually, gate, sleep } from '../support/eventually.js';
import { OPCODES } from '../support/frames.js';
import { start } from '../support/start.js';
import { WirePeer } from '../support/wire-peer.js';

const own = (phrase = 'enough') => new CloseReason(CloseReason.CloseCodes.getCloseCode(4000), phrase);
const TIMEOUT = 'org.apache.tomcat.websocket.SESSION_CLOSE_TIMEOUT';

describe('[CLO-7] session.close(reason)', () => {
  it('sends what was sent before it, then the close frame', async () => {
    @ServerEndpoint('/talk')
    class Talk {
      @OnMessage
      text(_message: string, session: Session): void {
        void session.getBasicRemote().sendText('one');
        void session.getBasicRemote().sendText('two');
        void session.getBasicRemote().sendBinary(Buffer.alloc(300_000));
        void session.close(own());
      }
    }
    const peer = await WirePeer.open(await start(Talk), '/talk');
    peer.text('go');
    await peer.closeFrame();
    expect(peer.frames.map(({ opcode, payload }) => [opcode, payload.length])).toEqual([
      [OPCODES.text, 3],
      [OPCODES.text, 3],
      [OPCODES.binary, 300_000],
      [OPCODES.close, 8],
    ]);
  });

  it('tells onClose the very reason it was given', async () => {
    const reason = own();
    const told = gate<CloseReason>();
    @ServerEndpoint('/talk')
    class Talk {
      @OnMessage
      text(_message: string, session: Session): void {
        void session.close(reason);
      }
      @OnClose
      close(reason: CloseReason): void {
        told.open(reason);
      }
    }
    const peer = await WirePeer.open(await start(Talk), '/talk');
    peer.text('go');
    expect(await told.promise).toBe(reason);
  });

  it('has sent the frame, and run onClose, before the peer answers', async () => {
    const closed = gate<string>();
    @ServerEndpoint('/talk')
    class Talk {
      @OnMessage
      text(_message: string, session: Session): void {
        void session.close(own());
      }
      @OnClose
      close(reason: CloseReason): void {
        closed.open(String(reason));
      }
    }
    const peer = await WirePeer.open(await start(Talk), '/talk');
    peer.text('go');
    expect(await closed.promise).toBe('CloseReason[4000,enough]');
    expect(await peer.closeFrame()).toEqual({ code: 4000, phrase: 'enough' });
    expect(peer.raw.hasEnded).toBe(false); // the peer's frame is waited for
    peer.close(4000);
    await peer.finished();
  });

  it('does not wait for onClose to settle before TCP ends', async () => {
    const never = gate();
    @ServerEndpoint('/talk')
    class Talk {
      @OnMessage
      text(_message: string, session: Session): void {
        void session.close(own());
      }
      @OnClose
      close(): Promise<void> {
        return never.promise;
      }
    }
    const peer = await WirePeer.open(await start(Talk), '/talk');
    peer.text('go');
    await peer.closeFrame();
    peer.close(4000);
    await peer.finished();
    never.open();
  });

  it('[EXT-3, REL-13] waits for the peer as long as SESSION_CLOSE_TIMEOUT says, then drops TCP', async () => {
    const closes: string[] = [];
    @ServerEndpoint('/talk')
    class Talk {
      @OnMessage
      text(message: string, session: Session): void {
        session.getUserProperties().set(TIMEOUT, message === 'text' ? '300' : 300);
        void session.close(own());
      }
      @OnClose
      close(reason: CloseReason): void {
        closes.push(String(reason));
      }
    }
    const started = await start(Talk);
    for (const form of ['number', 'text']) {
      const peer = await WirePeer.open(started, '/talk');
      peer.text(form);
      await peer.closeFrame();
      const since = performance.now();
      expect(peer.raw.hasEnded).toBe(false);
      await peer.raw.ended();
      const waited = performance.now() - since;
      expect(waited).toBeGreaterThan(200);
      expect(waited).toBeLessThan(1500);
    }
    expect(closes).toEqual(['CloseReason[4000,enough]', 'CloseReason[4000,enough]']);
  });

  it.each([0, -1, 'soon', null])('[EXT-3] a SESSION_CLOSE_TIMEOUT of %p is ignored', async (value) => {
    @ServerEndpoint('/talk')
    class Talk {
      @OnMessage
      text(_message: string, session: Session): void {
        session.getUserProperties().set(TIMEOUT, value);
        void session.close(own());
      }
    }
    const peer = await WirePeer.open(await start(Talk, { closeTimeout: 300 }), '/talk');
    peer.text('go');
    await peer.closeFrame();
    const since = performance.now();
    await peer.raw.ended();
    expect(performance.now() - since).toBeGreaterThan(200);
  });

  it('drops the connection when what was sent before has not left after SESSION_CLOSE_TIMEOUT', async () => {
    const failed = gate<unknown>();
    const closes: string[] = [];
    const errors: string[] = [];
    @ServerEndpoint('/talk')
    class Talk {
      @OnMessage
      text(_message: string, session: Session): void {
        session
          .getBasicRemote()
          .sendBinary(Buffer.alloc(32 * 1024 * 1024))
          .catch(failed.open);
        void session.close(own());
      }
      @OnClose
      close(reason: CloseReason): void {
        closes.push(String(reason));
      }
      @OnError
      error(error: Error): void {
        errors.push((error as Error & { code: string }).code);
      }
    }
    const peer = await WirePeer.open(await start(Talk, { closeTimeout: 300 }), '/talk');
    peer.raw.socket.pause();
    peer.text('go');
    expect(await failed.promise).toMatchObject({ name: 'IOException', code: 'MARGAY_SEND_FAILED' });
    await eventually(() => expect(closes).toEqual(['CloseReason[4000,enough]']));
    await eventually(() => expect(errors).toEqual(['MARGAY_SEND_FAILED'])); // [CLO-11] it was no abnormal close
  });

  it('refuses sends from the moment it was called; isOpen() is false at once', async () => {
    const seen: unknown[] = [];
    @ServerEndpoint('/talk')
    class Talk {
      @OnMessage
      async text(_message: string, session: Session): Promise<void> {
        seen.push(session.isOpen());
        void session.close(own());
        seen.push(session.isOpen());
        await session
          .getBasicRemote()
          .sendText('late')
          .catch((error) => seen.push(error.code));
      }
    }
    const peer = await WirePeer.open(await start(Talk), '/talk');
    peer.text('go');
    await peer.closeFrame();
    await eventually(() => expect(seen).toEqual([true, false, 'MARGAY_SEND_CLOSED']));
    expect(peer.texts).toEqual([]);
  });

  it('is done once: a second close, with another reason, changes nothing', async () => {
    const closes: string[] = [];
    @ServerEndpoint('/talk')
    class Talk {
      @OnMessage
      async text(_message: string, session: Session): Promise<void> {
        await session.close(own('first'));
        await session.close(own('second'));
      }
      @OnClose
      async close(reason: CloseReason, session: Session): Promise<void> {
        closes.push(String(reason));
        await session.close(own('third'));
      }
    }
    const peer = await WirePeer.open(await start(Talk), '/talk');
    peer.text('go');
    expect(await peer.closeFrame()).toEqual({ code: 4000, phrase: 'first' });
    peer.close(4000);
    await peer.finished();
    expect(closes).toEqual(['CloseReason[4000,first]']);
    expect(peer.frames.filter(({ opcode }) => opcode === OPCODES.close)).toHaveLength(1);
  });
});

describe('[CLO-10, D-18] the promise of close()', () => {
  it('does not deadlock inside a handler, and onClose runs behind that handler', async () => {
    const steps: string[] = [];
    @ServerEndpoint('/talk')
    class Talk {
      @OnMessage
      async text(_message: string, session: Session): Promise<void> {
        steps.push('handler');
        await session.close(own());
        await sleep(30);
        steps.push('handler ends');
      }
      @OnClose
      close(): void {
        steps.push('onClose');
      }
    }
    const peer = await WirePeer.open(await start(Talk), '/talk');
    peer.text('go');
    await peer.closeFrame();
    await eventually(() => expect(steps).toEqual(['handler', 'handler ends', 'onClose']));
  });

  it('never runs onClose on the stack of the caller', async () => {
    const steps: string[] = [];
    let session!: Session;
    @ServerEndpoint('/talk')
    class Talk {
      @OnOpen
      open(opened: Session): void {
        session = opened;
      }
      @OnClose
      close(): void {
        steps.push('onClose');
      }
    }
    await WirePeer.open(await start(Talk), '/talk');
    const closing = session.close(own());
    steps.push('close() returned');
    await closing;
    await eventually(() => expect(steps).toEqual(['close() returned', 'onClose']));
  });

  it('resolves when the frame is flushed, long before the peer answers', async () => {
    let session!: Session;
    @ServerEndpoint('/talk')
    class Talk {
      @OnOpen
      open(opened: Session): void {
        session = opened;
      }
    }
    const peer = await WirePeer.open(await start(Talk), '/talk');
    await session.close(own());
    expect(await peer.closeFrame()).toEqual({ code: 4000, phrase: 'enough' });
    expect(peer.raw.hasEnded).toBe(false);
  });

  it('resolves too when the socket is dead', async () => {
    let session!: Session;
    @ServerEndpoint('/talk')
    class Talk {
      @OnOpen
      open(opened: Session): void {
        session = opened;
      }
    }
    const peer = await WirePeer.open(await start(Talk), '/talk');
    peer.raw.reset();
    await session.close(own());
    await eventually(() => expect(session.isOpen()).toBe(false));
    await session.close(own());
  });

  it('waits for what goes before it', async () => {
    let session!: Session;
    @ServerEndpoint('/talk')
    class Talk {
      @OnOpen
      open(opened: Session): void {
        session = opened;
      }
    }
    const peer = await WirePeer.open(await start(Talk), '/talk');
    peer.raw.socket.pause();
    let settled = false;
    void session.getBasicRemote().sendBinary(Buffer.alloc(32 * 1024 * 1024));
    const closing = session.close(own()).then(() => {
      settled = true;
    });
    await sleep(100);
    expect(settled).toBe(false);
    peer.raw.socket.resume();
    await closing;
  });
});

describe('inside onClose', () => {
  it('[CLO-16, D-10] state can be read, isOpen() is false, and a send fails with IOE', async () => {
    const seen: unknown[] = [];
    @ServerEndpoint('/talk/{who}')
    class Talk {
      @OnOpen
      open(session: Session): void {
        session.getUserProperties().set('cart', 3);
      }
      @OnClose
      async close(session: Session): Promise<void> {
        seen.push(session.isOpen());
        seen.push(session.getUserProperties().get('cart'));
        seen.push(session.getPathParameters().get('who'));
        seen.push(session.getOpenSessions().has(session));
        const sent = session.getAsyncRemote().sendText('late');
        seen.push(await sent.catch((error) => `${error.name} ${error.code}`));
      }
    }
    const peer = await WirePeer.open(await start(Talk), '/talk/ann');
    peer.close(1000);
    await peer.finished();
    await eventually(() => expect(seen).toEqual([false, 3, 'ann', false, 'IOException MARGAY_SEND_CLOSED']));
  });

  it.each(['at once', 'later'])('[CLO-16] what it throws %s goes to onError, after onClose', async (when) => {
    const steps: string[] = [];
    @ServerEndpoint('/talk')
    class Talk {
      @OnClose
      close(): Promise<void> | undefined {
        steps.push('onClose');
        if (when === 'at once') throw new Error('no');
        return Promise.reject(new Error('no'));
      }
      @OnError
      error(error: Error): void {
        steps.push(`onError ${error.message}`);
      }
    }
    const peer = await WirePeer.open(await start(Talk), '/talk');
    peer.close(1000);
    await peer.finished();
    await eventually(() => expect(steps).toEqual(['onClose', 'onError no']));
  });
});
