/** margay/testing: what a peer sends and waits for. */
import { expect, it, jest } from '@jest/globals';
import { Decoder, Encoder, Int, OnMessage, OnOpen, PathParam, PongMessage, ServerEndpoint, Session } from 'margay';
import { type App, deploy } from 'margay/testing';
import { eventually, gate } from '../support/eventually.js';
import { sideBySide } from '../support/side-by-side.js';

/** Deploys, lets the test have it, and closes it. */
async function withApp(endpoint: Parameters<typeof deploy>[0], body: (app: App) => Promise<void>): Promise<void> {
  const app = await deploy(endpoint);
  try {
    await body(app);
  } finally {
    await app.close();
  }
}

@ServerEndpoint('/echo')
class Echo {
  @OnMessage text(text: string): string {
    return text;
  }

  @OnMessage bytes(bytes: Buffer): Buffer {
    return bytes;
  }
}

it('the first form: a deployment that nobody awaits, a path parameter, and what the server sends at once', async () => {
  @ServerEndpoint('/websocket/{code}')
  class Talk {
    @OnOpen open(session: Session, @PathParam('code', Int) code: number): Promise<void> {
      return session.getBasicRemote().sendText(`open ${code + 1} ${session.getRequestURI()}`);
    }

    @OnMessage text(text: string, @PathParam('code') code: string): string {
      return `${code}: ${text}`;
    }
  }
  const app = deploy(Talk);
  const peer = await app.connect('/websocket/7?name=a%20b');
  await peer.send('hello');
  expect(await peer.text()).toBe('open 8 ws://localhost/websocket/7?name=a%20b');
  expect(await peer.text()).toBe('7: hello');
  expect(peer.subprotocol).toBe('');
  await app.close();
});

it('text and bytes come back whole, and in one line', async () => {
  await withApp(Echo, async (app) => {
    const peer = await app.connect('/echo');
    const view = new Uint8Array([9, 1, 2, 3, 9]).subarray(1, 4);
    await Promise.all([peer.send('one'), peer.send(view), peer.send(''), peer.send(new Uint8Array([4]).buffer), peer.send('größe 😀')]);
    view.fill(0);
    expect(await peer.text()).toBe('one');
    expect(await peer.binary()).toEqual(Buffer.from([1, 2, 3]));
    expect(await peer.text()).toBe('');
    expect(await peer.binary()).toEqual(Buffer.from([4]));
    expect(await peer.text()).toBe('größe 😀');
  });
});

it('who waits several times at once is served in the order of the calls', async () => {
  await withApp(Echo, async (app) => {
    const peer = await app.connect('/echo');
    const waiting = [peer.text(), peer.binary(), peer.text()] as const;
    for (const each of ['a', Buffer.from('b'), 'c']) void peer.send(each);
    expect(await Promise.all(waiting)).toEqual(['a', Buffer.from('b'), 'c']);
  });
});

it('json parses the next text', async () => {
  await withApp(Echo, async (app) => {
    const peer = await app.connect('/echo');
    for (const text of ['{"a":[1]}', 'null', '0']) await peer.send(text);
    expect((await peer.json<{ a: number[] }>()).a).toEqual([1]);
    expect([await peer.json(), await peer.json()]).toEqual([null, 0]);
  });
});

it('parts arrive as parts, of text and of bytes', async () => {
  @ServerEndpoint('/parts')
  class Parts {
    @OnMessage text(part: string, last: boolean): string {
      return `${part}${last ? '.' : '…'}`;
    }

    @OnMessage bytes(part: Buffer, last: boolean): string {
      return `${part.length}${last ? '.' : '…'}`;
    }
  }
  await withApp(Parts, async (app) => {
    const peer = await app.connect('/parts');
    await peer.sendPart('a', false);
    await peer.ping();
    await peer.sendPart('b', false);
    await peer.sendPart('', true);
    await peer.sendPart(Buffer.alloc(3), false);
    await peer.sendPart(Buffer.alloc(4), true);
    const told = [];
    for (let i = 0; i < 5; i++) told.push(await peer.text());
    expect(told).toEqual(['a…', 'b…', '.', '3…', '4.']);
  });
});

it('pings are answered, and pongs stand in a line of their own', async () => {
  const seen: string[] = [];
  @ServerEndpoint('/ping')
  class Pinged extends Echo {
    @OnOpen async open(session: Session): Promise<void> {
      await session.getBasicRemote().sendPing(Buffer.from('from here'));
    }

    @OnMessage pong(pong: PongMessage): void {
      seen.push(pong.getApplicationData().toString());
    }
  }
  await withApp(Pinged, async (app) => {
    const peer = await app.connect('/ping');
    await peer.send('text');
    await peer.ping(Buffer.from('x'));
    await peer.ping();
    expect([await peer.pong(), await peer.pong()]).toEqual([Buffer.from('x'), Buffer.alloc(0)]);
    expect(await peer.text()).toBe('text');
    expect(seen).toEqual(['from here']);
  });
});

it('decoders and encoders are at work', async () => {
  class Point {
    readonly x: number;
    constructor(x: number) {
      this.x = x;
    }
  }
  class PointDecoder extends Decoder.Text(Point) {
    override decode(text: string): Point {
      return new Point(Number(text));
    }
  }
  class PointEncoder extends Encoder.Text(Point) {
    override encode({ x }: Point): string {
      return JSON.stringify({ x });
    }
  }
  @ServerEndpoint({ value: '/mirror', decoders: [PointDecoder], encoders: [PointEncoder] })
  class Mirror {
    @OnMessage mirror(point: Point): Point {
      return new Point(-point.x);
    }
  }
  await withApp(Mirror, async (app) => {
    const peer = await app.connect('/mirror');
    await peer.send('3');
    expect(await peer.json()).toEqual({ x: -3 });
  });
});

it('a send settles once the engine has taken it: not while the endpoint reads nothing', async () => {
  const going = gate();
  let bytes = 0;
  @ServerEndpoint({ value: '/slow', backlog: { events: 1 }, maxBinaryMessageBufferSize: 1 << 20 })
  class Slow {
    @OnMessage async take(data: Buffer): Promise<void> {
      await going.promise;
      bytes += data.length;
    }
  }
  await withApp(Slow, async (app) => {
    const peer = await app.connect('/slow');
    let settled = 0;
    const sends = Array.from({ length: 8 }, () => peer.send(Buffer.alloc(40_000)).then(() => settled++));
    for (let i = 0; i < 50; i++) await new Promise((resolve) => setImmediate(resolve));
    expect(settled).toBeGreaterThan(0);
    expect(settled).toBeLessThan(8);
    going.open();
    await Promise.all(sends);
    await eventually(() => expect(bytes).toBe(320_000));
  });
});

it('a verb that meets another kind of message says what it got, at once, and leaves it there', async () => {
  await withApp(Echo, async (app) => {
    const peer = await app.connect('/echo');
    await peer.send(Buffer.alloc(3));
    await expect(peer.text()).rejects.toMatchObject({
      code: 'MARGAY_STATE',
      message: expect.stringMatching(/^expected text, got 3 bytes/),
    });
    await expect(peer.json()).rejects.toMatchObject({ code: 'MARGAY_STATE', message: expect.stringContaining('got 3 bytes') });
    expect(await peer.binary()).toEqual(Buffer.alloc(3));
    await peer.send('{ no json');
    await expect(peer.binary()).rejects.toMatchObject({ message: expect.stringContaining('expected a binary message, got "{ no json"') });
    const error = await peer.json().catch((each: unknown) => each);
    expect(error).toMatchObject({
      code: 'MARGAY_DECODE',
      name: 'DecodeException',
      cause: expect.objectContaining({ name: 'SyntaxError' }),
    });
    expect((error as { message: string }).message).toContain('expected JSON, got text "{ no json"');
    expect(await peer.text()).toBe('{ no json');
  });
});

it('a call with what cannot be sent is refused where it stands', async () => {
  await withApp(Echo, async (app) => {
    const peer = await app.connect('/echo');
    const rows: readonly [() => unknown, string][] = [
      [() => peer.send(null as never), 'MARGAY_ARGUMENT'],
      [() => peer.send(3 as never), 'MARGAY_ARGUMENT'],
      [() => peer.send('a\ud800'), 'MARGAY_SURROGATE'],
      [() => peer.sendPart(undefined as never, true), 'MARGAY_ARGUMENT'],
      [() => peer.sendPart('a', undefined as never), 'MARGAY_ARGUMENT'],
      [() => peer.sendPart('\udc00', true), 'MARGAY_SURROGATE'],
      [() => peer.ping('a' as never), 'MARGAY_ARGUMENT'],
      [() => peer.ping(Buffer.alloc(126)), 'MARGAY_CONTROL_SIZE'],
      [() => peer.close(1005.5), 'MARGAY_CLOSE_CODE'],
      [() => peer.close(1015), 'MARGAY_CLOSE_CODE'],
      [() => peer.close(1000, 'x'.repeat(124)), 'MARGAY_CLOSE_PHRASE'],
      [() => peer.close(undefined, 'why'), 'MARGAY_ARGUMENT'],
    ];
    for (const [call, code] of rows) expect(call).toThrow(expect.objectContaining({ code }));
    await peer.sendPart('a', false);
    expect(() => peer.send('b')).toThrow(expect.objectContaining({ code: 'MARGAY_SEND_ORDER' }));
    expect(() => peer.sendPart(Buffer.alloc(1), true)).toThrow(expect.objectContaining({ code: 'MARGAY_SEND_ORDER' }));
    await peer.sendPart('b', true);
    expect(await peer.text()).toBe('ab');
    await peer.ping(Buffer.alloc(125));
    expect(await peer.pong()).toHaveLength(125);
  });
});

it('who waits in vain is told after 2000 ms of real time what came so far, and which line has waited', async () => {
  await withApp(Echo, async (app) => {
    const [peer, silent] = [await app.connect('/echo'), await app.connect('/echo')];
    for (let i = 0; i < 8; i++) await peer.send(`${i}`);
    for (let i = 0; i < 8; i++) await peer.text();
    await peer.send('x'.repeat(60));
    await peer.text();
    await peer.send(Buffer.alloc(70));
    await peer.ping(Buffer.alloc(2));
    await Promise.all([peer.binary(), peer.pong()]);
    jest.useFakeTimers();
    const from = process.hrtime.bigint();
    const wait = <T>(promise: Promise<T>) =>
      promise.then(
        () => 'nothing',
        (error: Error & { code: string }) => error,
      );
    const waits = [peer.text(), peer.binary(), peer.json(), peer.pong(), peer.closed(), silent.text()].map(wait);
    try {
      jest.setSystemTime(0);
      const errors = (await Promise.all(waits)) as (Error & { code: string })[];
      expect(errors.map(({ code }) => code)).toEqual(Array(6).fill('MARGAY_TIMEOUT'));
      const soFar = `so far came 3 others, then "3", "4", "5", "6", "7", "${'x'.repeat(40)}…", 70 bytes, a pong of 2 bytes`;
      const what = ['a text message', 'a binary message', 'a text message with JSON', 'a pong', 'the connection to be closed'];
      expect(errors.map(({ message }) => message)).toEqual([
        ...what.map((each) => `waited 2000 ms for ${each}; ${soFar}`),
        'waited 2000 ms for a text message; so far came nothing',
      ]);
      for (const { stack } of errors) expect(stack).toContain('testing-door.test');
      expect(errors[0]?.stack).toMatch(/^SocketTimeoutException: waited 2000 ms/);
    } finally {
      jest.useRealTimers();
    }
    expect(Number(process.hrtime.bigint() - from) / 1e6).toBeGreaterThan(1900);
    await peer.send('and on');
    expect(await peer.text()).toBe('and on');
  });
});

it('a process that stood still longer than that fails nobody whose message is there', async () => {
  await withApp(Echo, async (app) => {
    const peer = await app.connect('/echo');
    const text = peer.text();
    void peer.send('late');
    const until = Date.now() + 2100;
    while (Date.now() < until); // nothing of ours runs meanwhile
    expect(await text).toBe('late');
  });
});

it('under a fake clock everything but the clock goes on', async () => {
  jest.useFakeTimers();
  try {
    @ServerEndpoint('/later')
    class Later extends Echo {
      @OnOpen open(session: Session): void {
        setTimeout(() => void session.getBasicRemote().sendText('a minute later'), 60_000);
      }
    }
    const app = deploy(Later);
    const peer = await app.connect('/later');
    await peer.send('now');
    expect(await peer.text()).toBe('now');
    jest.advanceTimersByTime(60_000);
    expect(await peer.text()).toBe('a minute later');
    await peer.close(1000);
    const other = await app.connect('/later');
    await app.close();
    expect([await peer.closed(), await other.closed()]).toMatchObject([{ code: 1000 }, { code: 1001 }]);
  } finally {
    jest.useRealTimers();
  }
});

it('a thousand peers hear what one of them says', async () => {
  @ServerEndpoint('/room')
  class Room {
    @OnMessage text(text: string, session: Session): void {
      for (const each of session.getOpenSessions()) void each.getAsyncRemote().sendText(text);
    }
  }
  await withApp(Room, async (app) => {
    const peers = await Promise.all(Array.from({ length: 1000 }, () => app.connect('/room')));
    await peers[500]?.send('to all');
    const texts = peers.map((peer) => peer.text());
    expect(new Set(await Promise.all(texts))).toEqual(new Set(['to all']));
    expect(app.container.statistics()).toMatchObject({ open: 1000, messagesSent: 1000, messagesReceived: 1 });
    await sideBySide(
      peers.slice(0, 10).map((peer, i) => ({ peer, i })),
      ({ i }) => `peer ${i}`,
      async ({ peer }) => peer.close(1000),
    );
    await eventually(() => expect(app.container.statistics().open).toBe(990));
  });
});
