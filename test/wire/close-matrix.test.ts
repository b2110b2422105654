/** Who closes × when: one @OnClose, the right code on both sides, the session out of sight, the socket gone. [CLO-9] */
import { describe, expect, it } from '@jest/globals';
import { CloseReason, OnClose, OnError, OnMessage, OnOpen, type ServerContainer, ServerEndpoint, Session } from 'margay';
import { eventually, gate } from '../support/eventually.js';
import { closing, frame, OPCODES } from '../support/frames.js';
import { RawPeer } from '../support/raw-peer.js';
import { type Started, start } from '../support/start.js';

const OURS = new CloseReason(CloseReason.CloseCodes.getCloseCode(4001), 'ours');

/** What can be done to a conversation, and what each side must see of it. */
interface Cause {
  readonly who: string;
  act(on: { readonly session: Session; readonly peer: RawPeer; readonly container: ServerContainer }): void;
  /** The code that onClose is told. */
  readonly local: number;
  readonly phrase?: string;
  /** On the wire; undefined: no close frame. */
  readonly wire?: number | undefined;
  /** Errors that onError is told before. */
  readonly errors?: readonly string[];
  /** The peer's message that is being sent is cut off by what it does, so it cannot send this between fragments. */
  readonly settings?: { readonly maxIdleTimeout: number };
  /** Undelivered messages are thrown away. */
  readonly drops?: boolean;
}

const CAUSES: readonly Cause[] = [
  { who: 'the application', act: ({ session }) => void session.close(OURS), local: 4001, phrase: 'ours', wire: 4001, drops: true },
  {
    who: 'the application, with 1005',
    act: ({ session }) => void session.close(new CloseReason(CloseReason.CloseCodes.NO_STATUS_CODE)),
    local: 1005,
    phrase: '',
    wire: 1005,
    drops: true,
  },
  {
    who: 'the application, with 1006',
    act: ({ session }) => void session.close(new CloseReason(CloseReason.CloseCodes.CLOSED_ABNORMALLY, 'x')),
    local: 1006,
    phrase: 'x',
    wire: 1002,
    drops: true,
  },
  { who: 'the peer', act: ({ peer }) => peer.close(4002, 'theirs'), local: 4002, phrase: 'theirs', wire: 4002 },
  { who: 'the peer, without a code', act: ({ peer }) => peer.close(), local: 1005, phrase: '', wire: 1005 },
  {
    who: 'the peer, with one byte',
    act: ({ peer }) => peer.send({ opcode: OPCODES.close, payload: Buffer.from([3]) }),
    local: 1002,
    wire: 1002,
    errors: ['MARGAY_PROTOCOL'],
    drops: true,
  },
  {
    who: 'the peer, with a phrase of bad UTF-8',
    act: ({ peer }) => peer.send({ opcode: OPCODES.close, payload: Buffer.concat([closing(1000), Buffer.from([0xff])]) }),
    local: 1007,
    wire: 1007,
    errors: ['MARGAY_UTF8'],
    drops: true,
  },
  { who: 'the peer, with 1006', act: ({ peer }) => peer.close(1006), local: 1002, wire: 1002, errors: ['MARGAY_PROTOCOL'], drops: true },
  {
    who: 'both at once',
    act: ({ session, peer }) => {
      peer.close(4002, 'theirs');
      void session.close(OURS);
    },
    local: 4001,
    phrase: 'ours',
    wire: 4001,
    drops: true,
  },
  { who: 'the container', act: ({ container }) => void container.close(), local: 1001, wire: 1001, drops: true },
  { who: 'a broken frame', act: ({ peer }) => peer.send({ opcode: 3 }), local: 1002, wire: 1002, errors: ['MARGAY_PROTOCOL'], drops: true },
  { who: 'the idle timeout', act: () => {}, settings: { maxIdleTimeout: 150 }, local: 1006, wire: 1001, drops: true },
  { who: 'the end of the stream', act: ({ peer }) => peer.end(), local: 1006, wire: undefined },
  { who: 'a reset', act: ({ peer }) => peer.reset(), local: 1006, wire: undefined, errors: ['MARGAY_CONNECTION_LOST'], drops: true },
];

/** What the endpoint is doing meanwhile. */
const MOMENTS = [
  'during an async OnOpen',
  'while idle',
  'during a running handler',
  'with queued messages',
  'in the middle of a message',
  'inside OnError',
] as const;

type Moment = (typeof MOMENTS)[number];

/** Everything a conversation has shown. */
interface Conversation {
  readonly closes: string[];
  readonly errors: string[];
  readonly messages: string[];
  readonly session: Session;
  readonly peer: RawPeer;
  readonly started: Started;
  /** Lets the callback that runs settle. */
  letGo(): void;
}

/** A conversation that has come to the moment. */
async function at(moment: Moment, cause: Cause): Promise<Conversation> {
  const busy = gate();
  const opened = gate<Session>();
  const reached = gate();
  const [closes, errors, messages]: [string[], string[], string[]] = [[], [], []];
  const inOpen = moment === 'during an async OnOpen';
  const inHandler = moment === 'during a running handler' || moment === 'with queued messages';
  const inError = moment === 'inside OnError';
  @ServerEndpoint('/talk')
  class Talk {
    @OnOpen
    async open(session: Session): Promise<void> {
      opened.open(session);
      if (inOpen) await busy.promise;
    }
    @OnMessage
    async text(message: string): Promise<void> {
      messages.push(message);
      if (inError && messages.length === 1) throw new Error('to onError');
      if (inHandler && messages.length === 1) {
        reached.open();
        await busy.promise;
      }
    }
    @OnError
    async error(error: Error): Promise<void> {
      if (error.message !== 'to onError') return void errors.push((error as Error & { code: string }).code);
      reached.open();
      await busy.promise;
    }
    @OnClose
    close(reason: CloseReason): void {
      closes.push(`${reason.getCloseCode().getCode()} ${reason.getReasonPhrase()}`);
    }
  }
  const started = await start(Talk, { closeTimeout: 1000, lingerTimeout: 300, ...cause.settings });
  const peer = await RawPeer.open(started, '/talk');
  const session = await opened.promise;
  if (inHandler || inError) {
    peer.text('first');
    await reached.promise;
  }
  if (moment === 'with queued messages') {
    peer.text('second');
    peer.text('third');
  }
  if (moment === 'in the middle of a message') peer.send({ opcode: OPCODES.text, fin: false, payload: 'begin' });
  if (moment === 'with queued messages' || moment === 'in the middle of a message') {
    peer.send({ opcode: OPCODES.ping, payload: 'in' });
    await eventually(() => expect(peer.frames.some(({ opcode }) => opcode === OPCODES.pong)).toBe(true));
  }
  return { closes, errors, messages, session, peer, started, letGo: () => busy.open() };
}

/** Closed means: @OnClose has settled and the socket is gone. [D-27] */
function isClosed(session: Session): boolean {
  try {
    session.getUserProperties();
    return false;
  } catch {
    return true;
  }
}

const isAbrupt = ({ wire }: Cause) => wire === undefined;

describe.each(MOMENTS)('[CLO-9] %s', (moment) => {
  it.each(CAUSES)('$who closes', async (cause) => {
    const { closes, errors, messages, session, peer, started, letGo } = await at(moment, cause);
    const openOnes = () => (isClosed(session) ? new Set() : session.getOpenSessions());
    cause.act({ session, peer, container: started.container });
    const early = cause.drops === true && !isAbrupt(cause); // these do not wait for what runs
    if (early) {
      expect((await peer.closeFrame())?.code).toBe(cause.wire);
      expect(session.isOpen()).toBe(false);
      expect(openOnes().has(session)).toBe(false);
      letGo();
    } else {
      await new Promise((resolve) => setTimeout(resolve, 30)); // what runs, runs on
      letGo();
      if (!isAbrupt(cause)) expect((await peer.closeFrame())?.code).toBe(cause.wire);
    }
    if (!isAbrupt(cause)) {
      peer.close(cause.wire === 1005 ? undefined : cause.wire);
      await peer.finished();
    }
    await eventually(() => expect(isClosed(session)).toBe(true), 2000);
    expect(closes).toHaveLength(1);
    const { phrase = closes[0]?.slice(5) } = cause;
    expect(closes).toEqual([`${cause.local} ${phrase}`]);
    expect(errors).toEqual(cause.errors ?? []);
    expect(session.isOpen()).toBe(false);
    expect(peer.frames.filter(({ opcode }) => opcode === OPCODES.close)).toHaveLength(isAbrupt(cause) ? 0 : 1);
    expect(peer.frames.every(({ masked, fin }) => !masked && fin)).toBe(true);
    if (moment === 'with queued messages') expect(messages).toEqual(cause.drops === true ? ['first'] : ['first', 'second', 'third']);
  });
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
    const started = await start(Talk, { lingerTimeout: 300 });
    const peer = await RawPeer.open(started, '/talk');
    peer.close(4002, 'theirs');
    const session = await inside.promise;
    act({ session, peer, container: started.container });
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(isClosed(session)).toBe(false); // getters work until onClose has settled
    busy.open();
    await eventually(() => expect(isClosed(session)).toBe(true), 2000);
    expect(closes).toEqual(['CloseReason[4002,theirs]']);
    expect(errors).toEqual([]);
  });

  it.each(LATER)('while the peer owes its frame, %s: still one onClose', async (_what, act) => {
    const inside = gate<Session>();
    const closes: string[] = [];
    const errors: Error[] = [];
    @ServerEndpoint('/talk')
    class Talk {
      @OnMessage
      text(_message: string, session: Session): void {
        void session.close(OURS);
      }
      @OnClose
      close(reason: CloseReason, session: Session): void {
        closes.push(String(reason));
        inside.open(session);
      }
      @OnError
      error(error: Error): void {
        errors.push(error);
      }
    }
    const started = await start(Talk, { closeTimeout: 500, lingerTimeout: 300 });
    const peer = await RawPeer.open(started, '/talk');
    peer.text('go');
    const session = await inside.promise;
    await peer.closeFrame();
    act({ session, peer, container: started.container });
    await eventually(() => expect(isClosed(session)).toBe(true), 2000);
    expect(closes).toEqual(['CloseReason[4001,ours]']);
    expect(errors).toEqual([]);
    expect(peer.frames.filter(({ opcode }) => opcode === OPCODES.close)).toHaveLength(1);
  });
});

describe('[REL-13] a peer that does not do its part', () => {
  it('never ends TCP after both close frames: gone after lingerTimeout', async () => {
    const opened = gate<Session>();
    @ServerEndpoint('/talk')
    class Talk {
      @OnOpen
      open(session: Session): void {
        opened.open(session);
      }
    }
    const peer = await RawPeer.open(await start(Talk, { lingerTimeout: 300 }), '/talk');
    const session = await opened.promise;
    peer.close(1000);
    await peer.ended();
    expect(isClosed(session)).toBe(false);
    await eventually(() => expect(isClosed(session)).toBe(true), 1000);
  });

  it('answers our close with a flood instead of a frame: gone after closeTimeout', async () => {
    const opened = gate<Session>();
    @ServerEndpoint('/talk')
    class Talk {
      @OnOpen
      open(session: Session): void {
        opened.open(session);
      }
    }
    const peer = await RawPeer.open(await start(Talk, { closeTimeout: 300, lingerTimeout: 300 }), '/talk');
    const session = await opened.promise;
    void session.close(OURS);
    const flood = frame({ opcode: OPCODES.text, payload: 'x'.repeat(1000) });
    const timer = setInterval(() => peer.socket.writable && peer.send(flood), 5);
    await eventually(() => expect(isClosed(session)).toBe(true), 1500);
    clearInterval(timer);
  });

  it('breaks the stream instead of answering our close: its frame is not waited for', async () => {
    const opened = gate<Session>();
    @ServerEndpoint('/talk')
    class Talk {
      @OnOpen
      open(session: Session): void {
        opened.open(session);
      }
    }
    const peer = await RawPeer.open(await start(Talk), '/talk');
    const session = await opened.promise;
    void session.close(OURS);
    await peer.closeFrame();
    peer.send({ opcode: 3 });
    await peer.finished();
    await eventually(() => expect(isClosed(session)).toBe(true), 1000);
  });

  it('breaks the stream and stays: gone after lingerTimeout', async () => {
    const opened = gate<Session>();
    @ServerEndpoint('/talk')
    class Talk {
      @OnOpen
      open(session: Session): void {
        opened.open(session);
      }
    }
    const peer = await RawPeer.open(await start(Talk, { lingerTimeout: 300 }), '/talk');
    const session = await opened.promise;
    peer.send({ opcode: 3 });
    await peer.ended();
    await eventually(() => expect(isClosed(session)).toBe(true), 1000);
  });
});
