/** Which answers a client believes, and what it tells of those it does not. */
import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { Endpoint, OnMessage, ServerEndpoint } from 'margay';
import { configured, connect, extension, refusal, type Written } from '../support/connecting.js';
import { eventually } from '../support/eventually.js';
import { backTo, handles } from '../support/handles.js';
import { type RawServer, rawServer, switching } from '../support/raw-server.js';
import { sideBySide } from '../support/side-by-side.js';
import { start } from '../support/start.js';

const at = ({ port }: { readonly port: number }, path = '/') => `ws://127.0.0.1:${port}${path}`;

/** Answers every request with this. */
const answering = (answer: (head: string) => string) => rawServer((socket, head) => void socket.write(answer(head)));

/** Every connection has been let go of by the client. */
const isLeft = (server: RawServer) =>
  eventually(() => expect(server.sockets.map((socket) => socket.readableEnded || socket.destroyed)).not.toContain(false));

interface Row {
  readonly what: string;
  readonly answer: (head: string) => string;
  readonly why: RegExp;
  readonly written?: Written;
}

/** The 101 with a line changed, or without it for null. */
const but = (name: string, value: string | null) => (head: string) =>
  switching(head)
    .split('\r\n')
    .flatMap((line) => (line.startsWith(`${name}:`) ? (value === null ? [] : [`${name}: ${value}`]) : [line]))
    .join('\r\n');
const plus =
  (...lines: readonly string[]) =>
  (head: string) =>
    switching(head, ...lines);
const extensions = (value: string) => plus(`Sec-WebSocket-Extensions: ${value}`);
const spoken: Written = { subprotocols: ['v2', 'v1'] };
const deflating: Written = {
  extensions: [extension('permessage-deflate', { client_max_window_bits: null, server_max_window_bits: '12' })],
};
const forgetful: Written = { extensions: [extension('permessage-deflate', { server_no_context_takeover: null })] };

const WRONG: readonly Row[] = [
  { what: 'no accept', answer: but('Sec-WebSocket-Accept', null), why: /no Sec-WebSocket-Accept/ },
  { what: 'a wrong accept', answer: but('Sec-WebSocket-Accept', 's3pPLMBiTxaQ9kYGzzhZRbK+xOo='), why: /wrong Sec-WebSocket-Accept/ },
  {
    what: 'an accept in another letter case',
    answer: (head) => switching(head).replace(/(?<=Accept: ).*/, (it) => it.toLowerCase()),
    why: /wrong Sec-/,
  },
  {
    what: 'the accept of the key without the word',
    answer: (head) => but('Sec-WebSocket-Accept', digest(keyOf(head)))(head),
    why: /wrong Sec-/,
  },
  { what: 'the key itself', answer: (head) => but('Sec-WebSocket-Accept', keyOf(head))(head), why: /wrong Sec-/ },
  { what: 'two accepts', answer: plus('Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo='), why: /wrong Sec-/ },
  {
    what: 'the right accept twice',
    answer: (head) => switching(head, /^Sec-WebSocket-Accept.*/m.exec(switching(head))?.[0] ?? ''),
    why: /wrong Sec-/,
  },
  { what: 'another Upgrade', answer: but('Upgrade', 'h2c'), why: /Upgrade: websocket/ },
  { what: 'no Upgrade', answer: but('Upgrade', null), why: /without "Upgrade: websocket"/ },
  { what: 'Connection: close', answer: but('Connection', 'close'), why: /without "Connection: Upgrade"/ },
  { what: 'no Connection', answer: but('Connection', null), why: /without "Connection: Upgrade"/ },
  { what: 'Connection: upgraded', answer: but('Connection', 'upgraded'), why: /without "Connection: Upgrade"/ },
  { what: 'a subprotocol, none offered', answer: plus('Sec-WebSocket-Protocol: v1'), why: /subprotocol "v1", which was not offered/ },
  { what: 'a subprotocol not offered', answer: plus('Sec-WebSocket-Protocol: v3'), why: /subprotocol "v3"/, written: spoken },
  { what: 'one in another letter case', answer: plus('Sec-WebSocket-Protocol: V1'), why: /subprotocol "V1"/, written: spoken },
  { what: 'two on a line', answer: plus('Sec-WebSocket-Protocol: v2, v1'), why: /subprotocol "v2, v1"/, written: spoken },
  {
    what: 'two lines',
    answer: plus('Sec-WebSocket-Protocol: v2', 'Sec-WebSocket-Protocol: v1'),
    why: /two Sec-WebSocket-Protocol/,
    written: spoken,
  },
  {
    what: 'a line twice',
    answer: plus('Sec-WebSocket-Protocol: v2', 'Sec-WebSocket-Protocol: v2'),
    why: /two Sec-WebSocket-Protocol/,
    written: spoken,
  },
  { what: 'an extension, none offered', answer: extensions('permessage-deflate'), why: /permessage-deflate.*not offered/ },
  { what: 'an extension not offered', answer: extensions('x-other'), why: /x-other.*not offered/, written: deflating },
  { what: 'one in another letter case', answer: extensions('Permessage-Deflate'), why: /not offered/, written: deflating },
  {
    what: 'one that was offered and nobody runs',
    answer: extensions('x-own; a=1'),
    why: /x-own.*nobody here can run/,
    written: { extensions: [extension('x-own', { a: '1' })] },
  },
  { what: 'what cannot be read', answer: extensions('permessage-deflate; x="'), why: /cannot be read/, written: deflating },
  {
    what: 'the same twice',
    answer: extensions('permessage-deflate, permessage-deflate'),
    why: /twice|without server_max/,
    written: deflating,
  },
  {
    what: 'an unknown parameter',
    answer: extensions('permessage-deflate; server_max_window_bits=12; fast'),
    why: /parameter "?fast/,
    written: deflating,
  },
  {
    what: 'a larger window than asked for',
    answer: extensions('permessage-deflate; server_max_window_bits=13'),
    why: /=13/,
    written: deflating,
  },
  {
    what: 'no window, though asked for',
    answer: extensions('permessage-deflate'),
    why: /without server_max_window_bits/,
    written: deflating,
  },
  {
    what: 'a window out of range',
    answer: extensions('permessage-deflate; server_max_window_bits=7'),
    why: /from 8 to 15/,
    written: deflating,
  },
  {
    what: 'a parameter twice',
    answer: extensions('permessage-deflate; server_max_window_bits=12; server_max_window_bits=12'),
    why: /twice/,
    written: deflating,
  },
  {
    what: 'a client window not offered',
    answer: extensions('permessage-deflate; server_no_context_takeover; client_max_window_bits=12'),
    why: /client_max_window_bits/,
    written: forgetful,
  },
  { what: 'a value on a flag', answer: extensions('permessage-deflate; server_no_context_takeover=1'), why: /value/, written: forgetful },
  {
    what: 'takeover, though not wanted',
    answer: extensions('permessage-deflate'),
    why: /without server_no_context_takeover/,
    written: forgetful,
  },
];

const keyOf = (head: string) => /^Sec-WebSocket-Key: (.*)$/m.exec(head)?.[1]?.trim() ?? '';
const digest = (text: string) => createHash('sha1').update(text).digest('base64');

describe('[CLI-6] a 101 that does not answer what was asked', () => {
  it('is refused with MARGAY_HANDSHAKE that has status and headers [D-21], and the connection is given up', async () => {
    const before = handles();
    await sideBySide(
      WRONG,
      ({ what }) => what,
      async ({ answer, why, written }) => {
        const server = await answering((head) => answer(head).replace('\r\n\r\n', '\r\nX-Server: odd\r\n\r\n'));
        const error = await refusal(connect(at(server), written));
        expect(error.code).toBe('MARGAY_HANDSHAKE');
        expect(error.message).toMatch(why);
        const told = [error.status, error.headers?.get('x-server'), error.body];
        expect(told).toEqual([101, ['odd'], Buffer.alloc(0)]);
        await isLeft(server);
        await server.stop();
      },
    );
    await backTo(before);
  });

  it.each<[string, (head: string) => string, Written]>([
    ['as it should be', plus(), {}],
    [
      'names in odd letter case, blanks around values',
      (head) => switching(head).replace('Upgrade: websocket', 'uPGRADE:   WebSocket  ').replace('Connection:', 'CONNECTION:'),
      {},
    ],
    ['several words in Connection', but('Connection', 'keep-alive, Upgrade'), {}],
    ['no reason phrase', (head) => switching(head).replace('Switching Protocols', ''), {}],
    ['no subprotocol, though offered', plus(), spoken],
    ['a subprotocol that was offered', plus('Sec-WebSocket-Protocol: v1'), spoken],
    ['no extension, though offered', plus(), deflating],
    ['a smaller window', extensions('permessage-deflate; server_max_window_bits=9; client_max_window_bits=10'), deflating],
    ['an interim answer before it', (head) => `HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n${switching(head)}`, {}],
  ])('a good one is believed: %s', async (_what, answer, written) => {
    const session = await connect(at(await answering(answer)), written);
    expect(session.isOpen()).toBe(true);
  });

  it('the endpoint never opens, nor is it told of an end', async () => {
    const calls: string[] = [];
    class Watching extends Endpoint {
      override onOpen(): void {
        calls.push('open');
      }
      override onClose(): void {
        calls.push('close');
      }
      override onError(): void {
        calls.push('error');
      }
    }
    const { container } = await start([]);
    const server = await answering(but('Sec-WebSocket-Accept', 'x'));
    await refusal(container.connectToServer(Watching, configured({}), at(server), { proxy: false }));
    await isLeft(server);
    expect(calls).toEqual([]);
    expect(container.statistics()).toMatchObject({ opened: 0 });
  });
});

describe('[D-21] another answer', () => {
  it.each([200, 201, 204, 304, 400, 402, 403, 404, 407, 426, 429, 500, 502, 503])('%i has status, headers and body', async (status) => {
    const body = status === 204 || status === 304 ? '' : 'not <b>today</b>\r\nand not tomorrow';
    const lines = [`HTTP/1.1 ${status} Odd`, 'Content-Type: text/plain; charset=utf-8', 'Retry-After: 7', 'X-A: 1', 'x-a: 2'];
    if (body !== '') lines.push(`Content-Length: ${body.length}`);
    const server = await answering(() => [...lines, '', body].join('\r\n'));
    const error = await refusal(connect(at(server)));
    expect(error.code).toBe('MARGAY_HANDSHAKE');
    expect(error.message).toBe(`${at(server)}: answered ${status}${body === '' ? '' : ': not <b>today</b>'}`);
    expect(error.status).toBe(status);
    expect([error.headers?.get('retry-after'), error.headers?.get('x-a')]).toEqual([['7'], ['1', '2']]);
    expect(error.body?.toString()).toBe(body);
    expect(() => (error.headers as Map<string, string[]>).set('x', [])).toThrow();
    await isLeft(server);
  });

  it('a body is cut at 64 KiB, and more is not waited for', async () => {
    for (const [head, chunk] of [
      ['Content-Length: 1000000', 'x'.repeat(100_000)],
      ['Transfer-Encoding: chunked', `${(70_000).toString(16)}\r\n${'y'.repeat(70_000)}\r\n`],
      ['Connection: close', 'z'.repeat(70_000)],
    ] as const) {
      const server = await answering(() => `HTTP/1.1 403 No\r\n${head}\r\n\r\n${chunk}`);
      const error = await refusal(connect(at(server), {}, { timeout: 60_000 }));
      expect([error.status, error.body?.length]).toEqual([403, 65_536]);
      await isLeft(server);
    }
  });

  it('a body that does not end is what came of it in time, or before the connection broke', async () => {
    const stuck = await answering(() => 'HTTP/1.1 500 No\r\nContent-Length: 100\r\n\r\nhalf of');
    const error = await refusal(connect(at(stuck), {}, { timeout: 100 }));
    expect([error.code, error.status, error.body?.toString()]).toEqual(['MARGAY_HANDSHAKE', 500, 'half of']);
    const broken = await rawServer((socket) => void socket.end('HTTP/1.1 500 No\r\nContent-Length: 100\r\n\r\nhalf'));
    expect((await refusal(connect(at(broken)))).body?.toString()).toBe('half');
  });

  it('the message has no line of a body that is no text, and no more than its first 200 characters, none of which commands a terminal', async () => {
    const html = (type: string, body: string) =>
      answering(() => `HTTP/1.1 403 No\r\nContent-Type: ${type}\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
    expect((await refusal(connect(at(await html('image/png', '\x89PNG'))))).message).toMatch(/answered 403$/);
    expect((await refusal(connect(at(await html('text/plain', 'x'.repeat(1000)))))).message.length).toBeLessThan(260);
    expect((await refusal(connect(at(await html('application/problem+json', '{"title":"no"}'))))).message).toMatch(
      /answered 403: \{"title":"no"\}$/,
    );
    expect((await refusal(connect(at(await html('text/plain', '\x1b[31mred\x07\tor not'))))).message).toMatch(
      /answered 403: \[31mred {2}or not$/,
    );
  });

  it('the message tells the way, but not the query, in which there may be a secret', async () => {
    const server = await answering(() => 'HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n');
    const error = await refusal(connect(at(server, '/talk?token=s3cret')));
    expect(error.message).toBe(`${at(server, '/talk')}?…: answered 403`);
    const nowhere = await refusal(connect('ws://127.0.0.1:1/talk?token=s3cret'));
    expect([nowhere.message, nowhere.message.includes('s3cret')]).toEqual([expect.stringContaining('/talk?…: '), false]);
  });

  it('is what our own server says to who is refused: the code is in the body', async () => {
    @ServerEndpoint({ value: '/talk', allowedOrigins: ['https://app.example'] })
    class Talk {
      @OnMessage echo(text: string): string {
        return text;
      }
    }
    const { url } = await start(Talk);
    const lost = await refusal(connect(url('/nowhere')));
    expect([lost.status, lost.body?.toString()]).toEqual([404, expect.stringContaining('[MARGAY_NO_ENDPOINT]')]);
    expect(lost.message).toContain('[MARGAY_NO_ENDPOINT]');
    const foreign = await refusal(connect(url('/talk'), {}, { origin: 'https://evil.example' }));
    expect([foreign.status, foreign.body?.toString()]).toEqual([403, expect.stringContaining('[MARGAY_ORIGIN]')]);
  });
});
