/** A server in a process of its own, to which connections come and go in every way. Run by churn.test.ts, which asks it what is left. */
import { readdirSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { setTimeout as after } from 'node:timers/promises';
import {
  type ContainerOptions,
  Encoder,
  InputStream,
  OnClose,
  OnError,
  OnMessage,
  OnOpen,
  openSessions,
  PathParam,
  resume,
  ServerContainer,
  ServerEndpoint,
  ServerEndpointConfig,
  Session,
  suspend,
} from '../../src/index.js';
import { ticker } from '../../src/runtime/ticker.js';
import { type Census, census } from '../support/census.js';
import { authority } from '../support/client-certificate.js';
import { cert, key } from '../support/localhost-certificate.js';
import { held } from '../support/memory.js';

/** What there is, and how often things have come and gone. */
export interface Stock {
  readonly descriptors: number;
  readonly resources: readonly string[];
  readonly open: number;
  readonly registered: number;
  readonly ticking: number;
  /** Bytes. */
  readonly held: number;
  readonly census: Census;
  readonly opened: number;
  readonly closed: number;
  readonly created: number;
  readonly destroyed: number;
  readonly coders: number;
  readonly subscriptions: number;
}

const counts = { opened: 0, closed: 0, created: 0, destroyed: 0, coders: 0, subscriptions: 0 };
const kept: Session[] = [];
let keeps = false;

class Parcel {}

class ParcelEncoder extends Encoder.Text(Parcel) {
  override init(): void {
    counts.coders++;
  }
  override async encode(_parcel: Parcel): Promise<string> {
    await after(20);
    return 'a parcel';
  }
  override destroy(): void {
    counts.coders--;
  }
}

const LARGE = 'It is a truth universally acknowledged, that '.repeat(20_000);

@ServerEndpoint({ value: '/talk/{name}', encoders: [ParcelEncoder] })
class Talk {
  @OnOpen
  async open(session: Session, @PathParam('name') name: string): Promise<void> {
    if (keeps) kept.push(session);
    if (name === 'late') await after(5);
    if (name === 'failing') throw new Error('on purpose');
    counts.opened++;
  }

  @OnMessage
  async text(session: Session, message: string): Promise<string | undefined> {
    const remote = session.getAsyncRemote();
    switch (message) {
      case 'bye':
        await session.close();
        return undefined;
      case 'parcel':
        remote.sendObject(new Parcel()).catch(() => {});
        return undefined;
      case 'flood':
        for (let i = 0; i < 8; i++) remote.sendText(LARGE).catch(() => {});
        return undefined;
      case 'suspend':
        suspend(session);
        setTimeout(() => session.isOpen() && resume(session), 20); // until then nobody notices that the peer is gone
        return undefined;
      case 'wait':
        await after(30);
        return 'late';
      default:
        return message;
    }
  }

  @OnMessage
  async bytes(stream: InputStream): Promise<string> {
    let size = 0;
    for await (const chunk of stream) {
      size += chunk.length;
      await after(10);
    }
    return String(size);
  }

  @OnClose
  close(): void {
    counts.closed++;
  }

  @OnError
  error(_error: Error): void {}
}

const ends = new Map<string, () => void>();
const options: ContainerOptions = {
  logger: { debug() {}, info() {}, warn() {}, error() {} },
  perMessageDeflate: true,
  closeTimeout: 500,
  rolesAllowed: ['*'],
  async authenticate(request) {
    if (request.headers['x-hesitate'] !== undefined) await after(10);
    return request.headers['x-stranger'] === undefined ? { name: 'ann', expires: new Date(Date.now() + 600_000) } : null;
  },
  httpSession: (request) => (request.headers['x-session'] === undefined ? null : { id: String(request.headers['x-session']) }),
  onSessionEnd(id, end) {
    counts.subscriptions++;
    ends.set(id, end);
    setTimeout(end, 5).unref();
    return () => {
      counts.subscriptions--;
      ends.delete(id);
    };
  },
  instanceManager: {
    create: (type) => {
      counts.created++;
      return new type();
    },
    destroy() {
      counts.destroyed++;
    },
  },
};

const container = new ServerContainer(options);
await container.addEndpoint(Talk);
const { port } = await container.listen({ port: 0, host: '127.0.0.1' });

const secure = createHttpsServer({ cert, key, ca: authority, requestCert: true, rejectUnauthorized: false });
await container.attach(secure);
const handing = createHttpServer().on('upgrade', (request, socket, head) => {
  const config = ServerEndpointConfig.Builder.create(Talk, '/handed').encoders([ParcelEncoder]).build();
  container.upgradeHttpToWebSocket(request, socket, head, config, { name: 'handed' }).catch(() => {});
});

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

async function stock(): Promise<Stock> {
  for (let i = 0; i < 300 && container.statistics().open + ticker.size > 0; i++) await after(20);
  await after(50); // the last sockets' own end
  return {
    descriptors: process.platform === 'linux' ? readdirSync('/proc/self/fd').length : 0,
    resources: process.getActiveResourcesInfo().sort(),
    open: container.statistics().open,
    registered: openSessions(container, Talk).size + ends.size,
    ticking: ticker.size,
    held: await held(),
    census: await census(),
    ...counts,
  };
}

process.on('message', async (question) => {
  if (question === 'keep') keeps = true;
  else process.send?.(await stock());
});
process.send?.({ plain: port, secure: await listening(secure), handing: await listening(handing) });
