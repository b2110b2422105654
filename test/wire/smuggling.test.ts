/** Requests that two readers could read differently: one answer, and what follows it is nobody's request. [REL-5] */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import { OnOpen, ServerContainer, ServerEndpoint, Session } from 'margay';
import { eventually } from '../support/eventually.js';
import { cert, key } from '../support/localhost-certificate.js';
import { RawPeer, upgradeRequest } from '../support/raw-peer.js';
import { sideBySide } from '../support/side-by-side.js';

const good = (lines: readonly string[] = []) => upgradeRequest('/first', lines);
/** The same with one part of it written differently. */
const odd = (from: string | RegExp, to: string) => good().replace(from, to);

/** What stands behind each request: whoever takes it for a request opens a second connection, or answers twice. */
const BEHIND = `${upgradeRequest('/second')}GET /second HTTP/1.1\r\nHost: localhost\r\n\r\n`;

type Row = readonly [what: string, request: string, status: number];

const REFUSED: readonly Row[] = [
  ['a Content-Length that covers the next request', good([`Content-Length: ${BEHIND.length}`]), 400],
  ['a Content-Length of 1', good(['Content-Length: 1']), 400],
  ['two lines of Content-Length', good(['Content-Length: 0', 'Content-Length: 0']), 400],
  ['two lengths in one line', good(['Content-Length: 0, 0']), 400],
  ['a Content-Length with a sign', good(['Content-Length: +0']), 400],
  ['a negative Content-Length', good(['Content-Length: -1']), 400],
  ['a Content-Length in hexadecimal', good(['Content-Length: 0x0']), 400],
  ['chunks', `${good(['Transfer-Encoding: chunked'])}0\r\n\r\n`, 400],
  ['chunks that hold the next request', `${good(['Transfer-Encoding: chunked'])}${BEHIND.length.toString(16)}\r\n`, 400],
  ['a Transfer-Encoding behind a tab', good(['Transfer-Encoding:\tchunked']), 400],
  ['a Transfer-Encoding nobody knows', good(['Transfer-Encoding: xchunked']), 400],
  ['Transfer-Encoding: identity', good(['Transfer-Encoding: identity']), 400],
  ['an empty Transfer-Encoding', good(['Transfer-Encoding:']), 400],
  ['both lengths', `${good(['Content-Length: 5', 'Transfer-Encoding: chunked'])}0\r\n\r\n`, 400],
  ['both lengths, the other way round', `${good(['Transfer-Encoding: chunked', 'Content-Length: 0'])}0\r\n\r\n`, 400],
  ['a folded header', good(['X-Fold: a\r\n b']), 400],
  ['a folded Host', odd('Host: localhost', 'Host: localhost\r\n .evil.example'), 400],
  ['a space before the colon', odd('Host:', 'Host :'), 400],
  ['a space before the first header', odd('Host:', ' Host:'), 400],
  ['a header without a name', good([': a']), 400],
  ['a header without a colon', good(['Host']), 400],
  ['a bare LF behind a header', odd('\r\nUpgrade', '\nUpgrade'), 400],
  ['a bare LF behind the request line', odd('HTTP/1.1\r\n', 'HTTP/1.1\n'), 400],
  ['bare LFs at the end', odd(/\r\n\r\n$/, '\n\n'), 400],
  ['a bare LF for the empty line', odd(/\r\n\r\n$/, '\r\n\n'), 400],
  ['a bare CR behind a header', odd('\r\nUpgrade', '\rUpgrade'), 400],
  ['a bare CR in a value', good(['X-Cr: a\rb']), 400],
  ['a NUL in a value', good(['X-Nul: a\0b']), 400],
  ['a NUL in a name', good(['X\0: a']), 400],
  ['a NUL in the target', odd('/first', '/fi\0rst'), 400],
  ['a DEL in a value', good(['X-Del: a\x7fb']), 400],
  ['a byte above ASCII in the target', odd('/first', '/f\xedrst'), 400],
  ['a blank in the target', odd('/first', '/fi rst'), 400],
  ['two lines of Host', good(['Host: localhost']), 400],
  ['two lines of Host, in another case', good(['hOST: evil.example']), 400],
  ['two hosts in a line', odd('Host: localhost', 'Host: localhost, evil.example'), 400],
  ['no Host', odd('Host: localhost\r\n', ''), 400],
  ['an empty Host', odd('Host: localhost', 'Host:'), 400],
  ['a Host with a path', odd('Host: localhost', 'Host: localhost/evil'), 400],
  ['a Host with a user', odd('Host: localhost', 'Host: evil@localhost'), 400],
  ['two lines of the key', good(['Sec-WebSocket-Key: x3JJHMbDL1EzLkh9GBhXDw==']), 400],
  ['two lines of the version', good(['Sec-WebSocket-Version: 13']), 400],
  ['HTTP/1.0', odd('HTTP/1.1', 'HTTP/1.0'), 400],
  ['HTTP/2.0', odd('HTTP/1.1', 'HTTP/2.0'), 400],
  ['HTTP/1.2', odd('HTTP/1.1', 'HTTP/1.2'), 400],
  ['no version of HTTP at all', odd(' HTTP/1.1', ''), 400],
  ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400],
  ['tabs in the request line', odd('GET /first HTTP/1.1', 'GET\t/first\tHTTP/1.1'), 400],
  ['a method in small letters', odd('GET', 'get'), 400],
  ['an asterisk for a target', odd('/first', '*'), 400],
  ['an authority for a target', odd('/first', 'localhost:80'), 400],
  ['a target above the root', odd('/first', '/../first'), 400],
];

const TAKEN: readonly Row[] = [
  ['nothing odd', good(), 101],
  ['an empty line in front', `\r\n${good()}`, 101],
  ['a Content-Length of 0', good(['Content-Length: 0']), 101],
  ['an absolute target', odd('/first', 'http://localhost/first'), 101],
];

/** A container in which both endpoints note who comes, and whoever is asked about a request does first. */
function container(opens: string[]): Promise<ServerContainer> {
  @ServerEndpoint('/first')
  class First {
    @OnOpen
    open(session: Session): void {
      opens.push(session.getRequestURI().pathname);
    }
  }
  @ServerEndpoint('/second')
  class Second {
    @OnOpen
    open(session: Session): void {
      opens.push(session.getRequestURI().pathname);
    }
  }
  const authenticate = ({ url }: { readonly url?: string | undefined }) => {
    opens.push(`asked ${url}`);
    return null;
  };
  const logger = { debug() {}, info() {}, warn() {}, error() {} };
  const made = new ServerContainer({ shutdownTimeout: 500, logger, authenticate });
  return Promise.all([made.addEndpoint(First), made.addEndpoint(Second)]).then(() => made);
}

type Address = { readonly port: number; readonly secure: boolean };

const SERVERS: readonly (readonly [name: string, run: (opens: string[], body: (address: Address) => Promise<void>) => Promise<void>])[] = [
  ...[false, true].map((secure): (typeof SERVERS)[number] => [
    secure ? 'listening over TLS' : 'listening',
    async (opens, body) => {
      const made = await container(opens);
      const { port } = await made.listen({ port: 0, host: '127.0.0.1', ...(secure && { tls: { key, cert } }) });
      await body({ port, secure }).finally(() => made.close());
    },
  ]),
  [
    'attached',
    async (opens, body) => {
      const made = await container(opens);
      const server = createServer((_, response) => void response.end('page'));
      await made.attach(server);
      await once(server.listen(0, '127.0.0.1'), 'listening');
      const { port } = server.address() as { port: number };
      await body({ port, secure: false }).finally(async () => {
        await made.close();
        server.closeAllConnections();
        server.close();
      });
    },
  ],
];

const statusLines = (peer: RawPeer): string[] => peer.bytes.toString('latin1').match(/HTTP\/1\.1 \d{3}/g) ?? [];

describe.each(SERVERS)('[REL-5] %s', (name, run) => {
  it('refuses what could be read in two ways, once, and looks at nothing behind it', async () => {
    const opens: string[] = [];
    await run(opens, async (address) => {
      await sideBySide(
        REFUSED,
        ([what]) => what,
        async ([, request, status]) => {
          const peer = await RawPeer.connect(address);
          peer.send(request + BEHIND);
          await peer.ended();
          expect(statusLines(peer)).toEqual([`HTTP/1.1 ${status}`]);
          if (name !== 'attached') {
            const { headers, body, rest } = await peer.response(); // on a server of others what node's parser refuses is theirs to answer
            expect([headers.get('connection'), headers.get('content-length'), rest.length]).toEqual([['close'], [String(body.length)], 0]);
            expect(body).toMatch(/\. \[MARGAY_UPGRADE_(HTTP|TARGET)\]$/);
          }
          peer.end();
        },
      );
    });
    expect(opens).toEqual([]);
  });

  it('takes the rest for frames behind a request that it takes', async () => {
    const opens: string[] = [];
    await run(opens, async (address) => {
      for (const [what, request, status] of TAKEN) {
        const peer = await RawPeer.connect(address);
        peer.send(request + BEHIND);
        expect([what, (await peer.response()).status]).toEqual([what, status]);
        expect(await peer.closeFrame()).toMatchObject({ code: 1002 });
        expect(statusLines(peer)).toEqual([`HTTP/1.1 ${status}`]);
        peer.end();
      }
      await eventually(() => expect(opens).toHaveLength(2 * TAKEN.length));
    });
    expect(opens.filter((each) => !each.startsWith('asked'))).toEqual(TAKEN.map(() => '/first'));
    expect(opens).not.toContain('asked /second');
  });
});

it('[REL-5] listening: an upgrade behind a plain request is nobody, and what an Expect asks for is not promised', async () => {
  const opens: string[] = [];
  const [, run] = SERVERS[0] as (typeof SERVERS)[number];
  const plain = (lines: string) => `GET /first HTTP/1.1\r\nHost: localhost\r\n${lines}\r\n`;
  await run(opens, async (address) => {
    for (const [request, status] of [
      [plain(''), 426],
      [plain('Expect: 100-continue\r\nContent-Length: 5\r\n'), 426],
      [plain('Expect: a miracle\r\n'), 426],
      [plain('Expect: a miracle\r\n').replace('/first', '/none'), 404],
      [odd('Connection: Upgrade\r\n', 'Expect: a miracle\r\n'), 400],
      ['GET /first\r\n\r\n', 426], // HTTP/0.9
    ] as const) {
      const peer = await RawPeer.connect(address);
      peer.send(request + BEHIND);
      await peer.ended();
      const { body, headers } = await peer.response();
      expect([statusLines(peer), headers.get('connection')?.[0]?.slice(0, 5)]).toEqual([[`HTTP/1.1 ${status}`], 'close']);
      expect(body).toMatch(/\[MARGAY_[A-Z_]+\]$/);
      peer.end();
    }
  });
  expect(opens).toEqual(['asked /first']); // the one that is a WebSocket request but for its Connection [HS-1]
});
