/** A client that comes back to servers that restart, networks that fail, and peers that say nothing any more. */
import { describe, expect, it } from '@jest/globals';
import {
  ClientEndpoint,
  CloseReason,
  type ConnectOptions,
  OnClose,
  OnMessage,
  OnOpen,
  type ServerContainer,
  ServerEndpoint,
  Session,
  serve,
  statistics,
} from 'margay';
import type { Connection } from '../../src/runtime/connection.js';
import { eventually, sleep } from '../support/eventually.js';
import { faraway } from '../support/fake-reach.js';
import { withFastSeconds } from '../support/fast-seconds.js';
import { FaultyProxy } from '../support/faulty-proxy.js';
import { backTo, handles } from '../support/handles.js';
import { seed } from '../support/property.js';
import { randomFrom } from '../support/random-streams.js';
import { type RawServer, rawServer, switching } from '../support/raw-server.js';
import { sideBySide } from '../support/side-by-side.js';
import { start } from '../support/start.js';

withFastSeconds();

/** What servers got, each message once for each time. */
const received: string[] = [];

@ServerEndpoint('/count')
class Counting {
  @OnMessage count(id: string): void {
    received.push(id);
  }
}

/** A client's latest session, and why its sessions ended. */
function client() {
  const reasons: string[] = [];
  const of = { session: null as unknown as Session, opened: 0, reasons };
  @ClientEndpoint
  class Client {
    @OnOpen open(session: Session): void {
      of.session = session;
      of.opened++;
    }

    @OnClose close(reason: CloseReason): void {
      reasons.push(String(reason));
    }
  }
  return { of, endpoint: new Client() };
}

const SOON = { minDelay: 5, maxDelay: 20 };
const SILENT = { debug() {}, info() {}, warn() {}, error() {} };

describe('a server', () => {
  it('that restarts on its port is come back to, with what was sent meanwhile', async () => {
    const before = handles();
    const { container } = await start([]);
    const { of, endpoint } = client();
    let port = 0;
    const up = async (): Promise<ServerContainer> => {
      const server = await serve({ endpoints: [Counting], port, host: '127.0.0.1', logger: SILENT, shutdownTimeout: 500 });
      port = Number(new URL(server.url).port);
      return server;
    };
    let server = await up();
    await container.connectToServer(endpoint, `ws://127.0.0.1:${port}/count`, { reconnect: { ...SOON, queue: 10 } });
    for (let round = 1; round <= 3; round++) {
      await server.close();
      await eventually(() => expect(of.session.isOpen()).toBe(false));
      const sent = of.session.getBasicRemote().sendText(`restart ${round}`);
      await sleep(30); // and some attempts
      server = await up();
      await sent;
      await eventually(() => expect(received).toContain(`restart ${round}`));
      expect(of.opened).toBe(round + 1);
    }
    expect(of.reasons.every((reason) => reason.includes('1001'))).toBe(true);
    await of.session.close();
    await server.close();
    await container.close();
    await backTo(before);
  });

  it('that never answers the handshake is let go when the application closes: no socket, no timer', async () => {
    const { container } = await start([]);
    const before = handles();
    const { of, endpoint } = client();
    let isMute = false;
    const server = await rawServer((socket, head) => void (isMute || socket.write(switching(head))));
    const session = await container.connectToServer(endpoint, `ws://127.0.0.1:${server.port}/`, { reconnect: SOON });
    isMute = true;
    server.sockets[0]?.resetAndDestroy();
    await eventually(() => expect(server.heads).toHaveLength(2));
    await session.close();
    await eventually(() => expect(server.sockets[1]?.readableEnded || server.sockets[1]?.destroyed).toBe(true));
    await server.stop();
    await backTo(before);
    expect([of.opened, of.reasons.length]).toEqual([1, 1]);
  });
});

describe('a network', () => {
  it(`that cuts connections at any moment: nothing arrives twice, nothing that was refused, and all else in order [REM-15, seed ${seed}]`, async () => {
    const server = await start(Counting);
    const { container } = await start([]);
    await sideBySide(
      [0, 1, 2, 3],
      (row) => `seed ${seed + row}`,
      async (row) => {
        const random = randomFrom(seed + row);
        const proxy = await FaultyProxy.before(server.port);
        const { of, endpoint } = client();
        const options: ConnectOptions = { reconnect: { minDelay: 2, maxDelay: 5, queue: 50 } };
        await container.connectToServer(endpoint, `ws://127.0.0.1:${proxy.port}/count`, options);
        const refused: string[] = [];
        let kept = 0;
        for (let i = 0; i < 200; i++) {
          const id = `${row}:${i}`;
          if (!of.session.isOpen()) kept++;
          of.session
            .getBasicRemote()
            .sendText(id)
            .catch(() => refused.push(id));
          if (random(12) === 0) proxy.link[random(2) === 0 ? 'reset' : 'drop']();
          if (random(3) === 0) await sleep(random(4));
        }
        const mine = () => received.filter((id) => id.startsWith(`${row}:`)).map((id) => Number(id.slice(2)));
        let last = 200; // the first few may go to a connection that is cut already
        await eventually(async () => {
          await of.session.getBasicRemote().sendText(`${row}:${last++}`);
          expect(mine().some((id) => id >= 200)).toBe(true);
        });
        const ids = mine();
        expect(ids).toEqual([...new Set(ids)].sort((a, b) => a - b));
        for (const id of refused) expect(received).not.toContain(id);
        expect([of.opened > 3, kept > 0, ids.length > 50]).toEqual([true, true, true]);
      },
    );
  });

  it('twenty losses and a close leave no socket and no timer behind', async () => {
    const server = await start(Counting);
    const { container } = await start([]);
    const before = handles();
    const { of, endpoint } = client();
    const proxy = await FaultyProxy.before(server.port);
    await container.connectToServer(endpoint, `ws://127.0.0.1:${proxy.port}/count`, { reconnect: { minDelay: 1, maxDelay: 1 } });
    for (let i = 1; i <= 20; i++) {
      await eventually(() => expect([of.opened, of.session.isOpen()]).toEqual([i, true]));
      proxy.link.reset();
      await eventually(() => expect(of.reasons).toHaveLength(i));
    }
    await eventually(() => expect(of.opened).toBe(21));
    await of.session.close();
    await proxy.close();
    await backTo(before);
    await eventually(() => expect(of.reasons).toHaveLength(21));
  });
});

describe('the heartbeat of a client', () => {
  /** Says yes to every handshake, and nothing after it. */
  const mute = (): Promise<RawServer> => rawServer((socket, head) => void socket.write(switching(head)));

  it('[REL-12] drops a server that answers no ping, and the client comes back', async () => {
    const { container } = await start([]);
    const server = await mute();
    const { of, endpoint } = client();
    const how = { heartbeat: { interval: 150, missed: 1 }, reconnect: SOON };
    await container.connectToServer(endpoint, `ws://127.0.0.1:${server.port}/`, how);
    await eventually(() => expect(of.opened).toBeGreaterThan(2));
    expect(new Set(of.reasons)).toEqual(new Set(['CloseReason[1006,no answer to ping]']));
  });

  it('[REL-12] keeps asking a server that answers', async () => {
    const server = await start(Counting, { heartbeat: false });
    const { container } = await start([]);
    const { of, endpoint } = client();
    await container.connectToServer(endpoint, server.url('/count'), { heartbeat: { interval: 100, missed: 1 } });
    await eventually(() => expect(statistics(of.session).framesSent).toBeGreaterThan(4));
    await eventually(() => expect(statistics(of.session).framesReceived).toBeGreaterThan(4));
    expect([of.session.isOpen(), of.reasons]).toEqual([true, []]);
  });

  it('[REL-12] is off unless the connect asks for it, whatever the container does with its own sessions', async () => {
    const pace = { interval: 1000, missed: 3 };
    const table: [Parameters<typeof faraway>[0], ConnectOptions, unknown][] = [
      [{}, {}, null],
      [{ heartbeat: pace }, {}, null],
      [{ heartbeat: pace }, { heartbeat: false }, null],
      [{}, { heartbeat: pace }, pace],
      [{ heartbeat: false }, { heartbeat: { interval: 500 } }, { interval: 500, missed: 2 }],
    ];
    for (const [container, how, expected] of table) {
      const { connect, reach } = faraway(container);
      await connect(client().endpoint, how);
      expect((reach.channel.listener as Connection).settings.heartbeat).toEqual(expected);
    }
  });
});
