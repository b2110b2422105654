/** The application closes. [CLO-7, CLO-11, EXT-3] */
import { describe, expect, it } from '@jest/globals';
import { CloseReason, OnClose, OnError, OnMessage, OnOpen, ServerEndpoint, Session } from 'margay';
import { eventually, gate, sleep } from '../support/eventually.js';
import { OPCODES } from '../support/frames.js';
import { RawPeer } from '../support/raw-peer.js';
import { start } from '../support/start.js';

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
    const peer = await RawPeer.open(await start(Talk), '/talk');
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
    const peer = await RawPeer.open(await start(Talk), '/talk');
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
    const peer = await RawPeer.open(await start(Talk), '/talk');
    peer.text('go');
    expect(await closed.promise).toBe('CloseReason[4000,enough]');
    expect(await peer.closeFrame()).toEqual({ code: 4000, phrase: 'enough' });
    expect(peer.hasEnded).toBe(false); // the peer's frame is waited for
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
    const peer = await RawPeer.open(await start(Talk), '/talk');
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
      const peer = await RawPeer.open(started, '/talk');
      peer.text(form);
      await peer.closeFrame();
      const since = performance.now();
      expect(peer.hasEnded).toBe(false);
      await peer.ended();
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
    const peer = await RawPeer.open(await start(Talk, { closeTimeout: 300 }), '/talk');
    peer.text('go');
    await peer.closeFrame();
    const since = performance.now();
    await peer.ended();
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
    const peer = await RawPeer.open(await start(Talk, { closeTimeout: 300 }), '/talk');
    peer.stopReading();
    peer.text('go');
    expect(await failed.promise).toMatchObject({ name: 'IOException', code: 'MARGAY_SEND_FAILED' });
    await eventually(() => expect(closes).toEqual(['CloseReason[4000,enough]']));
    await eventually(() => expect(errors).toEqual(['MARGAY_SEND_FAILED'])); // [CLO-11] it was no abnormal close
  });

  it.each([[null], [{}], ['bye'], [1000]])('close(%p) is IAE, and the session stays open', async (reason) => {
    @ServerEndpoint('/talk')
    class Talk {
      @OnMessage
      async text(_message: string, session: Session): Promise<string> {
        try {
          await session.close(reason as never);
          return 'closed';
        } catch (error) {
          return `${(error as Error).name} ${(error as Error & { code: string }).code} ${session.isOpen()}`;
        }
      }
    }
    const peer = await RawPeer.open(await start(Talk), '/talk');
    peer.text('go');
    expect(await peer.received(1)).toEqual(['IllegalArgumentException MARGAY_ARGUMENT true']);
  });

  it("finds the peer's answer behind messages that were not read any more: nobody waits for closeTimeout", async () => {
    const never = gate();
    @ServerEndpoint('/talk')
    class Talk {
      @OnMessage
      async text(_message: string, session: Session): Promise<void> {
        setTimeout(() => void session.close(own()), 100);
        await never.promise;
      }
    }
    const peer = await RawPeer.open(await start(Talk, { backlog: { events: 2 } }), '/talk');
    for (let i = 0; i < 50; i++) peer.text('x'.repeat(1000)); // from the third on they are left unread
    await peer.closeFrame();
    const since = performance.now();
    peer.close(4000);
    await peer.ended();
    expect(performance.now() - since).toBeLessThan(2000);
    never.open();
  });

  it("finds the peer's answer behind a message that waited for an async OnOpen", async () => {
    const never = gate();
    let session!: Session;
    @ServerEndpoint('/talk')
    class Talk {
      @OnOpen
      async open(opened: Session): Promise<void> {
        session = opened;
        await never.promise;
      }
    }
    const peer = await RawPeer.open(await start(Talk), '/talk');
    peer.text('nobody takes it yet');
    await sleep(50);
    void session.close(own());
    await peer.closeFrame();
    const since = performance.now();
    peer.close(4000);
    await peer.ended();
    expect(performance.now() - since).toBeLessThan(2000);
    never.open();
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
    const peer = await RawPeer.open(await start(Talk), '/talk');
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
    const peer = await RawPeer.open(await start(Talk), '/talk');
    peer.text('go');
    expect(await peer.closeFrame()).toEqual({ code: 4000, phrase: 'first' });
    peer.close(4000);
    await peer.finished();
    expect(closes).toEqual(['CloseReason[4000,first]']);
    expect(peer.frames.filter(({ opcode }) => opcode === OPCODES.close)).toHaveLength(1);
  });
});
