/**
 * A process of its own in which every callback fails in every way, and promises are dropped; it prints what reached the
 * process, and what was logged, as JSON. Run by test/spec/lifecycle-process.test.ts.
 */
import {
  type LogFields,
  OnClose,
  OnError,
  OnMessage,
  OnOpen,
  PongMessage,
  ServerContainer,
  ServerEndpoint,
  Session,
  serve,
} from '../../src/index.js';
import { sleep } from '../support/eventually.js';
import { Peer } from '../support/peer.js';

const escaped: string[] = [];
process.on('unhandledRejection', (error) => escaped.push(`unhandledRejection ${String(error)}`));
process.on('uncaughtException', (error) => escaped.push(`uncaughtException ${String(error)}`));
process.on('warning', (warning) => escaped.push(`warning ${warning.name} ${warning.message}`));

/** Fails as the path says. */
function fail(how: string): unknown {
  const bare: unknown = Object.create(null);
  switch (how) {
    case 'throws':
      throw new Error('thrown');
    case 'rejects':
      return Promise.reject(new Error('rejected'));
    case 'later':
      return sleep(5).then(() => {
        throw new Error('rejected later');
      });
    case 'bare':
      throw bare;
    case 'bareLater':
      return Promise.reject(bare);
    case 'nothing':
      throw undefined;
    case 'getter':
      return {
        // biome-ignore lint/suspicious/noThenProperty: this is what is tested
        get then() {
          throw new Error('no then');
        },
      };
    default:
      return {
        // biome-ignore lint/suspicious/noThenProperty: this is what is tested
        then(_resolve: unknown, reject: (error: unknown) => void): void {
          setImmediate(() => reject(new Error('thenable')));
        },
      };
  }
}

const HOW = ['throws', 'rejects', 'later', 'bare', 'bareLater', 'nothing', 'getter', 'thenable'];
let how = '';
let openFails = false;

@ServerEndpoint('/told')
class Told {
  @OnOpen open(): unknown {
    return openFails ? fail(how) : undefined;
  }

  @OnMessage text(_text: string): unknown {
    return fail(how);
  }

  @OnMessage binary(_part: Buffer, _last: boolean): unknown {
    return fail(how);
  }

  @OnMessage pong(_pong: PongMessage): unknown {
    return fail(how);
  }

  @OnError error(_error: Error): unknown {
    return fail(how);
  }

  @OnClose close(): unknown {
    return fail(how);
  }
}

@ServerEndpoint('/untold')
class Untold {
  @OnOpen open(): unknown {
    return openFails ? fail(how) : undefined;
  }

  @OnMessage text(_text: string): unknown {
    return fail(how);
  }

  @OnMessage binary(_part: Buffer, _last: boolean): unknown {
    return fail(how);
  }

  @OnMessage pong(_pong: PongMessage): unknown {
    return fail(how);
  }

  @OnClose close(): unknown {
    return fail(how);
  }
}

@ServerEndpoint('/drops')
class Drops {
  @OnMessage text(_text: string, session: Session): unknown {
    const [basic, async] = [session.getBasicRemote(), session.getAsyncRemote()];
    const drop = (): void => {
      void basic.sendText('x');
      void basic.sendBinary(Buffer.alloc(100_000));
      void basic.sendPing(Buffer.alloc(1));
      void basic.sendPong(Buffer.alloc(1));
      void async.sendText('x');
      async.sendText('x', () => {
        throw new Error('a handler throws');
      });
      async.sendText('x', { onResult: () => Promise.reject(new Error('a handler rejects')) as never });
      void session.close();
    };
    drop();
    drop();
    setTimeout(drop, 20);
    return sleep(5).then(() => 'after the close');
  }

  @OnError error(_error: Error, session: Session): void {
    void session.close();
  }

  @OnClose close(session: Session): void {
    void session.getBasicRemote().sendText('closed');
    void session.close();
    throw new Error('closed');
  }
}

const codes: string[] = [];
const note = (fields: LogFields): void => {
  codes.push(fields.code);
  throw new Error('a logger throws');
};
const container = await serve({
  endpoints: [Told, Untold, Drops],
  port: 0,
  host: '127.0.0.1',
  closeTimeout: 200,
  shutdownTimeout: 500,
  logger: { debug: note, info: note, warn: note, error: note },
});
void container.addEndpoint(class Late {});
void new ServerContainer().addEndpoint(class Early {});
const base = container.url.replace('http', 'ws');

for (how of HOW) {
  for (const path of ['/told', '/untold']) {
    for (const end of ['close', 'terminate', 'open']) {
      openFails = end === 'open';
      const peer = await Peer.open(base + path);
      peer.send('text');
      peer.part(Buffer.alloc(1), false);
      peer.part(Buffer.alloc(1), true);
      peer.socket.pong();
      await sleep(10);
      if (end === 'close') await peer.close();
      else peer.socket.terminate();
      await sleep(10);
    }
  }
}
for (const end of ['close', 'terminate']) {
  const peer = await Peer.open(`${base}/drops`);
  peer.send('x');
  if (end === 'terminate') peer.socket.terminate();
  await peer.closed;
}
await sleep(100);
await container.close();
await sleep(20);
process.stdout.write(JSON.stringify({ escaped, codes: [...new Set(codes)].sort() }));
