/** Through nginx and HAProxy as the guide sets them up; skipped where they are not installed. [D-06, D-37, REL-5, REL-16] */
import { describe, expect, it } from '@jest/globals';
import {
  CloseReason,
  type HandshakeRequest,
  OnClose,
  OnMessage,
  type ServerContainer,
  ServerEndpoint,
  ServerEndpointConfig,
  Session,
} from 'margay';
import type { ClientOptions } from 'ws';
import { written } from '../support/ask.js';
import { eventually, sleep } from '../support/eventually.js';
import { withFastSeconds } from '../support/fast-seconds.js';
import { cert } from '../support/localhost-certificate.js';
import { Peer } from '../support/peer.js';
import { type ProxyName, programOf, proxyTo } from '../support/proxies.js';
import { RawPeer } from '../support/raw-peer.js';
import { start } from '../support/start.js';

/** The container believes the proxy, which calls from 127.0.0.1; so the clients of these tests call from another one. */
const CLIENT = '127.0.0.9';

withFastSeconds(); // a heartbeat is looked at once a second

const closes: string[] = [];

class Hooks extends ServerEndpointConfig.Configurator {
  override modifyHandshake(config: ServerEndpointConfig, request: HandshakeRequest): void {
    config.getUserProperties().set('caller', request.getRemoteAddress());
  }
}

@ServerEndpoint({ value: '/talk', configurator: Hooks, subprotocols: ['chat.v2', 'chat.v1'], perMessageDeflate: true })
class Talk {
  @OnMessage
  text(session: Session, message: string): string {
    if (message === 'where') return `${session.getUserProperties().get('caller')} ${session.isSecure()} ${session.getRequestURI().href}`;
    if (message === 'close') void session.close(new CloseReason(CloseReason.CloseCodes.getCloseCode(4002), 'ours'));
    return message;
  }
  @OnMessage
  bytes(message: Buffer): Buffer {
    return message;
  }
  @OnClose
  close(reason: CloseReason): void {
    closes.push(String(reason));
  }
}

async function serving(name: ProxyName, options: Parameters<typeof start>[1] = {}, timeout?: string) {
  closes.length = 0;
  const { container, port: upstream } = await start(Talk, { trustProxy: ['127.0.0.1'], ...options });
  const proxy = await proxyTo(name, upstream, undefined, timeout);
  const dial = ({ headers, ...more }: ClientOptions & { subprotocols?: string[] } = {}): Promise<Peer> =>
    Peer.open(`wss://127.0.0.1:${proxy.port}/talk`, {
      ca: cert,
      localAddress: CLIENT,
      headers: { Host: 'chat.example', ...headers },
      ...more,
    });
  return { container, upstream, proxy, dial };
}

const open = (container: ServerContainer): number => container.statistics().open;

for (const name of ['nginx', 'haproxy'] as const) {
  const isThere = programOf(name) !== null;
  if (!isThere) process.stderr.write(`test/wire/proxies: ${name} is not installed, its tests are skipped\n`);

  (isThere ? describe : describe.skip)(`through ${name}, as docs/guide/behind-a-proxy.md sets it up`, () => {
    it('text, bytes and large messages of both kinds pass, with a subprotocol and compressed', async () => {
      const { dial } = await serving(name);
      for (const perMessageDeflate of [false, true]) {
        const peer = await dial({ subprotocols: ['chat.v1', 'chat.v2'], perMessageDeflate });
        expect([peer.socket.protocol, peer.socket.extensions !== '']).toEqual(['chat.v1', perMessageDeflate]);
        const large = Buffer.alloc(1_000_000, 'margay ');
        for (const message of ['hello', '', Buffer.from([0, 255]), large.toString(), large]) {
          peer.send(message);
          const back = await peer.next();
          expect(Buffer.compare(Buffer.from(back), Buffer.from(message))).toBe(0);
          expect(typeof back).toBe(typeof message);
        }
        peer.part('in ', false);
        peer.part('parts', true);
        expect(await peer.next()).toBe('in parts');
        await peer.close(1000);
      }
    });

    it('[D-37] the container sees who calls, and how; what a client says of itself does not count', async () => {
      const { dial } = await serving(name);
      const lies = {
        Forwarded: 'for=192.0.2.1;host=evil.example;proto=http',
        'X-Forwarded-For': '192.0.2.2',
        'X-Forwarded-Host': 'evil.example',
        'X-Forwarded-Proto': 'http',
        'X-Forwarded-Port': '1',
      };
      for (const headers of [{}, lies]) {
        const peer = await dial({ headers });
        peer.send('where');
        expect(await peer.next()).toBe(`${CLIENT} true wss://chat.example/talk`);
        await peer.close(1000);
      }
    });

    it('[D-06] pages of the same host get in, others get a complete 403, with its code', async () => {
      const { dial, proxy } = await serving(name);
      await (await dial({ origin: 'https://chat.example' })).close();
      await expect(dial({ origin: 'https://evil.example' })).rejects.toMatchObject({ status: 403 });
      const peer = await RawPeer.connect({ port: proxy.port, secure: true });
      peer.send(written({ headers: { Host: 'chat.example', Origin: 'https://evil.example' } }));
      const { status, headers, body, rest } = await peer.response();
      expect([status, body, rest.length]).toEqual([403, 'Pages of this origin may not connect. [MARGAY_ORIGIN]', 0]);
      expect(headers.get('content-length')).toEqual([String(body.length)]);
    });

    it('[REL-12] the heartbeat keeps a quiet connection, which the proxy would cut; without one it is cut', async () => {
      for (const heartbeat of [{ interval: 200 }, false] as const) {
        const { container, dial } = await serving(name, { heartbeat }, '1s');
        await dial(); // ws answers pings
        if (heartbeat === false) {
          await eventually(() => expect(closes).toEqual([expect.stringContaining('1006')]), 8000);
        } else {
          await sleep(2500);
          expect([open(container), closes]).toEqual([1, []]);
        }
      }
    });

    it('[REL-16] limits hold for each caller, and a 503 says when to come back', async () => {
      const { dial } = await serving(name, { maxConnectionsPerAddress: 1 });
      const first = await dial();
      const refused = await dial().catch((error: unknown) => error);
      expect(refused).toMatchObject({ status: 503, response: { headers: { 'retry-after': '5' } } });
      await (await dial({ localAddress: '127.0.0.10' })).close();
      await first.close();
      await eventually(async () => (await dial()).close());
    });

    it('closing codes pass both ways, and 1001 when the container stops', async () => {
      const { container, dial } = await serving(name);
      await (await dial()).close(4001, 'theirs');
      await eventually(() => expect(closes).toEqual(['CloseReason[4001,theirs]']));
      const peer = await dial();
      peer.send('close');
      expect(await peer.closed).toEqual({ code: 4002, phrase: 'ours' });
      const last = await dial();
      const closed = container.close();
      expect((await last.closed).code).toBe(1001);
      await closed;
      expect(closes.slice(1)).toEqual(['CloseReason[4002,ours]', 'CloseReason[1001,the container is closing]']);
    });

    it('[REL-1] when it is killed sessions end with 1006, and the next one serves', async () => {
      const { container, upstream, proxy, dial } = await serving(name);
      await Promise.all([dial(), dial(), dial()]);
      await eventually(() => expect(open(container)).toBe(3));
      await proxy.kill();
      await eventually(() => expect([open(container), closes.length]).toEqual([0, 3]));
      expect(new Set(closes.map((each) => each.slice(0, 16)))).toEqual(new Set(['CloseReason[1006']));
      await proxyTo(name, upstream, proxy.port);
      const peer = await dial();
      peer.send('again');
      expect(await peer.next()).toBe('again');
      await peer.close();
    });
  });
}
