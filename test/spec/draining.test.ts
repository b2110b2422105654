/** The container stops under load: everybody is told, every @OnClose runs once, and nothing is left. [REL-16, D-32] */
import { afterEach, expect, it } from '@jest/globals';
import { CloseReason, OnClose, OnError, OnMessage, OnOpen, ServerContainer, ServerEndpoint, ServerEndpointConfig, Session } from 'margay';
import { ask } from '../support/ask.js';
import { eventually, gate } from '../support/eventually.js';
import { backTo, handles } from '../support/handles.js';
import { cert, key } from '../support/localhost-certificate.js';
import { RawPeer } from '../support/raw-peer.js';
import { start } from '../support/start.js';

const MiB = 2 ** 20;
const TIMEOUT = 500; // ms, shutdownTimeout
let container: ServerContainer | undefined;

afterEach(() => container?.close()); // also where a claim has failed: a server that listens would keep the process

const never = () => new Promise<never>(() => {});
const DRAINING = /^503 .*\[MARGAY_DRAINING\]$/;

/** Every @OnClose, by the session's id. */
class Closes {
  readonly #codes = new Map<string, number[]>();

  note(session: Session, reason: CloseReason): void {
    const codes = this.#codes.get(session.getId()) ?? [];
    this.#codes.set(session.getId(), [...codes, reason.getCloseCode().getCode()]);
  }

  get all(): readonly (readonly number[])[] {
    return [...this.#codes.values()];
  }
}

/** Endpoints that are busy in every way there is. */
function busy(closes: Closes) {
  @ServerEndpoint('/echo')
  class Echo {
    @OnMessage
    text(message: string): string {
      return message;
    }
    @OnClose
    close(session: Session, reason: CloseReason): void {
      closes.note(session, reason);
    }
  }
  /** Sends as long as it may. */
  @ServerEndpoint('/stream')
  class Stream {
    @OnOpen
    open(session: Session): void {
      this.#send(session).catch(() => {}); // a send that has not left when the session's time is over
    }
    @OnClose
    async close(session: Session, reason: CloseReason): Promise<void> {
      await new Promise((resolve) => setTimeout(resolve, 20));
      closes.note(session, reason);
    }
    async #send(session: Session): Promise<void> {
      while (session.isOpen()) {
        await session.getAsyncRemote().sendText('x'.repeat(10_000));
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
  }
  @ServerEndpoint('/flood')
  class Flood {
    @OnOpen
    open(session: Session): void {
      session
        .getAsyncRemote()
        .sendBinary(Buffer.alloc(16 * MiB))
        .catch(() => {});
    }
    @OnClose
    close(session: Session, reason: CloseReason): void {
      closes.note(session, reason);
    }
  }
  /** Nothing of it ever settles. */
  @ServerEndpoint('/hang')
  class Hang {
    @OnMessage
    text(_message: string): Promise<void> {
      return never();
    }
    @OnError
    error(_error: Error): Promise<void> {
      return never();
    }
    @OnClose
    close(session: Session, reason: CloseReason): Promise<void> {
      closes.note(session, reason);
      return never();
    }
  }
  class Undecided extends ServerEndpointConfig.Configurator {
    override checkOrigin(): Promise<boolean> {
      return never();
    }
  }
  @ServerEndpoint({ value: '/undecided', configurator: Undecided })
  class Hook {}
  return [Echo, Stream, Flood, Hang, Hook];
}

it.each([false, true])('[REL-16] container.close() under load, TLS: %j', async (secure) => {
  const before = handles();
  const closes = new Closes();
  const endpoints = busy(closes);
  const options = { shutdownTimeout: TIMEOUT, stuckCallbackAfter: 0, logger: { debug() {}, info() {}, warn() {}, error() {} } };
  container = new ServerContainer(options);
  for (const each of endpoints) await container.addEndpoint(each);
  const address = await container.listen({ port: 0, host: '127.0.0.1', ...(secure && { tls: { key, cert } }) });
  const open = (path: string, count: number) => Promise.all(Array.from({ length: count }, () => RawPeer.open(address, path, { secure })));

  const [echoes, streams, floods, hangs] = [
    await open('/echo', 6),
    await open('/stream', 4),
    await open('/flood', 3),
    await open('/hang', 3),
  ];
  for (const peer of floods) peer.stopReading();
  for (const peer of hangs) peer.text('hang');
  const undecided = Array.from({ length: 4 }, () => RawPeer.ask(address, '/undecided', { secure }));
  const talking = setInterval(() => {
    for (const peer of echoes) if (peer.socket.writable) peer.text('hello');
  }, 5);
  await Promise.all(echoes.map((peer) => peer.received(3)));
  await Promise.all(streams.map((peer) => peer.received(3)));

  const since = performance.now();
  const closed = container.close();
  const late = await ask(address, { target: '/echo', secure });
  expect(`${late.status} ${late.body}`).toMatch(DRAINING);
  expect(late.headers.get('retry-after')).toEqual(['5']);
  for (const peer of undecided) {
    const { status, body, headers, rest } = await peer.response();
    expect(`${status} ${body}`).toMatch(DRAINING);
    expect([headers.get('retry-after'), rest.length]).toEqual([['5'], 0]);
  }
  for (const peer of [...echoes, ...streams]) {
    expect(await peer.closeFrame()).toMatchObject({ code: 1001 });
    if (streams.includes(peer)) peer.close(1001); // the echoes' peers never answer
  }
  await closed;
  clearInterval(talking);
  expect(performance.now() - since).toBeLessThan(TIMEOUT + 1000 + 1000);
  expect(closes.all).toEqual(Array.from({ length: 16 }, () => [1001]));
  expect(container.statistics()).toMatchObject({ open: 0, opened: 16 });
  expect([...container.statistics().refused]).toEqual([[503, 5]]);
  RawPeer.dropAll();
  await backTo(before);
});

it('[REL-16] the @OnClose behind a callback that hangs and an @OnError that hangs runs all the same', async () => {
  const steps: string[] = [];
  @ServerEndpoint('/talk')
  class Talk {
    @OnMessage
    text(_message: string): Promise<void> {
      steps.push('message');
      return never();
    }
    @OnError
    error(_error: Error): Promise<void> {
      steps.push('error');
      return never();
    }
    @OnClose
    close(reason: CloseReason): void {
      steps.push(`close ${reason.getCloseCode().getCode()}`);
    }
  }
  const started = await start(Talk, { shutdownTimeout: 100 });
  const peer = await RawPeer.open(started, '/talk');
  peer.text('hang');
  await eventually(() => expect(steps).toEqual(['message']));
  peer.send({ opcode: 3 });
  await peer.closeFrame();
  await started.container.close();
  expect(steps).toEqual(['message', 'error', 'close 1002']);
});

it.each([false, true])('[REL-16] handshakes alone: their answers leave before the sockets go, TLS: %j', async (secure) => {
  class Undecided extends ServerEndpointConfig.Configurator {
    override checkOrigin(): Promise<boolean> {
      asked++;
      return never();
    }
  }
  let asked = 0;
  @ServerEndpoint({ value: '/undecided', configurator: Undecided })
  class Hook {}
  const started = await start(Hook, secure ? ({ tls: { key, cert } } as object) : {});
  const peers = Array.from({ length: 20 }, () => RawPeer.ask(started, '/undecided', { secure }));
  await eventually(() => expect(asked).toBe(peers.length));
  await started.container.close();
  for (const peer of peers) {
    const { status, body } = await peer.response();
    expect(`${status} ${body}`).toMatch(DRAINING);
    await peer.finished();
    expect(peer.error).toBe(null);
  }
});

it('[REL-16] a handshake that is being decided is refused at once, while sessions still have their time', async () => {
  const hook = gate<boolean>();
  const closing = gate();
  class Hooks extends ServerEndpointConfig.Configurator {
    override checkOrigin(): Promise<boolean> {
      return hook.promise;
    }
  }
  const opens: unknown[] = [];
  @ServerEndpoint({ value: '/slow', configurator: Hooks })
  class Slow {
    @OnOpen
    open(): void {
      opens.push(1);
    }
  }
  let isClosing = false;
  @ServerEndpoint('/talk')
  class Talk {
    @OnClose
    close(): Promise<void> {
      isClosing = true;
      return closing.promise;
    }
  }
  const started = await start([Slow, Talk]);
  await RawPeer.open(started, '/talk');
  const peer = RawPeer.ask(started, '/slow');
  await eventually(async () => expect((await ask(started, { target: '/nowhere' })).status).toBe(404));
  let isOver = false;
  const closed = started.container.close().then(() => {
    isOver = true;
  });
  const { status, body } = await peer.response();
  expect(`${status} ${body}`).toMatch(DRAINING);
  await eventually(() => expect(isClosing).toBe(true));
  expect(isOver).toBe(false);
  hook.open(true);
  closing.open();
  await closed;
  expect(opens).toEqual([]);
});
