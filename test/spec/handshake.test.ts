/** The checks of a handshake, their order, and what a refused peer reads. [HS-1, HS-6, HS-10, HS-13, HS-16, REL-5] */
import { describe, expect, it } from '@jest/globals';
import { OnMessage, OnOpen, ServerEndpoint, ServerEndpointConfig, Session } from 'margay';
import { ask, type Question, written } from '../support/ask.js';
import { eventually } from '../support/eventually.js';
import { OPCODES } from '../support/frames.js';
import { RawPeer } from '../support/raw-peer.js';
import { start } from '../support/start.js';

type Headers = NonNullable<Question['headers']>;

/** What is wrong, the header lines that make it so, and the answer. In the order of the ledger's table. */
interface Fault {
  readonly what: string;
  readonly target?: string;
  readonly headers: Headers;
  readonly status: number;
  readonly code: string;
}

const FAULTS: readonly Fault[] = [
  { what: 'an unknown path', target: '/nowhere', headers: {}, status: 404, code: 'NO_ENDPOINT' },
  { what: 'no upgrade in Connection', headers: { Connection: 'keep-alive' }, status: 400, code: 'UPGRADE_CONNECTION' },
  { what: 'another version', headers: { 'Sec-WebSocket-Version': '8' }, status: 426, code: 'UPGRADE_VERSION' },
  { what: 'a bad key', headers: { 'Sec-WebSocket-Key': 'short' }, status: 400, code: 'UPGRADE_KEY' },
  { what: 'a foreign origin', headers: { Origin: 'http://evil.example' }, status: 403, code: 'ORIGIN' },
  { what: 'malformed extensions', headers: { 'Sec-WebSocket-Extensions': 'a="b' }, status: 400, code: 'UPGRADE_EXTENSIONS' },
];

describe('[HS-1] one thing wrong', () => {
  it.each(FAULTS)('$what: $status $code, complete, and the connection is closed', async ({ target, headers, status, code }) => {
    const opens: unknown[] = [];
    @ServerEndpoint('/talk')
    class Talk {
      @OnOpen
      open(): void {
        opens.push(1);
      }
    }
    const started = await start(Talk);
    const peer = await RawPeer.connect(started);
    peer.send(written({ target: target ?? '/talk', headers }));
    const response = await peer.response();
    expect(response.status).toBe(status);
    expect(response.body).toMatch(new RegExp(`^[A-Z][^[\\]\\n]+ \\[MARGAY_${code}\\]$`));
    expect(response.headers.get('content-length')).toEqual([String(Buffer.byteLength(response.body))]);
    expect(response.headers.get('content-type')).toEqual(['text/plain; charset=utf-8']);
    expect(response.headers.get('connection')?.join()).toMatch(/^close\b/);
    await peer.ended();
    expect(peer.bytes.subarray(-response.body.length).toString()).toBe(response.body); // and nothing behind it
    peer.end();
    await peer.closed();
    expect(opens).toEqual([]);
  });

  it('[HS-1] row 5: the 426 names the version that is spoken', async () => {
    @ServerEndpoint('/talk')
    class Talk {}
    const { headers } = await ask(await start(Talk), { headers: { 'Sec-WebSocket-Version': '12' } });
    expect(headers.get('sec-websocket-version')).toEqual(['13']);
  });
});

describe('[HS-1] two things wrong', () => {
  const PAIRS = FAULTS.flatMap((first, i) => FAULTS.slice(i + 1).map((second) => ({ first, second })));

  it.each(PAIRS)('[HS-10] $first.what beats $second.what', async ({ first, second }) => {
    @ServerEndpoint('/talk')
    class Talk {}
    const target = first.target ?? '/talk';
    const { status, body } = await ask(await start(Talk), { target, headers: { ...second.headers, ...first.headers } });
    expect(`${status} ${body}`).toMatch(new RegExp(`^${first.status} .*\\[MARGAY_${first.code}\\]$`));
  });
});

describe('[HS-1] rows 1, 4, 5: tokens', () => {
  const TAKEN: readonly (readonly [string, Headers])[] = [
    ['Upgrade in capitals', { Upgrade: 'WEBSOCKET' }],
    ['Upgrade among others', { Upgrade: 'h2c, WebSocket' }],
    ['Upgrade in a second line', { Upgrade: ['h2c', 'websocket'] }],
    ['Connection among others', { Connection: 'keep-alive, UPGRADE' }],
    ['Connection in a second line', { Connection: ['keep-alive', 'upgrade'] }],
    ['a list of versions', { 'Sec-WebSocket-Version': '8, 13' }],
    ['empty entries of lists', { Connection: ', ,upgrade,', 'Sec-WebSocket-Version': ', 13' }],
  ];

  it.each(TAKEN)('%s', async (_what, headers) => {
    @ServerEndpoint('/talk')
    class Talk {}
    expect((await ask(await start(Talk), { headers })).status).toBe(101);
  });

  const NOT_TAKEN: readonly (readonly [string, Headers, string])[] = [
    ['Connection with a longer word', { Connection: 'upgraded' }, '400'],
    ['a version that begins with 13', { 'Sec-WebSocket-Version': '130' }, '426'],
    ['a version of 13.0', { 'Sec-WebSocket-Version': '13.0' }, '426'],
    ['no version', { 'Sec-WebSocket-Version': null }, '426'],
    ['an empty version', { 'Sec-WebSocket-Version': '' }, '426'],
  ];

  it.each(NOT_TAKEN)('%s', async (_what, headers, status) => {
    @ServerEndpoint('/talk')
    class Talk {}
    expect(String((await ask(await start(Talk), { headers })).status)).toBe(status);
  });
});

describe('[HS-1] row 6: the key', () => {
  it.each([
    ['none', null],
    ['an empty one', ''],
    ['15 bytes', Buffer.alloc(15).toString('base64')],
    ['17 bytes', Buffer.alloc(17).toString('base64')],
    ['18 bytes, 24 characters', Buffer.alloc(18).toString('base64')],
    ['24 characters with a blank', 'x3JJHMbDL1EzL h9GBhXDw=='],
    ['the letters of URLs', '-_JJHMbDL1EzLkh9GBhXDw=='],
    ['no padding', 'x3JJHMbDL1EzLkh9GBhXDw'],
    ['one "="', 'x3JJHMbDL1EzLkh9GBhXDww='],
    ['hexadecimal', '000102030405060708090a0b'],
  ])('%s is refused', async (_what, key) => {
    @ServerEndpoint('/talk')
    class Talk {}
    const { status, body } = await ask(await start(Talk), { headers: { 'Sec-WebSocket-Key': key } });
    expect(`${status} ${body}`).toMatch(/^400 .*\[MARGAY_UPGRADE_KEY\]$/);
  });
});

describe('[HS-13, REL-5] what HTTP asks', () => {
  const REFUSED: readonly (readonly [string, Question])[] = [
    ['HTTP/1.0', { version: '1.0' }],
    ['no Host', { headers: { Host: null } }],
    ['a Host that names none', { headers: { Host: 'a b' } }],
    ['[D-06] a Host with a port that is none', { headers: { Host: 'a:99999' } }],
    ['two lines of Host', { headers: { Host: ['a', 'a'] } }],
    ['two lines of key', { headers: { 'Sec-WebSocket-Key': ['x3JJHMbDL1EzLkh9GBhXDw==', 'x3JJHMbDL1EzLkh9GBhXDw=='] } }],
    ['two lines of version', { headers: { 'Sec-WebSocket-Version': ['13', '13'] } }],
    ['a body by Content-Length', { headers: { 'Content-Length': '5' } }],
    ['a body by Transfer-Encoding', { headers: { 'Transfer-Encoding': 'chunked' } }],
  ];

  it.each(REFUSED)('%s: 400', async (_what, question) => {
    @ServerEndpoint('/talk')
    class Talk {}
    const { status, body } = await ask(await start(Talk), question);
    expect(`${status} ${body}`).toMatch(/^400 .*\[MARGAY_UPGRADE_HTTP\]$/);
  });

  it('a Content-Length of 0 is no body', async () => {
    @ServerEndpoint('/talk')
    class Talk {}
    expect((await ask(await start(Talk), { headers: { 'Content-Length': '0' } })).status).toBe(101);
  });

  it('[REL-5] nothing behind a refused request is interpreted', async () => {
    const opens: unknown[] = [];
    @ServerEndpoint('/talk')
    class Talk {
      @OnOpen
      open(): void {
        opens.push(1);
      }
    }
    const peer = await RawPeer.connect(await start(Talk));
    peer.send(written({ target: '/nowhere' }) + written({ target: '/talk' }));
    expect((await peer.response()).status).toBe(404);
    peer.end();
    await peer.closed();
    expect(peer.bytes.toString('latin1').match(/HTTP\/1\.1/g)).toHaveLength(1);
    expect(opens).toEqual([]);
  });

  it('[HS-13, REL-7] bytes behind an accepted request belong to the WebSocket stream', async () => {
    @ServerEndpoint('/talk')
    class Talk {
      @OnMessage
      text(message: string): string {
        return message;
      }
    }
    const behind = ['early', 'bird'].map((payload) => ({ opcode: OPCODES.text, payload }));
    const peer = await RawPeer.open(await start(Talk), '/talk', { behind });
    expect(await peer.received(2)).toEqual(['early', 'bird']);
  });
});

describe('[HS-6, HS-16] the 101', () => {
  const VECTORS = [
    ['x3JJHMbDL1EzLkh9GBhXDw==', 'HSmrc0sMlYUkAGmm5OPpG2HaGWk='],
    ['dGhlIHNhbXBsZSBub25jZQ==', 's3pPLMBiTxaQ9kYGzzhZRbK+xOo='],
  ] as const;

  it.each(VECTORS)('[HS-16] the key %s is answered with %s, and chat is spoken', async (key, accept) => {
    @ServerEndpoint({ value: '/chat', subprotocols: ['chat', 'superchat'], allowedOrigins: ['http://example.com'] })
    class Chat {}
    const peer = await RawPeer.connect(await start(Chat));
    peer.send(
      'GET /chat HTTP/1.1\r\nHost: server.example.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
        `Sec-WebSocket-Key: ${key}\r\nOrigin: http://example.com\r\n` +
        'Sec-WebSocket-Protocol: chat, superchat\r\nSec-WebSocket-Version: 13\r\n\r\n',
    );
    const { status, headers, rest } = await peer.response();
    expect(status).toBe(101);
    expect(headers.get('sec-websocket-accept')).toEqual([accept]);
    expect(headers.get('sec-websocket-protocol')).toEqual(['chat']);
    expect(headers.get('upgrade')).toEqual(['websocket']);
    expect(headers.get('connection')?.join().toLowerCase()).toBe('upgrade');
    expect(headers.has('sec-websocket-extensions')).toBe(false);
    expect(rest).toHaveLength(0);
    peer.reset();
  });

  it('[HS-6] names no subprotocol and no extension where none is chosen, and no body', async () => {
    const chosen: string[] = [];
    @ServerEndpoint({ value: '/talk', subprotocols: ['chat'] })
    class Talk {
      @OnOpen
      open(session: Session): void {
        chosen.push(session.getNegotiatedSubprotocol());
      }
    }
    const started = await start(Talk);
    for (const offer of [null, 'other', '']) {
      const { status, headers } = await ask(started, { headers: { 'Sec-WebSocket-Protocol': offer } });
      expect(status).toBe(101);
      expect([...headers.keys()].sort()).toEqual(['connection', 'sec-websocket-accept', 'upgrade']);
    }
    await eventually(() => expect(chosen).toEqual(['', '', '']));
  });
});

describe('[HS-10] hooks', () => {
  it.each(FAULTS.slice(0, 4))('none runs after $what', async ({ target, headers }) => {
    const ran: string[] = [];
    class Hooks extends ServerEndpointConfig.Configurator {
      override checkOrigin(): boolean {
        ran.push('checkOrigin');
        return true;
      }
      override modifyHandshake(): void {
        ran.push('modifyHandshake');
      }
    }
    @ServerEndpoint({ value: '/talk', configurator: Hooks })
    class Talk {}
    await ask(await start(Talk), { target: target ?? '/talk', headers });
    expect(ran).toEqual([]);
  });
});
