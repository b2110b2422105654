/** The ws engine's dialer against servers that are silent, slow, wrong or gone: each dial ends in time, says where, and leaves nothing. */
import dns from 'node:dns';
import { getEventListeners } from 'node:events';
import type { Socket } from 'node:net';
import { describe, expect, it, jest } from '@jest/globals';
import type { DialStep } from '../../src/transport/dialer.js';
import { accepted, dial, failureOf, PLAIN } from '../support/calling.js';
import { eventually } from '../support/eventually.js';
import { leavingNothing } from '../support/handles.js';
import { type RawAnswer, rawServer, switching } from '../support/raw-server.js';
import { Recorder } from '../support/recorder.js';
import { sideBySide } from '../support/side-by-side.js';
import { text } from '../support/wire-frames.js';

leavingNothing();

/** Again and again, as long as the socket is there. */
function every(ms: number, socket: Socket, write: () => void): void {
  const timer = setInterval(write, ms);
  socket.once('close', () => clearInterval(timer));
}

const HEAD = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n';

interface Row {
  readonly name: string;
  readonly answer: RawAnswer;
  /** The code of node's own error; undefined: it is about time. */
  readonly code?: string | RegExp;
  readonly message?: RegExp;
  readonly timeout?: number;
}

const FAILURES: readonly Row[] = [
  { name: 'says nothing', answer: () => {}, timeout: 200 },
  {
    name: 'sends its head byte by byte',
    answer: (socket) => {
      const bytes = Buffer.from(HEAD).values();
      every(30, socket, () => socket.write(Buffer.of(bytes.next().value ?? 0)));
    },
    timeout: 300,
  },
  {
    name: 'sends interim responses for ever',
    answer: (socket) => every(5, socket, () => socket.write('HTTP/1.1 103 Early Hints\r\n\r\n')),
    timeout: 300,
  },
  { name: 'sends blank lines for ever', answer: (socket) => every(5, socket, () => socket.write('\r\n')), timeout: 300 },
  {
    name: 'sends headers for ever',
    answer: (socket) => {
      socket.write('HTTP/1.1 101 Switching Protocols\r\n');
      every(1, socket, () => socket.write(`X-More: ${'x'.repeat(500)}\r\n`));
    },
    code: 'HPE_HEADER_OVERFLOW',
  },
  {
    name: 'sends one endless header line',
    answer: (socket) => {
      socket.write('HTTP/1.1 101 Switching Protocols\r\nX-More: ');
      every(1, socket, () => socket.write('x'.repeat(500)));
    },
    code: 'HPE_HEADER_OVERFLOW',
  },
  { name: 'speaks something else', answer: (socket) => socket.write('220 mail.example ESMTP\r\n'), code: /^HPE_/ },
  { name: 'sends an illegal header', answer: (socket) => socket.write('HTTP/1.1 101 Switching\r\nA b: c\r\n\r\n'), code: /^HPE_/ },
  { name: 'ends before its head', answer: (socket) => socket.end(), code: 'ECONNRESET' },
  { name: 'ends within its head', answer: (socket) => socket.end(HEAD.slice(0, -2)), code: 'ECONNRESET' },
  { name: 'resets before its head', answer: (socket) => socket.resetAndDestroy(), code: 'ECONNRESET' },
  {
    name: 'resets within its head',
    answer: (socket) => socket.write(HEAD.slice(0, -2), () => setTimeout(() => socket.resetAndDestroy(), 30)),
    code: 'ECONNRESET',
  },
  {
    name: 'ends behind an interim response',
    answer: (socket) => socket.end('HTTP/1.1 100 Continue\r\n\r\n'),
    code: 'ECONNRESET',
  },
];

describe('a dial that comes to nothing', () => {
  it('[REL-1] [CLI-9] [D-21] is ended by the dialer, names its step and has the cause of it, whatever the server does', async () => {
    await sideBySide(
      FAILURES,
      ({ name }) => name,
      async ({ answer, code, message = /./, timeout = 10_000 }) => {
        const server = await rawServer(answer);
        const { signal } = new AbortController();
        const failure = await failureOf(`ws://127.0.0.1:${server.port}/`, { timeout, signal });
        expect(failure).toMatchObject({ name: 'DialError', step: 'response', isTimeout: timeout < 10_000 });
        expect(failure).toBeInstanceOf(Error);
        expect(failure.message).toMatch(message);
        if (code !== undefined) expect(failure.cause?.code).toMatch(code);
        else expect(failure.cause).toBe(undefined);
        expect(getEventListeners(signal, 'abort')).toEqual([]);
        await eventually(() => expect(server.sockets.map(hasLeft)).toEqual([true]));
      },
    );
  });

  it.each([
    ['no Upgrade line', 'Connection: Upgrade\r\n'],
    ['no upgrade in its Connection lines', 'Upgrade: websocket\r\nConnection: close, upgrades\r\n'],
    ['neither', ''],
  ])(
    '[CLI-6] [D-21] a 101 that switches nothing, with %s, is a reply that tells what it said and opens no connection',
    async (_, lines) => {
      const server = await rawServer((socket) => socket.write(`HTTP/1.1 101 Switching Protocols\r\nX-Server: odd\r\n${lines}\r\n`));
      const reply = await dial(`ws://127.0.0.1:${server.port}/`);
      expect([reply.by, reply.status, reply.headers.get('x-server'), reply.body.length]).toEqual(['server', 101, ['odd'], 0]);
      await expect(reply.accept(PLAIN, () => new Recorder())).rejects.toThrow('switches nothing');
      await eventually(() => expect(server.sockets.map(hasLeft)).toEqual([true]));
    },
  );

  it('[CLI-9] [D-21] is bounded at every step on its way, and says at which', async () => {
    const silent = await rawServer(() => {});
    const uri = `${silent.port}/`;
    const proxy = { host: '127.0.0.1', port: silent.port, secure: false, headers: [] };
    const rows: [DialStep, string, object][] = [
      ['tls', `wss://127.0.0.1:${uri}`, {}],
      ['proxy', `ws://127.0.0.1:${uri}`, { proxy }],
      ['proxy-tls', `ws://127.0.0.1:${uri}`, { proxy: { ...proxy, secure: true } }],
      ['response', `ws://127.0.0.1:${uri}`, {}],
    ];
    await sideBySide(
      rows,
      ([step, where]) => `${step} ${where}`,
      async ([step, where, more]) => {
        expect(await failureOf(where, { timeout: 200, ...more })).toMatchObject({ step, isTimeout: true });
      },
    );
    await eventually(() => expect(silent.sockets.map(hasLeft)).toEqual([true, true, true, true]));
  });

  it('[CLI-9] is bounded while it connects', async () => {
    const server = await rawServer(() => {});
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'setInterval', 'nextTick', 'queueMicrotask', 'Date', 'performance'] });
    try {
      const failure = failureOf(`ws://127.0.0.1:${server.port}/`, { timeout: 5000 });
      jest.advanceTimersByTime(4999);
      expect(jest.getTimerCount()).toBe(1);
      jest.advanceTimersByTime(1);
      expect(jest.getTimerCount()).toBe(0);
      expect(await failure).toMatchObject({ step: 'connect', isTimeout: true });
    } finally {
      jest.useRealTimers();
    }
  });

  it('[CLI-3] [D-21] an IPv6 address is none that would have to be looked up', async () => {
    const server = await rawServer(() => {});
    const failure = await failureOf(`ws://[::1]:${server.port}/`);
    expect(failure).toMatchObject({
      step: 'connect',
      cause: { code: expect.stringMatching(/^(ECONNREFUSED|EADDRNOTAVAIL|ENETUNREACH)$/) },
    });
    expect(failure.message).toContain(`[::1]:${server.port}`);
    const proxy = { host: '[::1]', port: server.port, secure: false, headers: [] };
    expect((await failureOf('ws://127.0.0.1/', { proxy })).cause?.code).toBe(failure.cause?.code);
  });

  it('[D-21] says what was wrong with a name of several addresses, too, of which node says nothing', async () => {
    const server = await rawServer(() => {});
    await server.stop();
    const addresses = ['127.0.0.2', '127.0.0.1'].map((address) => ({ address, family: 4 }));
    const lookup = jest.spyOn(dns, 'lookup').mockImplementation(((_host: string, _options: object, tell: (...all: unknown[]) => void) => {
      setImmediate(tell, null, addresses);
    }) as never);
    try {
      const failure = await failureOf(`ws://several.invalid:${server.port}/`);
      expect(failure).toMatchObject({ step: 'connect', cause: { message: '', code: 'ECONNREFUSED' } });
      expect(failure.message).toMatch(/several\.invalid:\d+: ECONNREFUSED$/);
    } finally {
      lookup.mockRestore();
    }
  });

  it.each([2 ** 31, Number.POSITIVE_INFINITY])(
    '[CLI-9] may take as long as it likes: %p ms are no time that is over at once',
    async (timeout) => {
      const server = await rawServer((socket, head) => setTimeout(() => socket.write(switching(head)), 30));
      (await dial(`ws://127.0.0.1:${server.port}/`, { timeout })).drop();
    },
  );

  it("[D-21] has node's own error as its cause where nobody listens", async () => {
    const server = await rawServer(() => {});
    await server.stop();
    const failure = await failureOf(`ws://127.0.0.1:${server.port}/`);
    expect(failure).toMatchObject({ step: 'connect', isTimeout: false, cause: { code: 'ECONNREFUSED' } });
    expect(failure.message).toContain(`127.0.0.1:${server.port}`);
  });

  it('[REL-1] [CLI-4] sends nothing to anybody if a header line is illegal', async () => {
    const server = await rawServer((socket, head) => socket.write(switching(head)));
    for (const headers of [[['X', 'a\r\nY: b']], [['X Y', 'a']], [['', 'a']], [['X', '\u0100']]] as const) {
      expect(await failureOf(`ws://127.0.0.1:${server.port}/`, { headers: [['Host', 'x'], ...headers] })).toMatchObject({
        step: 'response',
        isTimeout: false,
        cause: { code: expect.stringMatching(/^ERR_/) },
      });
    }
    expect(server.sockets).toEqual([]);
  });

  it('[CLI-9] the head of a response may be as large as is said, and no larger', async () => {
    const server = await rawServer((socket, head) => socket.write(switching(head, `X: ${'x'.repeat(10_000)}`)));
    const uri = `ws://127.0.0.1:${server.port}/`;
    const reply = await dial(uri, { maxHeaderSize: 12_000 });
    expect(reply.headers.get('x')?.[0]?.length).toBe(10_000);
    reply.drop();
    expect(await failureOf(uri, { maxHeaderSize: 8192 })).toMatchObject({ step: 'response', cause: { code: 'HPE_HEADER_OVERFLOW' } });
  });

  it('[CLI-6] [REL-3] no field of a head is left out, however many there are', async () => {
    const lines = Array.from({ length: 2500 }, (_, i) => `X: ${i % 10}`);
    const server = await rawServer((socket, head) => socket.write(switching(head, ...lines, 'Last: 1')));
    const reply = await dial(`ws://127.0.0.1:${server.port}/`);
    expect([reply.headers.get('x')?.length, reply.headers.get('last')]).toEqual([2500, ['1']]);
    reply.drop();
  });
});

describe('a dial that is given up', () => {
  const reason = new Error('changed our mind');

  it("[REL-1] rejects with the signal's reason at every step, and nothing of it is left", async () => {
    const silent = await rawServer(() => {});
    const body = await rawServer((socket) => socket.write('HTTP/1.1 200 OK\r\n\r\nx'));
    const proxy = { host: '127.0.0.1', port: silent.port, secure: false, headers: [] };
    const rows: [string, string, object, () => unknown][] = [
      ['before it begins', `ws://127.0.0.1:${silent.port}/`, {}, () => true],
      ['in TLS', `wss://127.0.0.1:${silent.port}/`, {}, () => silent.sockets.length > 0],
      ['at the proxy', `ws://127.0.0.1:${silent.port}/`, { proxy }, () => silent.sockets.length > 1],
      ['before the response', `ws://127.0.0.1:${silent.port}/`, {}, () => silent.sockets.length > 2],
      ['in the body', `ws://127.0.0.1:${body.port}/`, {}, () => body.heads.length > 0],
    ];
    for (const [name, uri, more, isThere] of rows) {
      const giving = new AbortController();
      if (name === 'before it begins') giving.abort(reason);
      const outcome = dial(uri, { ...more, signal: giving.signal }).then(
        () => 'a reply',
        (error: unknown) => error,
      );
      await eventually(() => expect(isThere()).toBe(true));
      giving.abort(reason);
      expect([name, await outcome]).toEqual([name, reason]);
      expect(getEventListeners(giving.signal, 'abort')).toEqual([]);
    }
    await eventually(() => expect([...silent.sockets, ...body.sockets].every(hasLeft)).toBe(true));
    expect(silent.sockets.length).toBe(3);
  });

  it('[REL-1] may be given up at the very moment the 101 is there', async () => {
    const server = await rawServer((socket, head) => socket.write(switching(head)));
    const giving = new AbortController();
    const { signal } = giving;
    let steps = 0;
    const remove = signal.removeEventListener.bind(signal);
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      remove(...args);
      if (++steps === 2) giving.abort(reason); // connected, answered
    };
    await expect(dial(`ws://127.0.0.1:${server.port}/`, { signal })).rejects.toBe(reason);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
    await eventually(() => expect(server.sockets.map(hasLeft)).toEqual([true]));
  });

  it.each(['given up', 'dropped'])('[REL-1] after the 101 it is closed, and opens nothing any more: %s', async (how) => {
    const server = await rawServer((socket, head) =>
      socket.write(Buffer.concat([Buffer.from(switching(head)), text('x', { mask: null })])),
    );
    const giving = new AbortController();
    const reply = await dial(`ws://127.0.0.1:${server.port}/`, { signal: giving.signal });
    expect(getEventListeners(giving.signal, 'abort').length).toBe(1);
    if (how === 'dropped') reply.drop();
    else giving.abort(reason);
    reply.drop();
    expect(getEventListeners(giving.signal, 'abort')).toEqual([]);
    let closed = 0;
    const transformation = { close: () => closed++ } as never;
    const open = jest.fn<() => never>();
    const refused = reply.accept({ deflate: null, transformations: [transformation] }, open);
    await expect(refused).rejects.toThrow(how === 'dropped' ? 'dropped' : 'changed our mind');
    expect([closed, open.mock.calls.length]).toEqual([1, 0]);
    await eventually(() => expect(server.sockets.map(hasLeft)).toEqual([true]));
  });

  it('[REL-1] an accepted connection hears the signal no more', async () => {
    const server = await rawServer((socket, head) => socket.write(switching(head)));
    const giving = new AbortController();
    const reply = await dial(`ws://127.0.0.1:${server.port}/`, { signal: giving.signal });
    const { channel, house } = await accepted(reply);
    expect(getEventListeners(giving.signal, 'abort')).toEqual([]);
    giving.abort(reason);
    reply.drop();
    await new Promise(setImmediate);
    server.sockets[0]?.write(text('still there', { mask: null }));
    await eventually(() => expect(house.events).toEqual([['opened'], ['text', 'still there']]));
    await expect(reply.accept({ deflate: null, transformations: [] }, () => house)).rejects.toThrow('accepted');
    channel.terminate();
  });
});

describe('a response that is no 101', () => {
  it('[REL-1] is passed over if it is an interim one', async () => {
    const server = await rawServer((socket, head) =>
      socket.write(`HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: x\r\n\r\n${switching(head)}`),
    );
    const reply = await dial(`ws://127.0.0.1:${server.port}/`);
    expect([reply.status, reply.headers.has('link'), reply.body.length]).toEqual([101, false, 0]);
    reply.drop();
  });

  it('[D-21] comes with status, headers by lower-case name, and its body; it opens nothing', async () => {
    const server = await rawServer((socket) =>
      socket.write(
        'HTTP/1.1 302 Found\r\nLocation: /there\r\nSet-Cookie: a=1\r\nset-cookie: b=2\r\n__proto__: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nnot\r\n5\r\n here\r\n0\r\n\r\n',
      ),
    );
    const { signal } = new AbortController();
    const reply = await dial(`ws://127.0.0.1:${server.port}/`, { signal });
    expect([reply.by, reply.status, reply.body.toString()]).toEqual(['server', 302, 'not here']);
    expect([reply.headers.get('location'), reply.headers.get('set-cookie'), reply.headers.get('__proto__')]).toEqual([
      ['/there'],
      ['a=1', 'b=2'],
      ['x'],
    ]);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
    await eventually(() => expect(server.sockets.map(hasLeft)).toEqual([true])); // whether it is dropped or not
    let closed = 0;
    const refused = reply.accept({ deflate: null, transformations: [{ close: () => closed++ } as never] }, () => {
      throw new Error('not called');
    });
    await expect(refused).rejects.toThrow('302');
    expect(closed).toBe(1);
    reply.drop();
  });

  it('[REL-1] [D-21] has at most 64 KiB of a body, and what of it came in time or before the connection broke', async () => {
    const rows: [string, RawAnswer, (size: number) => boolean, number][] = [
      [
        'endless',
        (socket) => {
          socket.write('HTTP/1.1 200 OK\r\n\r\n');
          every(1, socket, () => socket.write('x'.repeat(5000)));
        },
        (size) => size === 65536,
        10_000,
      ],
      [
        'all at once',
        (socket) => socket.write(`HTTP/1.1 200 OK\r\nContent-Length: 70000\r\n\r\n${'x'.repeat(70_000)}`),
        (size) => size === 65536,
        10_000,
      ],
      ['stalled', (socket) => socket.write('HTTP/1.1 403 No\r\nContent-Length: 9\r\n\r\nhalf'), (size) => size === 4, 200],
      [
        'trickling',
        (socket) => {
          socket.write('HTTP/1.1 403 No\r\nContent-Length: 9000\r\n\r\n');
          every(20, socket, () => socket.write('x'));
        },
        (size) => size > 0 && size < 100,
        300,
      ],
      ['broken off', (socket) => socket.end('HTTP/1.1 403 No\r\nContent-Length: 9\r\n\r\nhalf'), (size) => size === 4, 10_000],
      [
        'reset',
        (socket) => socket.write('HTTP/1.1 403 No\r\nContent-Length: 9\r\n\r\nhalf', () => setTimeout(() => socket.resetAndDestroy(), 50)),
        (size) => size === 4,
        10_000,
      ],
      [
        'wrong in its chunks',
        (socket) => socket.write('HTTP/1.1 403 No\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\nwhat?\r\n'),
        (size) => size === 4,
        10_000,
      ],
      ['until the end', (socket) => socket.end('HTTP/1.1 403 No\r\n\r\nwhole'), (size) => size === 5, 10_000],
      ['none', (socket) => socket.write('HTTP/1.1 204 None\r\n\r\n'), (size) => size === 0, 10_000],
    ];
    await sideBySide(
      rows,
      ([name]) => name,
      async ([, answer, isRight, timeout]) => {
        const server = await rawServer(answer);
        const { body, status } = await dial(`ws://127.0.0.1:${server.port}/`, { timeout });
        expect([status >= 200, isRight(body.length) || body.length]).toEqual([true, true]);
        await eventually(() => expect(server.sockets.map(hasLeft)).toEqual([true]));
      },
    );
  });
});

/** The client has closed its side, or all of it. */
const hasLeft = (socket: Socket): boolean => socket.readableEnded || socket.destroyed;
