/** Who closes × when: one @OnClose, the right code on both sides, the session out of sight, the socket gone. [CLO-9] */
import { describe, expect, it } from '@jest/globals';
import { CloseReason } from 'margay';
import { eventually, sleep } from '../support/eventually.js';
import { withFastSeconds } from '../support/fast-seconds.js';
import { closing, OPCODES } from '../support/frames.js';
import { sideBySide } from '../support/side-by-side.js';
import { at, type Conversation, closed, MOMENTS, type Moment, OURS } from './conversation.js';

withFastSeconds();

const { CloseCodes } = CloseReason;
const { text, continuation, close } = OPCODES;

/** What can be done to a conversation, and what each side must see of it. */
interface Cause {
  readonly who: string;
  act(on: Conversation, moment: Moment): unknown;
  /** The code that onClose is told, and its phrase where that is promised. */
  readonly local: number;
  readonly phrase?: string;
  /** On the wire; undefined: no close frame. */
  readonly wire: number | undefined;
  /** What onError is told before. */
  readonly errors?: readonly string[];
  /** Messages that wait are delivered first. [LIF-14] */
  readonly waits?: boolean;
  /** It takes frames to do it. */
  readonly isFrame?: boolean;
  /** It has happened when `act` returns. */
  readonly isImmediate?: boolean;
  /** Nobody does it: it comes when nothing does. */
  readonly isIdle?: boolean;
}

/** The application's own. */
const APPLICATION: readonly Cause[] = [
  { who: 'the application', act: ({ session }) => void session.close(OURS), local: 4001, phrase: 'ours', wire: 4001, isImmediate: true },
  {
    who: 'the application, without a reason',
    act: ({ session }) => void session.close(),
    local: 1000,
    phrase: '',
    wire: 1000,
    isImmediate: true,
  },
  {
    who: 'the application, with 1005',
    act: ({ session }) => void session.close(new CloseReason(CloseCodes.NO_STATUS_CODE)),
    local: 1005,
    phrase: '',
    wire: 1005,
    isImmediate: true,
  },
  {
    who: 'the application, with 1006',
    act: ({ session }) => void session.close(new CloseReason(CloseCodes.CLOSED_ABNORMALLY, 'x')),
    local: 1006,
    phrase: 'x',
    wire: 1002,
    isImmediate: true,
  },
  { who: 'the container', act: ({ container }) => void container.close(), local: 1001, wire: 1001, isImmediate: true },
  {
    who: 'the idle timeout',
    act: ({ session }) => session.isOpen() && session.setMaxIdleTimeout(150),
    isIdle: true,
    local: 1006,
    wire: 1001,
  },
];

/** The peer's close frames, right and wrong. */
const FRAMES: readonly Cause[] = [
  { who: 'the peer', act: ({ peer }) => peer.close(4002, 'theirs'), local: 4002, phrase: 'theirs', wire: 4002, waits: true, isFrame: true },
  { who: 'the peer, going away', act: ({ peer }) => peer.close(1001), local: 1001, phrase: '', wire: 1001, waits: true, isFrame: true },
  { who: 'the peer, without a code', act: ({ peer }) => peer.close(), local: 1005, phrase: '', wire: 1005, waits: true, isFrame: true },
  {
    who: 'the peer, with one byte',
    act: ({ peer }) => peer.send({ opcode: close, payload: Buffer.from([3]) }),
    local: 1002,
    wire: 1002,
    errors: ['MARGAY_PROTOCOL'],
    isFrame: true,
  },
  { who: 'the peer, with 1006', act: ({ peer }) => peer.close(1006), local: 1002, wire: 1002, errors: ['MARGAY_PROTOCOL'], isFrame: true },
  {
    who: 'the peer, with a phrase of bad UTF-8',
    act: ({ peer }) => peer.send({ opcode: close, payload: Buffer.concat([closing(1000), Buffer.from([0xff])]) }),
    local: 1007,
    wire: 1007,
    errors: ['MARGAY_UTF8'],
    isFrame: true,
  },
];

/** What breaks the stream. */
const BREAKS: readonly Cause[] = [
  {
    who: 'a broken frame',
    act: ({ peer }) => peer.send({ opcode: 3 }),
    local: 1002,
    wire: 1002,
    errors: ['MARGAY_PROTOCOL'],
    isFrame: true,
  },
  {
    who: 'text that is no UTF-8',
    act: ({ peer }, { inMessage }) => peer.send({ opcode: inMessage ? continuation : text, fin: false, payload: Buffer.from([0xff]) }),
    local: 1007,
    wire: 1007,
    errors: ['MARGAY_UTF8'],
    isFrame: true,
  },
  {
    who: 'a message too large',
    act: ({ peer }, { inMessage }) => peer.send({ opcode: inMessage ? continuation : text, payload: 'x'.repeat(1001) }),
    local: 1009,
    wire: 1009,
    errors: ['MARGAY_TOO_BIG'],
    isFrame: true,
  },
  { who: 'the end of the stream', act: ({ peer }) => peer.end(), local: 1006, wire: undefined, waits: true },
  { who: 'a reset', act: ({ peer }) => peer.reset(), local: 1006, wire: undefined, errors: ['MARGAY_CONNECTION_LOST'] },
];

const CAUSES = [...APPLICATION, ...FRAMES, ...BREAKS];
const OPTIONS = { closeTimeout: 1000, lingerTimeout: 300, abnormalCloseSendTimeout: 1000, maxTextMessageBufferSize: 1000 };
/** ms; for who answers, and reads what waits: only a machine that is busy makes it long. */
const PATIENCE = 10_000;

const whenOf = ({ when }: Moment) => when;
const whoOf = ({ who }: Cause) => who;
const isPossible = (cause: Cause, { restOfFrame }: Moment) => restOfFrame === undefined || cause.isFrame !== true;

/** The peer does its part of the closing handshake, as far as it still can. */
async function answer({ peer }: Conversation, { restOfFrame }: Moment, code: number | undefined): Promise<void> {
  if (code === undefined) return;
  if (restOfFrame !== undefined) peer.send(restOfFrame);
  peer.close(code === 1005 ? undefined : code);
  await peer.finished();
}

/** What @OnClose was told is one thing, and this. */
function expectOneClose({ closes, session }: Conversation, { local, phrase }: Pick<Cause, 'local' | 'phrase'>): void {
  expect(closes).toHaveLength(1);
  expect(closes).toEqual([`${local} ${phrase ?? closes[0]?.slice(5)}`]);
  expect(session.isOpen()).toBe(false);
}

/** What the peer got: what was sent before, perhaps one close frame, and nothing behind it. */
async function expectFrames({ peer }: Conversation, before: Moment['ours'] = [], wire: number | undefined): Promise<void> {
  await peer.ended(); // the kernel may still hold what the server has sent
  const seen = peer.frames.map(({ opcode, fin, rsv, masked }) => [opcode, fin, rsv, masked]);
  const all = [...before, ...(wire === undefined ? [] : [[close, true] as const])];
  expect(seen).toEqual(all.map(([opcode, fin]) => [opcode, fin, 0, false]));
}

describe('[CLO-9, CLO-8, LIF-14] at every moment', () => {
  it.each(CAUSES)('$who closes', async (cause) => {
    const moments = MOMENTS.filter((moment) => isPossible(cause, moment));
    await sideBySide(moments, whenOf, async (moment) => {
      const on = await at(moment, { ...OPTIONS, closeTimeout: PATIENCE, abnormalCloseSendTimeout: PATIENCE });
      const { session, peer, messages, errors, sends, letGo } = on;
      cause.act(on, moment);
      if (moment.holds !== undefined && cause.waits !== true && cause.wire !== undefined) {
        expect((await peer.closeFrame())?.code).toBe(cause.wire); // it does not wait for what runs
        expect(session.isOpen()).toBe(false);
        expect(session.getOpenSessions().has(session)).toBe(false);
      } else if (moment.holds !== undefined) {
        if (cause.waits !== true)
          await eventually(() => expect(session.isOpen()).toBe(false)); // it has been noticed
        else await sleep(30);
        expect(on.closes).toEqual([]); // what runs, runs on
        if (cause.waits === true) expect(session.isOpen()).toBe(true); // its turn has not come [D-27]
      }
      letGo();
      await eventually(() => expect(session.isOpen()).toBe(false));
      peer.read();
      if (cause.wire !== undefined) expect((await peer.closeFrame())?.code).toBe(cause.wire);
      await answer(on, moment, cause.wire);
      await closed(session, PATIENCE);
      expectOneClose(on, cause);
      expect(errors).toEqual(cause.errors ?? []);
      const isLost = cause.who === 'a reset';
      for (const send of sends) expect(await send).toBe(isLost ? 'MARGAY_SEND_FAILED' : 'sent');
      if (!isLost) await expectFrames(on, moment.ours ?? sends.map(() => [OPCODES.binary, true]), cause.wire);
      expect(messages).toEqual([...(moment.given ?? []), ...(cause.waits === true ? (moment.waiting ?? []) : [])]);
    });
  });
});

const IDLE: Moment = { when: 'while idle' };

describe('[CLO-9, CLO-17] another close', () => {
  it('after our close frame has left changes nothing', () =>
    sideBySide(CAUSES, whoOf, async (cause) => {
      const on = await at(IDLE, OPTIONS);
      if (cause.isIdle === true) cause.act(on, IDLE); // it would come behind ours
      await on.session.close(OURS);
      expect((await on.peer.closeFrame())?.code).toBe(4001);
      cause.act(on, IDLE);
      if (cause.isIdle === true) await sleep(400);
      if (cause.isImmediate === true || cause.isIdle === true) on.peer.close(4001);
      await closed(on.session);
      expectOneClose(on, { local: 4001, phrase: 'ours' });
      expect(on.errors).toEqual([]);
      await expectFrames(on, [], 4001);
    }));

  it('of the same kind is as one', () =>
    sideBySide(
      CAUSES.filter(({ isIdle }) => isIdle !== true),
      whoOf,
      async (cause) => {
        const on = await at(IDLE, OPTIONS);
        cause.act(on, IDLE);
        if (on.peer.socket.writable) cause.act(on, IDLE);
        if (cause.isImmediate === true) on.peer.close(cause.wire === 1005 ? undefined : cause.wire);
        await closed(on.session);
        expectOneClose(on, cause);
        expect(on.errors).toEqual(cause.errors ?? []);
        await expectFrames(on, [], cause.wire);
      },
    ));

  it('in the same turn as ours: the first that is handled decides', () =>
    sideBySide(CAUSES, whoOf, async (cause) => {
      const on = await at(IDLE, OPTIONS);
      cause.act(on, IDLE);
      void on.session.close(OURS);
      const { local, phrase, wire } = cause.isImmediate === true ? cause : { local: 4001, phrase: 'ours', wire: 4001 };
      if (cause.isImmediate === true || cause.isIdle === true) on.peer.close(wire === 1005 ? undefined : wire);
      await closed(on.session);
      expectOneClose(on, { local, ...(phrase === undefined ? {} : { phrase }) });
      expect(on.errors).toEqual([]);
      if (cause.who !== 'a reset') await expectFrames(on, [], wire);
    }));

  it("while the peer's close frame waits for its turn: ours decides, and nobody waits for another of theirs; theirs stands against its own", () =>
    sideBySide(CAUSES, whoOf, async (cause) => {
      const busy = MOMENTS.find(({ when }) => when === 'during a running handler') as Moment;
      const on = await at(busy, { ...OPTIONS, closeTimeout: 20_000 });
      const { session, peer } = on;
      peer.send(
        { opcode: OPCODES.ping, payload: 'read' },
        { opcode: close, payload: closing(4002, 'theirs') },
        { opcode: OPCODES.ping, payload: 'behind it, so nobody answers' },
      ); // in one packet
      await peer.ponged();
      expect(session.isOpen()).toBe(true);
      cause.act(on, busy);
      const isOurs = cause.isImmediate === true || cause.isIdle === true;
      if (isOurs) await eventually(() => expect(session.isOpen()).toBe(false));
      else await sleep(30);
      on.letGo();
      await peer.ended();
      if (!peer.isClosed) peer.end();
      await closed(session);
      expectOneClose(on, isOurs ? cause : { local: 4002, phrase: 'theirs' });
      expect(on.errors).toEqual([]);
      if (cause.who !== 'a reset') await expectFrames(on, [[OPCODES.pong, true]], isOurs ? cause.wire : 4002);
    }));
});

describe('[REL-13, REM-14] a peer that never reads again, while our queue is full', () => {
  /** The application hears that its close frame could not leave. [CLO-11] */
  const undelivered = ({ who, local }: Cause) => (who.startsWith('the application') && local !== 1006 ? ['MARGAY_SEND_FAILED'] : []);

  it('whoever closes, the socket goes, and what waits fails', () =>
    sideBySide(CAUSES, whoOf, async (cause) => {
      const moment = MOMENTS.find(({ isDeaf }) => isDeaf) as Moment;
      const on = await at(moment, { ...OPTIONS, closeTimeout: 250, abnormalCloseSendTimeout: 50 });
      cause.act(on, moment);
      await closed(on.session);
      expectOneClose(on, cause);
      expect(on.errors).toEqual([...(cause.errors ?? []), ...undelivered(cause)]);
      expect(await on.sends.at(-1)).toBe('MARGAY_SEND_FAILED');
    }));
});
