/** What close() promises, and what is left to do in onClose. [CLO-10, CLO-16, D-10, D-18] */
import { describe, expect, it } from '@jest/globals';
import { CloseReason, OnClose, OnError, OnMessage, OnOpen, ServerEndpoint, Session } from 'margay';
import { eventually, sleep } from '../support/eventually.js';
import { RawPeer } from '../support/raw-peer.js';
import { start } from '../support/start.js';

const own = () => new CloseReason(CloseReason.CloseCodes.getCloseCode(4000), 'enough');

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
    const peer = await RawPeer.open(await start(Talk), '/talk');
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
    await RawPeer.open(await start(Talk), '/talk');
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
    const peer = await RawPeer.open(await start(Talk), '/talk');
    await session.close(own());
    expect(await peer.closeFrame()).toEqual({ code: 4000, phrase: 'enough' });
    expect(peer.hasEnded).toBe(false);
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
    const peer = await RawPeer.open(await start(Talk), '/talk');
    peer.reset();
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
    const peer = await RawPeer.open(await start(Talk), '/talk');
    peer.stopReading();
    let settled = false;
    void session.getBasicRemote().sendBinary(Buffer.alloc(32 * 1024 * 1024));
    const closing = session.close(own()).then(() => {
      settled = true;
    });
    await sleep(100);
    expect(settled).toBe(false);
    peer.read();
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
    const peer = await RawPeer.open(await start(Talk), '/talk/ann');
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
    const peer = await RawPeer.open(await start(Talk), '/talk');
    peer.close(1000);
    await peer.finished();
    await eventually(() => expect(steps).toEqual(['onClose', 'onError no']));
  });
});
