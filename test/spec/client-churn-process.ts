/** A client in a process of its own, beside the server it connects to, which counts what there is of everything. */
import { createServer, type Server } from 'node:net';
import { setTimeout as after } from 'node:timers/promises';
import {
  ClientEndpoint,
  ClientEndpointConfig,
  ContainerProvider,
  Decoder,
  Encoder,
  Endpoint,
  OnClose,
  OnError,
  OnMessage,
  OnOpen,
  ServerContainer,
  ServerEndpoint,
  Session,
} from '../../src/index.js';
import { ticker } from '../../src/runtime/ticker.js';
import { type Census, census } from '../support/census.js';
import { cert, key } from '../support/localhost-certificate.js';
import { held } from '../support/memory.js';

/** What there is, and how often things have come and gone. */
export interface ClientStock {
  readonly resources: readonly string[];
  readonly ticking: number;
  readonly open: number;
  /** Bytes. */
  readonly held: number;
  readonly census: Census;
  readonly opened: number;
  readonly closed: number;
  readonly failed: Readonly<Record<string, number>>;
  readonly coders: number;
}

const counts = { opened: 0, closed: 0, coders: 0 };
const failed: Record<string, number> = {};
const kept: Session[] = [];
let keeps = false;

class Tick {}

class TickDecoder extends Decoder.Text(Tick) {
  override init(): void {
    counts.coders++;
  }
  decode(): Tick {
    return new Tick();
  }
  override destroy(): void {
    counts.coders--;
  }
}

class TickEncoder extends Encoder.Text(Tick) {
  override init(): void {
    counts.coders++;
  }
  encode(): string {
    return 'tick';
  }
  override destroy(): void {
    counts.coders--;
  }
}

@ServerEndpoint('/talk')
class Talk {
  @OnMessage text(message: string, session: Session): Promise<void> | string {
    return message === 'bye' ? session.close() : message;
  }
}

@ClientEndpoint({ decoders: [TickDecoder], encoders: [TickEncoder] })
class Client {
  answered: () => void = () => {};

  @OnOpen open(session: Session): void {
    counts.opened++;
    if (keeps) kept.push(session);
  }
  @OnMessage tick(_tick: Tick): void {
    this.answered();
  }
  @OnClose close(): void {
    counts.closed++;
  }
  @OnError error(_error: Error): void {}
}

class Failing extends Endpoint {
  async onOpen(_session: Session): Promise<void> {
    await after(1);
    throw new Error('on purpose');
  }
  override onError(): void {}
}

/** Says what it is told to, and ends. */
async function listening(answer: string): Promise<{ readonly server: Server; readonly url: string }> {
  const server = createServer((socket) => socket.on('error', () => {}).once('data', () => socket.end(answer)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  return { server, url: `ws://127.0.0.1:${port}/` };
}

const quiet = { debug() {}, info() {}, warn() {}, error() {} };
const container = new ServerContainer({ logger: quiet, perMessageDeflate: true });
await container.addEndpoint(Talk);
const { port } = await container.listen({ port: 0, host: '127.0.0.1' });
const secure = new ServerContainer({ logger: quiet });
await secure.addEndpoint(Talk);
const { port: tlsPort } = await secure.listen({ port: 0, host: '127.0.0.1', tls: { cert, key } });
const nonsense = await listening(
  'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: no\r\n\r\n',
);
const redirecting = await listening(
  `HTTP/1.1 302 Found\r\nLocation: ws://127.0.0.1:${port}/talk\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`,
);

const own = ContainerProvider.getWebSocketContainer();
const talk = `ws://127.0.0.1:${port}/talk`;
const deflate = { getName: () => 'permessage-deflate', getParameters: () => [] };

async function lived(session: Session): Promise<void> {
  while (session.isOpen()) await after(1);
}

async function fails(connecting: Promise<Session>): Promise<void> {
  const code = await connecting.then(
    () => 'none',
    (error: { code: string }) => error.code,
  );
  failed[code] = (failed[code] ?? 0) + 1;
}

/** Every way to come and go. */
const WAYS: readonly (() => Promise<void>)[] = [
  async function weClose() {
    await (await own.connectToServer(Client, talk)).close();
  },
  async function theServerCloses() {
    const session = await own.connectToServer(Client, talk);
    await session.getBasicRemote().sendText('bye');
    await lived(session);
  },
  async function anAnswer() {
    const client = new Client();
    const answered = new Promise<void>((resolve) => {
      client.answered = resolve;
    });
    const session = await own.connectToServer(client, talk);
    await session.getBasicRemote().sendObject(new Tick());
    await answered;
    await session.close();
  },
  async function onOpenFails() {
    await fails(own.connectToServer(Failing, null, talk));
  },
  async function nobodyThere() {
    await fails(own.connectToServer(Client, `ws://127.0.0.1:${port}/nowhere`));
  },
  async function refused() {
    await fails(own.connectToServer(Client, 'ws://127.0.0.1:1/'));
  },
  async function aWrongAnswer() {
    await fails(own.connectToServer(Client, nonsense.url));
  },
  async function redirected() {
    await (await own.connectToServer(Client, redirecting.url)).close();
  },
  async function compressed() {
    const config = ClientEndpointConfig.Builder.create().extensions([deflate]).build();
    class Deflating extends Endpoint {
      onOpen(session: Session): void {
        session.addMessageHandler(String, () => void session.close());
      }
    }
    const session = await own.connectToServer(Deflating, config, talk);
    await session.getBasicRemote().sendText('What is compressed well, '.repeat(50));
    await lived(session);
  },
  async function fromAServer() {
    const session = await container.connectToServer(Client, talk);
    void session.close();
    await lived(session);
  },
  async function comingBack() {
    const session = await own.connectToServer(Client, talk, { reconnect: true, heartbeat: { interval: 60_000 } });
    await session.getBasicRemote().sendText('bye'); // 1000: nobody comes back
    await lived(session);
  },
];

/** Of a container of its own, which closes while some have come and some have not. */
async function throughAnother(): Promise<void> {
  const another = new ServerContainer({ logger: quiet, shutdownTimeout: 500 });
  const connecting = [0, 1, 2].map(() => another.connectToServer(Client, talk));
  const settled = Promise.allSettled(connecting);
  await after(1);
  await another.close();
  await settled;
}

async function overTls(): Promise<void> {
  const session = await own.connectToServer(Client, `wss://localhost:${tlsPort}/talk`, { sslContext: { ca: cert } });
  await session.close();
}

async function churn(count: number): Promise<void> {
  const rows = Array.from({ length: count }, (_, i) => i).values();
  const worker = async () => {
    for (const i of rows) {
      if (i % 250 === 7) await throughAnother();
      else if (i % 100 === 9) await overTls();
      else await WAYS[i % WAYS.length]?.();
    }
  };
  await Promise.all(Array.from({ length: 32 }, worker));
}

async function stock(): Promise<ClientStock> {
  const open = () => container.statistics().open + secure.statistics().open;
  for (let i = 0; i < 300 && open() + ticker.size + (counts.opened - counts.closed) > 0; i++) await after(10);
  await after(100); // the last sockets' own end
  return {
    resources: process.getActiveResourcesInfo().sort(),
    ticking: ticker.size,
    open: open(),
    held: await held(),
    census: await census(),
    failed: { ...failed },
    ...counts,
  };
}

process.on('message', async (question: number | 'keep') => {
  if (question === 'keep') keeps = true;
  else await churn(question);
  process.send?.(await stock());
});
process.send?.('ready');
