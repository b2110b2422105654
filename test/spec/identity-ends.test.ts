/** An identity that ends takes its sessions along. [HS-11, EXT-11] */
import { describe, expect, it } from '@jest/globals';
import {
  CloseReason,
  type ContainerOptions,
  OnClose,
  OnMessage,
  OnOpen,
  ServerContainer,
  ServerEndpoint,
  type ServerEndpointOptions,
  Session,
} from 'margay';
import type { Offer, Transport } from '../../src/transport/spi.js';
import { ask } from '../support/ask.js';
import { eventually, gate, sleep } from '../support/eventually.js';
import { RawPeer, upgradeRequest } from '../support/raw-peer.js';
import { start } from '../support/start.js';

const ENDED = 'This connection was opened under an authenticated HTTP session that has ended.';

/** HTTP sessions as a store might keep them. */
class Store {
  /** By id, who wants to know of its end. */
  readonly listeners = new Map<string, Set<() => void>>();
  readonly gone = new Set<string>();

  readonly subscribe = (id: string, ended: () => void): (() => void) => {
    if (this.gone.has(id)) ended();
    const all = this.listeners.get(id) ?? new Set();
    this.listeners.set(id, all.add(ended));
    return () => void all.delete(ended);
  };

  end(id: string): void {
    this.gone.add(id);
    for (const ended of [...(this.listeners.get(id) ?? [])]) ended();
  }

  count(id: string): number {
    return this.listeners.get(id)?.size ?? 0;
  }
}

/** `/talk`, with what its sessions were told at their end. */
async function talking(own: Partial<ServerEndpointOptions>, options: ContainerOptions) {
  const trace: unknown[] = [];
  @ServerEndpoint({ value: '/talk', ...own })
  class Talk {
    @OnOpen
    open(): void {
      trace.push('open');
    }
    @OnMessage
    text(message: string): string {
      return message;
    }
    @OnClose
    close(reason: CloseReason): void {
      trace.push([reason.getCloseCode().getCode(), reason.getReasonPhrase()]);
    }
  }
  const started = await start(Talk, options);
  return { trace, ...started };
}

type Dialled = Awaited<ReturnType<Awaited<ReturnType<typeof talking>>['dial']>>;

/** Whether it still answers. */
async function answers(peer: Dialled): Promise<boolean> {
  peer.send('still there');
  return (await peer.next()) === 'still there';
}

describe('[HS-11] a principal that expires', () => {
  it('on a protected endpoint closes the session with 1008 at that moment, with the same reason on both sides', async () => {
    const expires = new Date(Date.now() + 400);
    const { dial, trace } = await talking({ rolesAllowed: ['*'] }, { authenticate: () => ({ name: 'ann', expires }) });
    const peer = await dial('/talk');
    expect(await answers(peer)).toBe(true);
    const { code, phrase } = await peer.closed;
    expect(Date.now()).toBeGreaterThanOrEqual(expires.getTime());
    expect([code, phrase]).toEqual([1008, 'The authenticated identity of this connection has expired.']);
    await eventually(() => expect(trace).toEqual(['open', [code, phrase]]));
  });

  it('on an unprotected endpoint leaves it alone', async () => {
    const expires = new Date(Date.now() + 100);
    const { dial } = await talking({}, { authenticate: () => ({ name: 'ann', expires }) });
    const peer = await dial('/talk');
    await sleep(200);
    expect(await answers(peer)).toBe(true);
  });

  it('in longer than a timer of node’s can wait does not close it now', async () => {
    const expires = new Date(Date.now() + 2 ** 31 + 1000);
    const { dial } = await talking({ rolesAllowed: ['*'] }, { authenticate: () => ({ name: 'ann', expires }) });
    const peer = await dial('/talk');
    await sleep(50); // node would fire after 1 ms
    expect(await answers(peer)).toBe(true);
  });

  it('later than it said at first, since it was used, closes it later', async () => {
    let until = Date.now() + 100;
    const ann = {
      name: 'ann',
      get expires() {
        return new Date(until);
      },
    };
    const { dial } = await talking({ rolesAllowed: ['*'] }, { authenticate: () => ann });
    const peer = await dial('/talk');
    until = Date.now() + 400;
    await sleep(150);
    expect(await answers(peer)).toBe(true);
    expect((await peer.closed).code).toBe(1008);
  });

  it('during an async @OnOpen closes it all the same, and once', async () => {
    const slow = gate();
    const trace: unknown[] = [];
    @ServerEndpoint({ value: '/slow', rolesAllowed: ['*'] })
    class Slow {
      @OnOpen
      async open(): Promise<void> {
        await slow.promise;
        trace.push('open');
      }
      @OnClose
      close(reason: CloseReason): void {
        trace.push(reason.getCloseCode().getCode());
      }
    }
    const expires = new Date(Date.now() + 150);
    const { dial } = await start(Slow, { authenticate: () => ({ name: 'ann', expires }) });
    expect((await (await dial('/slow')).closed).code).toBe(1008);
    slow.open();
    await eventually(() => expect(trace).toEqual(['open', 1008]));
  });
});

describe('[EXT-11] an HTTP session that ends', () => {
  const withStore = (store: Store, more: ContainerOptions = {}): ContainerOptions => ({
    authenticate: (request) => (request.headers['x-user'] === undefined ? null : { name: String(request.headers['x-user']) }),
    httpSession: (request) => (request.headers['x-session'] === undefined ? null : { id: String(request.headers['x-session']) }),
    onSessionEnd: store.subscribe,
    ...more,
  });

  it('[HS-11] closes those that were opened under it with a principal, with 1008, and nobody else', async () => {
    const store = new Store();
    const { dial, trace } = await talking({ rolesAllowed: ['*'] }, withStore(store));
    const headers = (session: string) => ({ headers: { 'X-User': 'ann', 'X-Session': session } });
    const [one, two, other] = [await dial('/talk', headers('a')), await dial('/talk', headers('a')), await dial('/talk', headers('b'))];
    store.end('a');
    const closed = { code: 1008, phrase: ENDED };
    expect([await one.closed, await two.closed]).toEqual([closed, closed]);
    expect(await answers(other)).toBe(true);
    await eventually(() =>
      expect(trace.slice(3)).toEqual([
        [1008, ENDED],
        [1008, ENDED],
      ]),
    );
  });

  it.each([
    ['without a principal', { 'X-Session': 'a' }],
    ['without an HTTP session', { 'X-User': 'ann' }],
  ])('leaves alone what was opened %s, and does not watch it', async (_what, headers) => {
    const store = new Store();
    const { dial } = await talking({}, withStore(store));
    const peer = await dial('/talk', { headers });
    expect(store.listeners.size).toBe(0);
    store.end('a');
    expect(await answers(peer)).toBe(true);
  });

  it('that had ended when the session was opened closes it at once, behind @OnOpen', async () => {
    const store = new Store();
    store.end('a');
    const { dial, trace } = await talking({}, withStore(store));
    const peer = await dial('/talk', { headers: { 'X-User': 'ann', 'X-Session': 'a' } });
    expect(await peer.closed).toEqual({ code: 1008, phrase: ENDED });
    await eventually(() => expect(trace).toEqual(['open', [1008, ENDED]]));
    expect(store.count('a')).toBe(0);
  });

  it('is not watched any longer once the session has closed, whoever closed it', async () => {
    const store = new Store();
    const { dial } = await talking({}, withStore(store));
    const options = { headers: { 'X-User': 'ann', 'X-Session': 'a' } };
    const [one, two] = [await dial('/talk', options), await dial('/talk', options)];
    expect(store.count('a')).toBe(2);
    await one.close();
    await eventually(() => expect(store.count('a')).toBe(1));
    two.socket.terminate();
    await eventually(() => expect(store.count('a')).toBe(0));
  });

  it('is not watched for a peer that has left before the session opened', async () => {
    const store = new Store();
    const asked = gate();
    const hook = gate();
    const httpSession = async () => {
      asked.open();
      await hook.promise;
      return { id: 'a' };
    };
    const { port } = await talking({}, withStore(store, { httpSession }));
    const peer = await RawPeer.connect({ port });
    peer.send(upgradeRequest('/talk', ['X-User: ann']));
    await asked.promise;
    peer.reset();
    await sleep(30);
    hook.open();
    await sleep(30);
    expect(store.count('a')).toBe(0);
  });

  it('is not watched for a peer that an engine found gone only when it was to switch', async () => {
    const store = new Store();
    const watchers: number[] = [];
    const lines = { host: 'localhost', upgrade: 'websocket', connection: 'upgrade', 'sec-websocket-version': '13' };
    const key = 'x3JJHMbDL1EzLkh9GBhXDw==';
    const offer: Offer = {
      ...{ method: 'GET', target: '/talk', httpVersion: '1.1', secure: false, shared: false, rawHeaders: [] },
      ...{ peer: { address: '', port: -1 }, local: { address: '', port: -1 } },
      headers: new Map(Object.entries({ ...lines, 'sec-websocket-key': key }).map(([name, line]) => [name, [line]])),
      request: { headers: { 'x-user': 'ann', 'x-session': 'a' } } as never,
      accept: () => void watchers.push(store.count('a')),
      decline: (status) => void watchers.push(status),
      onAborted() {},
    };
    const transport: Transport = { start: (gate) => void gate.offer(offer), stop: async () => {} };
    @ServerEndpoint('/talk')
    class Talk {}
    const container = new ServerContainer(withStore(store, { transport }));
    await container.addEndpoint(Talk);
    await container.listen();
    await eventually(() => expect(watchers).toEqual([1]));
    expect(store.count('a')).toBe(0);
    await container.close();
  });

  it.each<[string, ContainerOptions]>([
    ['a session without an id', { httpSession: () => ({}) }],
    ['onSessionEnd that returns nothing', { onSessionEnd: () => undefined as never }],
    [
      'onSessionEnd that throws',
      {
        onSessionEnd: () => {
          throw new Error('no store');
        },
      },
    ],
  ])('%s cannot be watched: 500, logged, not an identity that never ends', async (_what, more) => {
    const { port, log } = await talking({}, withStore(new Store(), more));
    const { status } = await ask({ port }, { headers: { 'X-User': 'ann', 'X-Session': 'a' } });
    expect([status, log.filter(({ level }) => level === 'error').map(({ code }) => code)]).toEqual([500, ['MARGAY_HOOK_FAILED']]);
  });

  it('[CLO-9] that a store declares over while a session leaves it closes that session no second time', async () => {
    const onSessionEnd = (_id: string, ended: () => void) => ended;
    const { dial, trace } = await talking({}, withStore(new Store(), { onSessionEnd }));
    const peer = await dial('/talk', { headers: { 'X-User': 'ann', 'X-Session': 'a' } });
    expect((await peer.close(1000)).code).toBe(1000);
    await sleep(50);
    expect(trace).toEqual(['open', [1000, '']]);
  });

  it('whose unsubscribing fails costs nothing but a log line', async () => {
    const onSessionEnd = () => () => {
      throw new Error('no store');
    };
    const { dial, log, trace } = await talking({}, withStore(new Store(), { onSessionEnd }));
    const peer = await dial('/talk', { headers: { 'X-User': 'ann', 'X-Session': 'a' } });
    expect((await peer.close(1000)).code).toBe(1000);
    await eventually(() => expect(trace).toEqual(['open', [1000, '']]));
    expect(log.filter(({ level }) => level === 'error').map(({ code }) => code)).toEqual(['MARGAY_HOOK_FAILED']);
  });

  it('leaves @OnClose the principal it was opened with', async () => {
    const store = new Store();
    const seen: unknown[] = [];
    @ServerEndpoint('/talk')
    class Talk {
      @OnClose
      close(session: Session): void {
        seen.push(session.getUserPrincipal()?.name);
      }
    }
    const { dial } = await start(Talk, withStore(store));
    const peer = await dial('/talk', { headers: { 'X-User': 'ann', 'X-Session': 'a' } });
    store.end('a');
    await peer.closed;
    await eventually(() => expect(seen).toEqual(['ann']));
  });
});
