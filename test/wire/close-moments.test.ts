/** Closing where the matrix does not reach: in the hooks of the handshake, by and in each callback, and by peers that do not do their part. */
import { describe, expect, it } from '@jest/globals';
import {
  CloseReason,
  OnClose,
  OnError,
  OnMessage,
  OnOpen,
  PongMessage,
  type ServerContainer,
  ServerEndpoint,
  ServerEndpointConfig,
  Session,
} from 'margay';
import { eventually, gate, sleep } from '../support/eventually.js';
import { closing, frame, OPCODES } from '../support/frames.js';
import { RawPeer, type Sendable } from '../support/raw-peer.js';
import { sideBySide } from '../support/side-by-side.js';
import { start } from '../support/start.js';
import { closed, isClosed, OURS } from './conversation.js';

const { text, close } = OPCODES;
const told = (reason: CloseReason) => reason.getCloseCode().getCode();

describe('[CLO-9, LIF-3] while a hook of the handshake runs', () => {
  interface Row {
    readonly who: string;
    /** Behind the request, in the same packet. */
    readonly behind?: Sendable;
    leave?(peer: RawPeer): void;
    /** What the endpoint hears; nothing at all if it never opens. */
    readonly steps: readonly unknown[];
    readonly wire: number | null;
  }
  const ROWS: readonly Row[] = [
    { who: 'the peer, with 4002', behind: { opcode: close, payload: closing(4002, 'bye') }, steps: ['open', 4002], wire: 4002 },
    { who: 'the peer, without a code', behind: { opcode: close }, steps: ['open', 1005], wire: 1005 },
    { who: 'the peer, with 1006', behind: { opcode: close, payload: closing(1006) }, steps: ['open', 'MARGAY_PROTOCOL', 1002], wire: 1002 },
    { who: 'a broken frame', behind: { opcode: 3 }, steps: ['open', 'MARGAY_PROTOCOL', 1002], wire: 1002 },
    { who: 'bad UTF-8', behind: { opcode: text, payload: Buffer.from([0xff]) }, steps: ['open', 'MARGAY_UTF8', 1007], wire: 1007 },
    { who: 'a message too large', behind: { opcode: text, payload: 'x'.repeat(101) }, steps: ['open', 'MARGAY_TOO_BIG', 1009], wire: 1009 },
    { who: 'the end of the stream', leave: (peer) => peer.end(), steps: [], wire: null },
    {
      who: 'the end of the stream behind a message',
      behind: { opcode: text, payload: 'x' },
      leave: (peer) => peer.end(),
      steps: [],
      wire: null,
    },
    { who: 'a reset', leave: (peer) => peer.reset(), steps: [], wire: null },
  ];

  async function scene(act: (peer: RawPeer, container: ServerContainer) => Promise<unknown>, behind: readonly Sendable[] = []) {
    const [asked, hold] = [gate(), gate()];
    const steps: unknown[] = [];
    class Slow extends ServerEndpointConfig.Configurator {
      override async getEndpointInstance<T extends object>(type: new () => T): Promise<T> {
        asked.open();
        await hold.promise;
        return new type();
      }
    }
    @ServerEndpoint({ value: '/slow', configurator: Slow })
    class Talk {
      @OnOpen
      open(): void {
        steps.push('open');
      }
      @OnMessage
      text(message: string): void {
        steps.push(message);
      }
      @OnError
      error(error: Error): void {
        steps.push((error as Error & { code: string }).code);
      }
      @OnClose
      close(reason: CloseReason): void {
        steps.push(told(reason));
      }
    }
    const started = await start(Talk, { maxTextMessageBufferSize: 100, lingerTimeout: 300 });
    const peer = RawPeer.ask(started, '/slow', { behind });
    await asked.promise;
    await act(peer, started.container);
    hold.open();
    return { peer, steps };
  }

  it('whatever the peer does comes after OnOpen, or nothing opens at all', () =>
    sideBySide(
      ROWS,
      ({ who }) => who,
      async ({ behind, leave, steps, wire }) => {
        const on = await scene(
          async (peer) => {
            leave?.(peer);
            await sleep(50); // the server hears of it
          },
          behind === undefined ? [] : [behind],
        );
        if (wire === null) await sleep(50);
        else expect((await on.peer.closeFrame())?.code).toBe(wire);
        await eventually(() => expect(on.steps).toEqual(steps));
        if (wire === null) expect(on.peer.bytes.length).toBe(0);
      },
    ));

  it('[D-32] the container closes: 503, and nothing opens', async () => {
    const { peer, steps } = await scene(async (_peer, container) => void container.close());
    expect((await peer.response()).status).toBe(503);
    await peer.ended();
    expect(steps).toEqual([]);
  });
});

describe('[LIF-10, CLO-17] what a callback does to its session', () => {
  const DEEDS = ['close', 'await close', 'throw', 'throw later', 'close, then throw', 'await close, then throw later'] as const;
  const PLACES = ['OnOpen', 'OnMessage', 'a partial OnMessage', 'a pong OnMessage', 'OnError', 'OnClose'] as const;
  type Deed = (typeof DEEDS)[number];
  type Place = (typeof PLACES)[number];

  async function perform(deed: Deed, session: Session): Promise<void> {
    if (deed.includes('await')) await session.close(OURS);
    else if (deed.startsWith('close')) void session.close(OURS);
    if (deed.includes('later')) await sleep(5);
    if (deed.includes('throw')) throw new Error('boom');
  }

  /** What onClose and the wire are told, if the session closes at all; and what onError is. */
  function expected(place: Place, deed: Deed): { local: string | null; wire: number | null; errors: string[] } {
    const boom = deed.includes('throw') && place !== 'OnError' ? ['boom'] : []; // what OnError throws is logged
    const errors = place === 'OnError' ? ['first'] : boom;
    if (place === 'OnClose') return { local: '4002 theirs', wire: 4002, errors };
    if (deed.includes('close')) return { local: '4001 ours', wire: 4001, errors };
    return place === 'OnOpen' ? { local: '1006 boom', wire: 1011, errors } : { local: null, wire: null, errors };
  }

  it.each(PLACES)('in %s, by closing, throwing and both', (place) =>
    sideBySide(DEEDS, String, async (deed) => {
      const opened = gate<Session>();
      const [closes, errors]: [string[], string[]] = [[], []];
      const at = async (here: Place, session: Session): Promise<void> => {
        if (here === place) await perform(deed, session);
      };
      @ServerEndpoint('/talk')
      class Talk {
        @OnOpen
        open(session: Session): Promise<void> {
          opened.open(session);
          return at('OnOpen', session);
        }
        @OnMessage
        text(message: string, session: Session): Promise<void> {
          if (message === 'fail') throw new Error('first');
          return at('OnMessage', session);
        }
        @OnMessage
        part(_part: Buffer, _last: boolean, session: Session): Promise<void> {
          return at('a partial OnMessage', session);
        }
        @OnMessage
        pong(_pong: PongMessage, session: Session): Promise<void> {
          return at('a pong OnMessage', session);
        }
        @OnError
        error(error: Error, session: Session): Promise<void> {
          errors.push(error.message);
          return at('OnError', session);
        }
        @OnClose
        close(reason: CloseReason, session: Session): Promise<void> {
          closes.push(`${told(reason)} ${reason.getReasonPhrase()}`);
          return at('OnClose', session);
        }
      }
      const peer = await RawPeer.open(await start(Talk, { lingerTimeout: 300 }), '/talk');
      const session = await opened.promise;
      if (place === 'OnMessage') peer.text('go');
      if (place === 'OnError') peer.text('fail');
      if (place === 'a partial OnMessage') peer.send({ opcode: OPCODES.binary, fin: false, payload: 'part' });
      if (place === 'a pong OnMessage') peer.send({ opcode: OPCODES.pong });
      if (place === 'OnClose') peer.close(4002, 'theirs');
      const { local, wire, errors: heard } = expected(place, deed);
      await eventually(() => expect(errors).toEqual(heard));
      if (local === null) {
        peer.ping('still here');
        await peer.ponged();
        expect(session.isOpen()).toBe(true);
        expect(closes).toEqual([]);
        return;
      }
      expect((await peer.closeFrame())?.code).toBe(wire);
      if (place !== 'OnClose') peer.close(wire as number);
      await peer.finished();
      await closed(session);
      expect(closes).toEqual([local]);
      expect(errors).toEqual(heard);
    }),
  );
});

describe('[CLO-9] inside OnClose', () => {
  const LATER: readonly (readonly [string, (on: { session: Session; peer: RawPeer; container: ServerContainer }) => void])[] = [
    ['the application closes again', ({ session }) => void session.close(OURS)],
    ['the container closes', ({ container }) => void container.close()],
    ['the peer sends another close frame', ({ peer }) => peer.close(1000)],
    ['the peer sends nonsense', ({ peer }) => peer.send({ opcode: 3, rsv: 7 })],
    ['the stream ends', ({ peer }) => peer.end()],
    ['the peer resets', ({ peer }) => peer.reset()],
  ];

  it.each(LATER)('%s: still one onClose, with the first reason, and no error', async (_what, act) => {
    const busy = gate();
    const inside = gate<Session>();
    const closes: string[] = [];
    const errors: Error[] = [];
    @ServerEndpoint('/talk')
    class Talk {
      @OnClose
      async close(reason: CloseReason, session: Session): Promise<void> {
        closes.push(String(reason));
        inside.open(session);
        await busy.promise;
      }
      @OnError
      error(error: Error): void {
        errors.push(error);
      }
    }
    const started = await start(Talk, { lingerTimeout: 200 });
    const peer = await RawPeer.open(started, '/talk');
    peer.close(4002, 'theirs');
    const session = await inside.promise;
    act({ session, peer, container: started.container });
    await sleep(30);
    expect(isClosed(session)).toBe(false); // getters work until onClose has settled
    busy.open();
    await closed(session);
    expect(closes).toEqual(['CloseReason[4002,theirs]']);
    expect(errors).toEqual([]);
  });
});

describe('[REL-13] a peer that does not do its part', () => {
  /** ms */
  const [CLOSE, LINGER] = [400, 300];
  const flood = frame({ opcode: text, payload: 'x'.repeat(1000) });
  const ROWS: readonly { readonly what: string; act(peer: RawPeer, session: Session): Promise<unknown>; readonly within: number }[] = [
    {
      what: 'never ends TCP after both close frames: lingerTimeout',
      act: async (peer) => {
        peer.close(1000);
        await peer.ended();
      },
      within: LINGER,
    },
    { what: 'never answers our close: closeTimeout', act: async (_peer, session) => session.close(OURS), within: CLOSE },
    {
      what: 'answers our close with a flood: closeTimeout',
      act: async (peer, session) => {
        void session.close(OURS);
        const timer = setInterval(() => (peer.socket.writable ? peer.send(flood) : clearInterval(timer)), 5);
      },
      within: CLOSE,
    },
    {
      what: 'answers our close with pings: closeTimeout',
      act: async (peer, session) => {
        void session.close(OURS);
        const timer = setInterval(() => (peer.socket.writable ? peer.ping('wait') : clearInterval(timer)), 5);
      },
      within: CLOSE,
    },
    {
      what: 'begins a frame instead of answering our close: closeTimeout',
      act: async (peer, session) => {
        void session.close(OURS);
        peer.send(flood.subarray(0, 100));
      },
      within: CLOSE,
    },
    {
      what: 'breaks the stream and stays: lingerTimeout',
      act: async (peer) => {
        peer.send({ opcode: 3 });
        await peer.ended();
      },
      within: LINGER,
    },
    {
      what: 'breaks the stream and goes on sending: lingerTimeout',
      act: async (peer) => {
        peer.send({ opcode: 3 });
        const timer = setInterval(() => (peer.socket.writable ? peer.send(flood) : clearInterval(timer)), 5);
      },
      within: LINGER,
    },
  ];

  it('is dropped after the time that its duty has, neither before nor long after', () =>
    sideBySide(
      ROWS,
      ({ what }) => what,
      async ({ act, within }) => {
        const opened = gate<Session>();
        @ServerEndpoint('/talk')
        class Talk {
          @OnOpen
          open(session: Session): void {
            opened.open(session);
          }
          @OnMessage
          text(_message: string): void {}
        }
        const peer = await RawPeer.open(await start(Talk, { closeTimeout: CLOSE, lingerTimeout: LINGER }), '/talk');
        const session = await opened.promise;
        const since = performance.now();
        await act(peer, session);
        await closed(session);
        const took = performance.now() - since;
        expect(took).toBeGreaterThan(within - 20);
        expect(took).toBeLessThan(within + 2000); // ms, with tests beside it
        expect(peer.frames.filter(({ opcode }) => opcode === close)).toHaveLength(1);
      },
    ));

  it('breaks the stream instead of answering our close: its frame is not waited for', async () => {
    const opened = gate<Session>();
    @ServerEndpoint('/talk')
    class Talk {
      @OnOpen
      open(session: Session): void {
        opened.open(session);
      }
    }
    const peer = await RawPeer.open(await start(Talk, { closeTimeout: 30_000 }), '/talk');
    const session = await opened.promise;
    void session.close(OURS);
    await peer.closeFrame();
    peer.send({ opcode: 3 });
    await peer.finished();
    await closed(session);
  });
});
