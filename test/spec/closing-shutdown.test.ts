/** The container stops. [CLO-14, D-32] */
import { describe, expect, it, jest } from '@jest/globals';
import { CloseReason, OnClose, OnMessage, OnOpen, ServerEndpoint, ServerEndpointConfig, Session } from 'margay';
import type { Transport } from 'margay/spi';
import { eventually, gate } from '../support/eventually.js';
import { fail } from '../support/failing.js';
import { RawPeer } from '../support/raw-peer.js';
import { start } from '../support/start.js';

describe('[CLO-14, D-32] container.close()', () => {
  it('closes every session with 1001 and a phrase, the same locally', async () => {
    const closes: string[] = [];
    @ServerEndpoint('/talk')
    class Talk {
      @OnClose
      close(reason: CloseReason): void {
        closes.push(`${reason.getCloseCode()} ${reason.getReasonPhrase()}`);
      }
    }
    const started = await start(Talk);
    const peers = [await RawPeer.open(started, '/talk'), await RawPeer.open(started, '/talk')];
    const closed = started.container.close();
    for (const peer of peers) {
      const frame = await peer.closeFrame();
      expect(frame?.code).toBe(1001);
      expect(frame?.phrase).not.toBe('');
      expect(closes).toContain(`GOING_AWAY ${frame?.phrase}`);
      peer.close(1001);
      peer.end();
    }
    await closed;
    expect(closes).toHaveLength(2);
  });

  it('[CLO-14] flushes what was sent before', async () => {
    let session!: Session;
    @ServerEndpoint('/talk')
    class Talk {
      @OnOpen
      open(opened: Session): void {
        session = opened;
      }
    }
    const started = await start(Talk);
    const peer = await RawPeer.open(started, '/talk');
    void session.getBasicRemote().sendText('last words');
    const closed = started.container.close();
    expect(await peer.closeFrame()).toMatchObject({ code: 1001 });
    expect(peer.texts).toEqual(['last words']);
    peer.close(1001);
    peer.end();
    await closed;
  });

  it('gives running callbacks and every onClose shutdownTimeout in all, then names what still runs and goes', async () => {
    const never = gate();
    const steps: string[] = [];
    @ServerEndpoint('/talk')
    class Talk {
      @OnMessage
      async text(_message: string): Promise<void> {
        steps.push('running');
        await never.promise;
      }
      @OnClose
      close(reason: CloseReason): void {
        steps.push(`onClose ${reason.getCloseCode().getCode()}`);
      }
    }
    const started = await start(Talk, { shutdownTimeout: 300 });
    const peer = await RawPeer.open(started, '/talk');
    peer.text('hang');
    await eventually(() => expect(steps).toEqual(['running']));
    const since = performance.now();
    await started.container.close(); // nor does the peer ever answer
    const took = performance.now() - since;
    expect(steps).toEqual(['running', 'onClose 1001']);
    expect(took).toBeGreaterThan(290);
    expect(took).toBeLessThan(300 + 1000 + 300);
    expect(started.log).toContainEqual(expect.objectContaining({ code: 'MARGAY_ABANDONED_CALLBACK', member: 'text' }));
    await peer.ended();
    never.open();
  });

  it('goes too when an onClose never settles', async () => {
    const never = gate();
    @ServerEndpoint('/talk')
    class Talk {
      @OnClose
      close(): Promise<void> {
        return never.promise;
      }
    }
    const started = await start(Talk, { shutdownTimeout: 200 });
    const peer = await RawPeer.open(started, '/talk');
    const since = performance.now();
    const closed = started.container.close();
    await peer.closeFrame();
    peer.close(1001);
    peer.end();
    await closed;
    const took = performance.now() - since;
    expect(took).toBeGreaterThan(190);
    expect(took).toBeLessThan(200 + 1000 + 300);
    expect(started.log).toContainEqual(expect.objectContaining({ code: 'MARGAY_ABANDONED_CALLBACK', member: 'close' }));
    never.open();
  });

  it('waits at most a second for peers that do not answer, and not at all without sessions', async () => {
    @ServerEndpoint('/talk')
    class Talk {}
    const started = await start(Talk, { shutdownTimeout: 5000 });
    await RawPeer.open(started, '/talk');
    const since = performance.now();
    await started.container.close();
    expect(performance.now() - since).toBeLessThan(1400);

    const idle = await start(Talk);
    const again = performance.now();
    await idle.container.close();
    expect(performance.now() - again).toBeLessThan(300);
  });

  it('answers new upgrades with 503 while it drains, and asks no hook about them', async () => {
    const never = gate();
    const origins: unknown[] = [];
    class Hooks extends ServerEndpointConfig.Configurator {
      override checkOrigin(origin: string | null): boolean {
        origins.push(origin);
        return true;
      }
    }
    @ServerEndpoint({ value: '/talk', configurator: Hooks })
    class Talk {
      @OnClose
      close(): Promise<void> {
        return never.promise;
      }
    }
    const started = await start(Talk);
    await RawPeer.open(started, '/talk');
    const closed = started.container.close();
    await expect(RawPeer.open(started, '/talk', { lines: ['Origin: http://late.example'] })).rejects.toThrow(/^503 .*\[MARGAY_DRAINING\]$/);
    expect(origins).toEqual([null]);
    never.open();
    await closed;
  });

  it('[REL-14] leaves no timer behind that would keep the process', async () => {
    const made = jest.spyOn(globalThis, 'setTimeout');
    const cleared = jest.spyOn(globalThis, 'clearTimeout');
    @ServerEndpoint('/talk')
    class Talk {}
    const started = await start(Talk, { shutdownTimeout: 60_000, closeTimeout: 50_000 });
    const peer = await RawPeer.open(started, '/talk');
    const closed = started.container.close();
    await peer.closeFrame();
    peer.close(1001);
    await peer.finished();
    await closed;
    const long = made.mock.results.filter((_, call) => (made.mock.calls[call]?.[1] ?? 0) >= 50_000).map(({ value }) => value);
    const gone = new Set<unknown>(cleared.mock.calls.map(([timer]) => timer));
    jest.restoreAllMocks();
    expect(long.length).toBeGreaterThanOrEqual(2); // one for the callbacks, one for the peer's frame
    expect(long.filter((timer) => !gone.has(timer))).toEqual([]);
  });

  it('is idempotent, and frees the port', async () => {
    @ServerEndpoint('/talk')
    class Talk {}
    const started = await start(Talk);
    const { container } = started;
    expect(container.close()).toBe(container.close());
    await container.close();
    await expect(RawPeer.open(started, '/talk')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it.each(['throws', 'rejects'] as const)('never rejects, even if an engine of the application %s when it stops', async (way) => {
    class Stubborn implements Transport {
      readonly address = { host: '127.0.0.1', port: 1, secure: false };
      start(): void {}
      stop(): Promise<void> {
        return fail(way, new Error('no'));
      }
    }
    @ServerEndpoint('/talk')
    class Talk {}
    const { container, log } = await start(Talk, { transport: new Stubborn() });
    await container.close();
    expect(log.filter(({ code }) => code === 'MARGAY_DESTROY')).toMatchObject([{ level: 'warn', class: 'Stubborn' }]);
  });
});
