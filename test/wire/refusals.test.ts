/** What a listening server answers to requests that become no connection. */

import { get } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import type { Offer } from '../../src/transport/spi.js';
import { type RawPeer, upgradeRequest } from '../support/raw-peer.js';
import { NobodyGate, withListening } from '../support/ws-server.js';
import { Opening, taking } from '../transport/contract/rig.js';

const fields = (count: number): string[] => Array.from({ length: count }, (_, i) => `X-Field-${i}: ${i}`);

/** Sends, and gives back the complete response, once the server has ended its direction with nothing behind it. */
async function answer(peer: RawPeer, request: string): Promise<{ status: number; body: string; connection: string | undefined }> {
  peer.send(request);
  const { status, headers } = await peer.response();
  await peer.ended();
  const { body, rest } = await peer.response();
  expect(rest.length).toBe(0);
  expect(headers.get('content-length')).toEqual([String(Buffer.byteLength(body))]);
  expect(headers.get('content-type')).toEqual(['text/plain; charset=utf-8']);
  expect(headers.get('date')?.length).toBe(1);
  return { status, body, connection: headers.get('connection')?.join() };
}

describe('a listening server refuses completely [REL-5]', () => {
  const nobody = '[MARGAY_NO_ENDPOINT]';
  const noHttp = '[MARGAY_UPGRADE_HTTP]';
  const tooLarge = '[MARGAY_HEADERS_TOO_LARGE]';
  it.each<[what: string, request: string, status: number, code: string]>([
    ['an upgrade nobody takes', upgradeRequest('/a%20b?c'), 404, `No endpoint answers /a%20b?c. ${nobody}`],
    ['a plain request', 'GET /index.html HTTP/1.1\r\nHost: a\r\n\r\n', 404, nobody],
    ['a plain request of HTTP/1.0', 'GET / HTTP/1.0\r\n\r\n', 404, nobody],
    ['a POST with its body', 'POST /form HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\na=b', 404, nobody],
    ['an upgrade by POST', upgradeRequest().replace('GET', 'POST'), 400, noHttp],
    ['an upgrade to h2c', upgradeRequest().replace('websocket', 'h2c'), 400, noHttp],
    ['a CONNECT', 'CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n', 400, noHttp],
    ['what is not HTTP', 'EHLO localhost\r\n\r\n', 400, noHttp],
    ['a NUL in a header', upgradeRequest('/', ['X-Nul: a\0b']), 400, noHttp],
    ['a bare LF between headers', upgradeRequest('/').replace('Upgrade: websocket\r\n', 'Upgrade: websocket\n'), 400, noHttp],
    ['a space before the colon', upgradeRequest('/', ['X-Space : a']), 400, noHttp],
    ['both lengths of a body', upgradeRequest('/', ['Content-Length: 1', 'Transfer-Encoding: chunked']), 400, noHttp],
    ['[REL-3] headers of 17 KiB', upgradeRequest('/', [`X-Long: ${'a'.repeat(17_000)}`]), 431, tooLarge],
    ['[REL-3] a target of 17 KiB', upgradeRequest(`/${'a'.repeat(17_000)}`), 431, tooLarge],
    ['[REL-3] 101 fields', upgradeRequest('/', fields(96)), 431, tooLarge],
    ['[REL-3] 500 fields', upgradeRequest('/', fields(495)), 431, tooLarge],
  ])('%s', async (_, request, status, code) => {
    await withListening(new NobodyGate(), async ({ connect }) => {
      const { body, ...head } = await answer(await connect(), request);
      expect(head).toEqual({ status, connection: 'close' });
      expect(body).toContain(code);
    });
  });

  it('[REL-3] but not 100 fields', async () => {
    const gate = new NobodyGate();
    await withListening(gate, async ({ connect }) => {
      expect((await answer(await connect(), upgradeRequest('/', fields(95)))).status).toBe(404);
      expect(gate.offers[0]?.rawHeaders.length).toBe(200);
    });
  });

  it('[REL-3] counts fields where node stops collecting them', async () => {
    const gate = new NobodyGate();
    await withListening(
      gate,
      async ({ connect }) => {
        expect((await answer(await connect(), upgradeRequest('/', fields(120)))).status).toBe(431);
        expect((await answer(await connect(), upgradeRequest('/', fields(119)))).status).toBe(404);
        expect(gate.offers[0]?.rawHeaders.length).toBe(248);
      },
      { maxHeadersCount: 124 }, // node's parser hands them over 31 at a time
    );
  });

  it('[REL-3] headers above maxHeaderSize, and not those below', async () => {
    await withListening(
      new NobodyGate(),
      async ({ connect }) => {
        expect((await answer(await connect(), upgradeRequest('/', [`X-Long: ${'a'.repeat(1500)}`]))).status).toBe(404);
        expect((await answer(await connect(), upgradeRequest('/', [`X-Long: ${'a'.repeat(2000)}`]))).status).toBe(431);
      },
      { maxHeaderSize: 2000 },
    );
  });
});

describe('a listening server offers [HS-1]', () => {
  it.each<[what: string, request: string]>([
    ['an upgrade by POST', upgradeRequest('/x').replace('GET', 'POST')],
    ['an upgrade of HTTP/1.0', upgradeRequest('/x').replace('HTTP/1.1', 'HTTP/1.0')],
    ['an upgrade to h2c', upgradeRequest('/x').replace('websocket', 'h2c')],
    ['an upgrade without Host', upgradeRequest('/x').replace('Host: localhost\r\n', '')],
    ['an upgrade with two lines of Host', upgradeRequest('/x', ['Host: other'])],
    ['an upgrade without Connection', upgradeRequest('/x').replace('Connection: Upgrade\r\n', '')],
    ['a plain request', 'GET /x HTTP/1.1\r\nHost: a\r\n\r\n'],
    ['a plain request without Host', 'GET /x HTTP/1.1\r\n\r\n'],
    ['a header named __proto__', 'GET /x HTTP/1.1\r\n__proto__: a\r\n\r\n'],
  ])('%s, and writes what the gate declines with', async (_, request) => {
    const seen: [string, string, boolean, string | undefined][] = [];
    const gate = taking((offer) => {
      seen.push([offer.method, offer.httpVersion, offer.shared, offer.headers.get('__proto__')?.[0]]);
      setTimeout(() => offer.decline(418, [['X-Why', 'tea']], 'a teapot'), 5);
    });
    await withListening(gate, async ({ connect }) => {
      expect(await answer(await connect(), request)).toEqual({ status: 418, body: 'a teapot', connection: 'close' });
      const version = request.includes('HTTP/1.0') ? '1.0' : '1.1';
      expect(seen).toEqual([
        [request.startsWith('POST') ? 'POST' : 'GET', version, false, request.includes('__proto__') ? 'a' : undefined],
      ]);
    });
  });

  it('nothing that could be accepted where no upgrade was asked for: 400', async () => {
    const opening = new Opening();
    const gate = taking((offer) => offer.accept({ headers: [], deflate: null, transformations: [] }, opening.open));
    await withListening(gate, async ({ connect }) => {
      const { status, body } = await answer(await connect(), upgradeRequest('/').replace('Connection: Upgrade\r\n', ''));
      expect([status, opening.count]).toEqual([400, 0]);
      expect(body).toContain('[MARGAY_UPGRADE_CONNECTION]');
    });
  });

  it('no CONNECT, whose target is no path', async () => {
    let offers = 0;
    await withListening(
      taking(() => offers++),
      async ({ connect }) => {
        expect((await answer(await connect(), 'CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n')).status).toBe(400);
        expect(offers).toBe(0);
      },
    );
  });

  it('HEAD, and leaves the body out', async () => {
    await withListening(new NobodyGate(), async ({ connect }) => {
      const peer = await connect();
      peer.send('HEAD /x HTTP/1.1\r\nHost: a\r\n\r\n');
      await peer.ended();
      const text = peer.bytes.toString();
      expect(text).toMatch(/^HTTP\/1\.1 404 /);
      expect(text).toMatch(/Content-Length: [1-9]/);
      expect(text.endsWith('\r\n\r\n')).toBe(true);
    });
  });
});

describe('a refused peer', () => {
  it.each<[what: string, more: string]>([
    ['another upgrade', upgradeRequest('/second')],
    ['another request', 'GET /second HTTP/1.1\r\nHost: a\r\n\r\n'],
    ['garbage', '\0\0\0\r\n\r\n'],
    ['a megabyte', 'x'.repeat(1_000_000)],
  ])('is told once, whatever follows its request: %s [REL-5]', async (_, more) => {
    const offers: Offer[] = [];
    const gate = taking((offer) => {
      offers.push(offer);
      if (offer.target === '/later') setTimeout(() => offer.decline(403, [], 'no'), 10);
      else offer.decline(403, [], 'no');
    });
    await withListening(gate, async ({ connect }) => {
      for (const first of [upgradeRequest('/now'), upgradeRequest('/later'), 'GET /now HTTP/1.1\r\n\r\n', 'GET /later HTTP/1.1\r\n\r\n']) {
        const peer = await connect();
        peer.send(first + more);
        peer.send(more);
        const { status } = await peer.response();
        await peer.ended();
        expect([status, (await peer.response()).rest.length]).toEqual([403, 0]);
      }
      expect(offers.length).toBe(4);
    });
  });

  it('may finish what it was sending, and leaves without a reset', async () => {
    await withListening(new NobodyGate(), async ({ connect }) => {
      const plain = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
      const body = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10000000\r\n\r\n';
      const endless = `GET / HTTP/1.1\r\nX-Long: ${'a'.repeat(20_000)}`; // [REL-3]
      for (const request of [upgradeRequest('/'), body, plain + upgradeRequest('/'), endless, '\0\0']) {
        const peer = await connect();
        const started = performance.now();
        peer.send(request);
        await peer.response();
        peer.send('x'.repeat(10_000_000));
        peer.end();
        await peer.closed();
        expect(peer.error).toBe(null);
        expect(performance.now() - started).toBeLessThan(1900); // and not after 2 s, as one that never ends
      }
    });
  });

  it('who does not leave is made to', async () => {
    await withListening(new NobodyGate(), async ({ connect }) => {
      const peer = await connect();
      peer.send(upgradeRequest('/'));
      await peer.ended();
      const started = performance.now();
      const talking = setInterval(() => peer.socket.write('x'), 20);
      await peer.closed().finally(() => clearInterval(talking));
      expect(performance.now() - started).toBeLessThan(3000);
    });
  });

  it('with a 426 learns in Connection that there is an Upgrade, and node understands it', async () => {
    const gate = taking((offer) => offer.decline(426, [['Upgrade', 'websocket']], 'Only WebSocket here [MARGAY_UPGRADE_REQUIRED]'));
    await withListening(gate, async ({ port }) => {
      const response = await new Promise<[number | undefined, unknown, unknown, string]>((resolve, reject) => {
        get({ port, host: '127.0.0.1' }, (incoming) => {
          let body = '';
          incoming.setEncoding('utf8').on('data', (chunk: string) => {
            body += chunk;
          });
          incoming.on('end', () => resolve([incoming.statusCode, incoming.headers.upgrade, incoming.headers.connection, body]));
        }).on('error', reject);
      });
      expect(response).toEqual([426, 'websocket', 'close, Upgrade', 'Only WebSocket here [MARGAY_UPGRADE_REQUIRED]']);
    });
  });

  it('cannot be given other ends of a response than ours', async () => {
    const headers: [string, string][] = [
      ['Content-Length', '7'],
      ['transfer-encoding', 'chunked'],
      ['CONNECTION', 'keep-alive'],
      ['Content-Type', 'text/html'],
    ];
    await withListening(
      taking((offer) => offer.decline(403, headers, '<p>no</p>')),
      async ({ connect }) => {
        const peer = await connect();
        peer.send(upgradeRequest('/'));
        await peer.ended();
        const { headers: got, body } = await peer.response();
        expect(['content-length', 'transfer-encoding', 'connection', 'content-type'].map((name) => got.get(name))).toEqual([
          ['9'],
          undefined,
          ['close'],
          ['text/html'],
        ]);
        expect(body).toBe('<p>no</p>');
      },
    );
  });
});
