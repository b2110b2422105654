/** Transports that share an HTTP server with the application, and with each other. */

import type { Duplex } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import type { Gate, Offer } from '../../src/transport/spi.js';
import { type RawPeer, type RawResponse, upgradeRequest } from '../support/raw-peer.js';
import { NobodyGate, type Served, withServer } from '../support/ws-server.js';
import { answerTo, Recorder, taking } from '../transport/contract/rig.js';

const hello = (_: unknown, response: { end(body: string): void }): void => response.end('hello');

/** Takes what begins with its prefix. */
const under = (prefix: string, log = new Recorder()): Gate => ({
  offer(offer: Offer) {
    if (!offer.target.startsWith(prefix)) return false;
    offer.accept(answerTo(offer, [['X-Gate', prefix]]), () => log);
    return true;
  },
});

async function ask(served: Served, request: string): Promise<RawResponse & { peer: RawPeer }> {
  const peer = await served.connect();
  peer.send(request);
  const response = await peer.response();
  return { ...response, peer };
}

describe('attached to a server of the application', () => {
  it('[CON-9] several transports are asked in turn, over one listener', async () => {
    await withServer(hello, async (served) => {
      const first = served.attach(under('/a'));
      const second = served.attach(under('/b'));
      served.attach(under('/'));
      expect(served.server.listenerCount('upgrade')).toBe(1);
      const gates = [];
      for (const target of ['/a', '/b', '/c']) gates.push((await ask(served, upgradeRequest(target))).headers.get('x-gate')?.[0]);
      expect(gates).toEqual(['/a', '/b', '/']);
      expect(first.address).toEqual(second.address);
      expect(first.address).toMatchObject({ port: served.port, secure: false });
    });
  });

  it('[CON-9] one that stops leaves the others serving, and the last one takes the listener along', async () => {
    await withServer(hello, async (served) => {
      const logs = [new Recorder(), new Recorder()];
      const first = served.attach(under('/a', logs[0]));
      const second = served.attach(under('/b', logs[1]));
      const [a, b] = [await ask(served, upgradeRequest('/a')), await ask(served, upgradeRequest('/b'))];
      await first.stop();
      await a.peer.ended();
      expect(logs.map((log) => log.count('closed'))).toEqual([1, 0]);
      expect(b.peer.hasEnded).toBe(false);
      expect((await ask(served, upgradeRequest('/a'))).status).toBe(404);
      expect((await ask(served, upgradeRequest('/b'))).status).toBe(101);
      await Promise.all([second.stop(), second.stop()]);
      expect([logs[1]?.count('closed'), served.server.listenerCount('upgrade')]).toEqual([2, 0]);
      served.attach(under('/c'));
      expect((await ask(served, upgradeRequest('/c'))).status).toBe(101);
    });
  });

  it('the application goes on answering its own requests', async () => {
    await withServer(hello, async (served) => {
      const transport = served.attach(new NobodyGate());
      const plain = 'GET /page HTTP/1.1\r\nHost: a\r\n\r\n';
      const { peer, body, headers } = await ask(served, plain);
      expect([body, headers.get('connection')]).toEqual(['hello', ['keep-alive']]);
      peer.send(plain);
      expect((await ask(served, plain)).status).toBe(200);
      expect((await ask(served, plain.replace('Host', 'Upgrade: websocket\r\nHost'))).body).toBe('hello');
      await transport.stop();
      expect((await ask(served, plain)).body).toBe('hello');
    });
  });

  it('only WebSocket by GET is offered, however Upgrade is written; such an offer is shared', async () => {
    const gate = new NobodyGate();
    const upgrade = (value: string): string => upgradeRequest(`/${value.length}`).replace('Upgrade: websocket', value);
    await withServer(hello, async (served) => {
      served.attach(gate);
      const asked = async (value: string): Promise<number> => (await ask(served, upgrade(value))).status;
      for (const value of [
        'Upgrade: WebSocket',
        'upgrade: h2c , websocket',
        'Upgrade: h2c\r\nUPGRADE: a,\twebSOCKET\t, b',
        'Upgrade:,,websocket,',
      ]) {
        expect([value, await asked(value)]).toEqual([value, 404]);
      }
      expect(gate.offers.map(({ shared }) => shared)).toEqual([true, true, true, true]);
      for (const value of [
        'Upgrade: h2c',
        'Upgrade: websockets',
        'Upgrade: web socket',
        'Upgrade: \u00a0websocket',
        'Upgrade: websocket/13',
      ]) {
        expect([value, await asked(value)]).toEqual([value, 400]);
      }
      const { status, body } = await ask(served, upgradeRequest('/').replace('GET', 'POST'));
      expect([status, body]).toEqual([400, 'Only WebSocket can be upgraded to, and only by GET. [MARGAY_UPGRADE_HTTP]']);
      expect(gate.offers.length).toBe(4);
    });
  });

  it('[URI-9] what nobody takes gets exactly one 404', async () => {
    await withServer(hello, async (served) => {
      const gates = [new NobodyGate(), new NobodyGate()];
      for (const gate of gates) served.attach(gate);
      const { peer } = await ask(served, upgradeRequest('/nowhere'));
      await peer.ended();
      const { status, body, rest } = await peer.response();
      expect([status, body, rest.length]).toEqual([404, 'No endpoint answers /nowhere. [MARGAY_NO_ENDPOINT]', 0]);
      expect(gates.map((gate) => gate.offers.length)).toEqual([1, 1]);
    });
  });

  it.each<[what: string, request: string]>([
    ['a path nobody takes', upgradeRequest('/mine')],
    ['another protocol', upgradeRequest('/mine').replace('websocket', 'mine')],
  ])('another upgrade listener decides about %s', async (_, request) => {
    await withServer(hello, async (served) => {
      const errors: number[] = [];
      const own = (_request: unknown, socket: Duplex): void => {
        errors.push(socket.listenerCount('error'));
        if (_request !== null) socket.end('HTTP/1.1 101 Mine\r\nContent-Length: 4\r\n\r\nmine');
      };
      served.attach(under('/ours'));
      served.server.on('upgrade', own);
      const mine = await ask(served, request);
      expect([mine.status, mine.body]).toEqual([101, 'mine']);
      expect(errors).toEqual([0]); // nothing of ours is left on the socket
      served.server.off('upgrade', own);
      expect((await ask(served, request)).status).toBeGreaterThanOrEqual(400);
    });
  });

  it('a connection that was kept alive may become one of ours', async () => {
    await withServer(hello, async (served) => {
      served.attach(under('/'));
      const { peer } = await ask(served, 'GET /page HTTP/1.1\r\nHost: a\r\n\r\n');
      const before = peer.bytes.length;
      peer.send(upgradeRequest('/a'));
      while (!peer.bytes.subarray(before).includes('\r\n\r\n')) await new Promise((resolve) => setTimeout(resolve, 5));
      expect(peer.bytes.subarray(before).toString()).toMatch(/^HTTP\/1\.1 101 Switching Protocols\r\n/);
    });
  });

  it('a timeout of the application does not reach our connections', async () => {
    await withServer(hello, async (served) => {
      served.server.setTimeout(50);
      const log = new Recorder();
      served.attach(under('/', log));
      const { peer } = await ask(served, upgradeRequest('/'));
      await new Promise((resolve) => setTimeout(resolve, 200));
      expect([peer.hasEnded, log.count('closed')]).toEqual([false, 0]);
    });
  });

  it('an undecided offer is answered with 503 when its transport stops', async () => {
    await withServer(hello, async (served) => {
      let arrive = (): void => {};
      const arrived = new Promise<void>((resolve) => {
        arrive = resolve;
      });
      const transport = served.attach(taking(() => arrive()));
      const asked = ask(served, upgradeRequest('/'));
      await arrived;
      await transport.stop();
      const { status, body, peer } = await asked;
      await peer.ended();
      expect([status, body]).toEqual([503, 'The server is stopping. [MARGAY_DRAINING]']);
    });
  });
});
