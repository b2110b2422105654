/** Every refusal that there is, as a peer gets it. [REL-5, HS-1, HS-13] */
import { describe, expect, it } from '@jest/globals';
import { type ContainerOptions, OnOpen, ServerEndpoint, ServerEndpointConfig } from 'margay';
import { HttpServlet } from 'margay/catalina';
import type { ExtensionFactory } from 'margay/spi';
import { type Question, written } from '../support/ask.js';
import { cert, key } from '../support/localhost-certificate.js';
import { read } from '../support/project.js';
import { RawPeer } from '../support/raw-peer.js';
import { type Started, start } from '../support/start.js';

interface Row {
  readonly options?: ContainerOptions;
  /** What is asked; as text, if `written` cannot spell it. */
  readonly question?: Question | string;
  /** Until then the endpoint would have been free. */
  before?(started: Started & { readonly secure: boolean }): Promise<unknown>;
}

const extension = (name: string): ExtensionFactory => ({
  name,
  build: () => ({ rsv: [2], parameters: [], inbound: (frame) => frame, outbound: (frame) => frame }),
});

const answering: ContainerOptions = {
  servlets: [
    {
      urlPattern: '/s',
      servlet: class Failing extends HttpServlet {
        protected override doGet(): never {
          throw new Error('no');
        }
      },
    },
  ],
};

/** By status and code. */
const REFUSALS: Readonly<Record<string, Row>> = {
  '400 UPGRADE_CONNECTION': { question: { headers: { Connection: 'keep-alive' } } },
  '400 UPGRADE_KEY': { question: { headers: { 'Sec-WebSocket-Key': 'short' } } },
  '400 UPGRADE_EXTENSIONS': { question: { headers: { 'Sec-WebSocket-Extensions': 'x; y="' } } },
  '400 UPGRADE_TARGET': { question: { target: '/talk/%zz' } },
  '400 UPGRADE_HTTP': { question: { headers: { Host: ['a', 'b'] } } },
  '401 UNAUTHENTICATED': { options: { rolesAllowed: ['admin'] } },
  '403 FORBIDDEN': { options: { rolesAllowed: ['admin'], authenticate: () => ({ name: 'ann' }) } },
  '403 ORIGIN': { question: { headers: { Origin: 'http://evil.example' } } },
  '404 NO_ENDPOINT': { question: { target: '/nowhere' } },
  '408 UPGRADE_HTTP': { options: { handshakeTimeout: 200 }, question: 'GET /talk HTTP/1.1\r\nHost: a\r\n' },
  '413 FORM_TOO_LARGE': {
    options: answering,
    question: 'POST /s HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 70000\r\n\r\na=',
  },
  '426 UPGRADE_VERSION': { question: { headers: { 'Sec-WebSocket-Version': '8' } } },
  '426 UPGRADE_REQUIRED': { question: { headers: { Upgrade: null, Connection: null } } },
  '431 HEADERS_TOO_LARGE': { question: { headers: { 'X-Long': 'a'.repeat(17_000) } } },
  '500 HOOK_FAILED': {
    options: {
      authenticate: () => {
        throw new Error('no');
      },
    },
  },
  '500 SERVLET_FAILED': { options: answering, question: { target: '/s', headers: { Upgrade: null, Connection: null } } },
  '500 RSV_CLASH': {
    options: { extensions: [extension('x'), extension('y')] },
    question: { headers: { 'Sec-WebSocket-Extensions': 'x, y' } },
  },
  '503 HOOK_TIMEOUT': { options: { hookTimeout: 30, authenticate: () => new Promise(() => {}) } },
  '503 MAX_CONNECTIONS': { options: { maxConnections: 1 }, before: (started) => RawPeer.open(started, '/last', started) },
  '503 DRAINING': {
    before: async (started) => {
      await RawPeer.open(started, '/last', started);
      void started.container.close(); // for as long as that one says nothing
    },
  },
};

/** Further lines that a refusal owes its peer. */
const OWED: Readonly<Record<string, readonly [name: string, value: string]>> = {
  '401 UNAUTHENTICATED': ['www-authenticate', 'Bearer'],
  '426 UPGRADE_VERSION': ['sec-websocket-version', '13'],
  '426 UPGRADE_REQUIRED': ['upgrade', 'websocket'],
  '503 HOOK_TIMEOUT': ['retry-after', '5'],
  '503 MAX_CONNECTIONS': ['retry-after', '5'],
  '503 DRAINING': ['retry-after', '5'],
};

const sources = [
  'container/handshake/refusals',
  ...['http-offer', 'listening-server', 'station', 'switchboard', 'refusal'].map((name) => `transport/ws/${name}`),
];
const spelled = new Set(
  sources.flatMap((name) => {
    const source = read(`src/${name}.ts`);
    return [...source.matchAll(/\brefusal\((\d{3}), '([A-Z_]+)'/g), ...source.matchAll(/\b([45]\d\d),.*\[MARGAY_([A-Z_]+)\]/g)].map(
      ([, status, code]) => `${status} ${code}`,
    );
  }),
);

it('[REL-5] the table has a row for every refusal of the sources', () => {
  expect([...spelled].sort()).toEqual(Object.keys(REFUSALS).sort());
});

/** All on one port; opens are counted. */
async function serving(options: ContainerOptions, secure: boolean): Promise<{ started: Started & { secure: boolean }; opens: string[] }> {
  const opens: string[] = [];
  const opening = (path: string) => {
    @ServerEndpoint(path)
    class Counted {
      @OnOpen
      open(): void {
        opens.push(path);
      }
    }
    return Counted;
  };
  @ServerEndpoint('/last')
  class Last {}
  const tls = secure ? { tls: { key, cert } } : {};
  const started = await start([opening('/talk'), opening('/talk/{more}'), opening('/second'), Last], { ...options, ...tls });
  return { started: { ...started, secure }, opens };
}

describe.each([false, true])('[REL-5] a refusal is complete, and the last that is read; TLS: %j', (secure) => {
  it.each(Object.entries(REFUSALS))('%s', async (name, { options = {}, question = {}, before }) => {
    const { started, opens } = await serving(options, secure);
    await before?.(started);
    const peer = await RawPeer.connect(started);
    peer.send(typeof question === 'string' ? question : written(question) + written({ target: '/second' }));
    await peer.ended();
    const { status, headers, body, rest } = await peer.response();
    expect(`${status} ${body}`).toMatch(new RegExp(`^${name.slice(0, 3)} [A-Z].*[.] \\[MARGAY_${name.slice(4)}\\]$`));
    expect(headers.get('content-length')).toEqual([String(Buffer.byteLength(body))]);
    expect(headers.get('connection')?.[0]).toMatch(/^close(, Upgrade)?$/);
    expect(headers.get('content-type')).toEqual(['text/plain; charset=utf-8']);
    const owed = OWED[name];
    if (owed !== undefined) expect(headers.get(owed[0])).toEqual([owed[1]]);
    expect([rest.length, opens]).toEqual([0, []]);
    peer.end();
    await peer.closed();
    expect(peer.error).toBe(null);
  });

  it.each(['/talk', '/nowhere'])('to HEAD %s: all but its body', async (target) => {
    const { started } = await serving({}, secure);
    const answers: [string, number][] = [];
    for (const method of ['GET', 'HEAD']) {
      const peer = await RawPeer.connect(started);
      peer.send(`${method} ${target} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
      await peer.ended();
      const [head = '', body = ''] = peer.bytes.toString('latin1').split('\r\n\r\n');
      answers.push([head.replace(/Date: .*\r\n/, ''), body.length]);
    }
    const [[got, length], [headed, none]] = answers as [[string, number], [string, number]];
    expect([headed, none]).toEqual([got, 0]);
    expect(got).toContain(`Content-Length: ${length}`);
    expect(length).toBeGreaterThan(0);
  });
});

it('[REL-5] a peer that never reads its refusal is let go', async () => {
  class Strict extends ServerEndpointConfig.Configurator {
    override checkOrigin(): boolean {
      return false;
    }
  }
  @ServerEndpoint({ value: '/talk', configurator: Strict })
  class Talk {}
  const started = await start(Talk);
  const peers = Array.from({ length: 20 }, () => {
    const peer = RawPeer.ask(started, '/talk');
    peer.stopReading();
    return peer;
  });
  const talking = setInterval(() => {
    for (const { socket } of peers) if (socket.writable) socket.write('x');
  }, 20);
  // who writes to a socket that is gone gets a reset
  await Promise.all(peers.map(({ socket }) => new Promise((resolve) => socket.once('error', resolve)))).finally(() =>
    clearInterval(talking),
  );
  expect(started.container.statistics().refused.get(403)).toBe(20);
});
