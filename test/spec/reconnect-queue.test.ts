/** What the remotes of a lost session do until the next one is open. */
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { ClientEndpoint, type ConnectOptions, Encoder, OnClose, OnMessage, OnOpen, type RemoteEndpoint, Session } from 'margay';
import { eventually, gate } from '../support/eventually.js';
import { faraway } from '../support/fake-reach.js';

beforeEach(() => {
  jest.spyOn(Math, 'random').mockReturnValue(0); // nobody waits
});
afterEach(() => {
  jest.restoreAllMocks();
});

class Price {
  constructor(readonly cents: number) {}
}

/** Says whose it is: each session has its own. */
class PriceEncoder extends Encoder.Text(Price) {
  static count = 0;
  #number = 0;

  override init(): void {
    this.#number = ++PriceEncoder.count;
  }

  encode({ cents }: Price): string {
    return `${cents} by ${this.#number}`;
  }
}

const reset = () => new Error('ECONNRESET');
const coded = (code: string) => ({ name: 'IOException', code: `MARGAY_${code}` });

/** A session that is lost, whose next one comes when the test says so. */
async function lost(
  how: ConnectOptions['reconnect'],
  options: Parameters<typeof faraway>[0] = {},
  onOpen: (session: Session) => unknown = () => {},
) {
  PriceEncoder.count = 0;
  const of = faraway(options);
  const sessions: Session[] = [];
  @ClientEndpoint({ encoders: [PriceEncoder] })
  class Client {
    @OnOpen async open(session: Session): Promise<void> {
      sessions.push(session);
      if (sessions.length > 1) await onOpen(session);
    }
  }
  const session = await of.connect(new Client(), { reconnect: how });
  const arrival = gate();
  of.reach.before = () => arrival.promise;
  of.reach.channel.vanish(reset());
  await eventually(() => expect(of.reach.errands).toHaveLength(2));
  const comes = async () => {
    const arriving = of.reach.another();
    arrival.open();
    const channel = await arriving;
    await turn();
    return channel;
  };
  return { ...of, session, sessions, arrival, comes };
}

/** What a send comes to within a turn. */
async function outcome(sent: Promise<unknown>): Promise<string> {
  const settled = sent.then(
    () => 'sent',
    ({ code }: { code: string }) => code,
  );
  return Promise.race([settled, turn().then(() => 'waits')]);
}

describe('nothing is kept', () => {
  it('[SES-1, REM-3] every whole message is refused by an IOException that names session and attempt, by every remote', async () => {
    const { session } = await lost(true);
    expect(session.isOpen()).toBe(false);
    const handed = new Promise<{ getException(): Error | null }>((tell) => session.getAsyncRemote().sendText('d', tell));
    const failures = [
      session.getBasicRemote().sendText('a'),
      session.getBasicRemote().sendBinary(Buffer.from('b')),
      session.getBasicRemote().sendObject(new Price(1)),
      session.getAsyncRemote().sendText('c'),
      handed.then((result) => Promise.reject(result.getException())),
    ].map((sent) => sent.catch((error: unknown) => error));
    for (const failure of await Promise.all(failures)) {
      expect(failure).toMatchObject({ ...coded('RECONNECTING'), message: expect.stringMatching(`${session.getId()}.*attempt 1`) });
    }
  });

  it('[REM-3] parts, streams, pings, pongs and flushes are refused in the same way, whatever may be kept; settings as after a close', async () => {
    const { session } = await lost({ queue: 10 });
    const [basic, async] = [session.getBasicRemote(), session.getAsyncRemote()];
    const refused = [
      basic.sendText('a', false),
      basic.sendBinary(Buffer.from('a'), true),
      basic.sendPing(Buffer.from('a')),
      async.sendPong(Buffer.from('a')),
      basic.flushBatch(),
      ...[basic.getSendWriter(), basic.getSendStream()].map((stream) => new Promise((_resolve, reject) => void stream.on('error', reject))),
    ];
    for (const each of refused) await expect(each).rejects.toMatchObject(coded('RECONNECTING'));
    expect(() => basic.setBatchingAllowed(true)).toThrow(expect.objectContaining({ code: 'MARGAY_ARGUMENT' }));
    expect(() => async.setSendTimeout(1)).toThrow(expect.objectContaining({ code: 'MARGAY_ARGUMENT' }));
    expect(() => basic.sendText(null as never)).toThrow(expect.objectContaining({ code: 'MARGAY_ARGUMENT' }));
  });

  it('[SES-1] the rest of the session is closed as ever', async () => {
    const { session } = await lost({ queue: 10 });
    expect(() => session.getOpenSessions()).toThrow(expect.objectContaining({ code: 'MARGAY_SESSION_CLOSED' }));
    expect(() => session.getUserProperties()).toThrow(expect.objectContaining({ code: 'MARGAY_SESSION_CLOSED' }));
  });

  it('[SES-1, REM-3] without reconnect a lost session is closed, and its remotes with it', async () => {
    const { connect, reach } = faraway();
    @ClientEndpoint
    class Client {}
    const session = await connect(Client, {});
    const remote = session.getBasicRemote();
    reach.channel.vanish(reset());
    expect(await outcome(remote.sendText('a'))).toBe('MARGAY_SEND_CLOSED');
    await turn();
    expect(() => session.getBasicRemote()).toThrow(expect.objectContaining({ code: 'MARGAY_SESSION_CLOSED' }));
  });
});

describe('what is kept', () => {
  it('[REM-15] leaves in order through the next session, behind what its @OnOpen sends and before anything later', async () => {
    const { session, comes } = await lost({ queue: 10 }, {}, async (next) => {
      await next.getBasicRemote().sendText('hello');
      await turn();
      void next.getBasicRemote().sendText('hello again');
      void Promise.resolve().then(async () => {
        await turn();
        await next.getBasicRemote().sendText('later');
      });
    });
    const remote = session.getBasicRemote();
    const sent = [remote.sendText('a'), remote.sendBinary(Buffer.from('b')), remote.sendObject(new Price(7)), remote.sendObject('c')];
    const told = new Promise((tell) => session.getAsyncRemote().sendText('d', tell));
    expect(await Promise.all(sent.map(outcome))).toEqual(['waits', 'waits', 'waits', 'waits']);
    const channel = await comes();
    await Promise.all(sent);
    expect(await told).toMatchObject({ isOK: expect.any(Function) });
    expect(((await told) as { isOK(): boolean }).isOK()).toBe(true);
    const expected = ['text hello', 'text hello again', 'text a', 'binary 62', 'text 7 by 2', 'text c', 'text d', 'text later'];
    await eventually(() => expect(channel.calls).toEqual(expected));
  });

  it('up to the bound: one more is refused', async () => {
    const { session, comes } = await lost({ queue: 2 });
    const remote = session.getBasicRemote();
    const sent = ['a', 'b', 'c'].map((each) => remote.sendText(each));
    expect(await Promise.all(sent.map(outcome))).toEqual(['waits', 'waits', 'MARGAY_RECONNECTING']);
    expect((await comes()).calls).toEqual(['text a', 'text b']);
  });

  it('the room that has become free counts for the next loss', async () => {
    const of = await lost({ queue: 1 });
    void of.session.getBasicRemote().sendText('a');
    const second = await of.comes();
    of.reach.before = () => turn();
    const third = of.reach.another();
    second.vanish(reset());
    const sent = (of.sessions[1] as Session).getBasicRemote().sendText('b');
    await third;
    await sent;
    expect([of.reach.channels[1]?.calls, of.reach.channels[2]?.calls]).toEqual([['text a'], ['text b']]);
  });

  it('[REL-10] and never more bytes than may wait for a peer, each message with its share; what has left counts no more', async () => {
    const of = await lost({ queue: 1000 }, { slowPeer: { cap: 10_000 } });
    const send = async (remote: RemoteEndpoint.Basic): Promise<number> => {
      const sent = Array.from({ length: 20 }, () => remote.sendText('ü'.repeat(500))); // 1300 bytes
      return (await Promise.all(sent.map(outcome))).filter((each) => each === 'waits').length;
    };
    expect(await send(of.session.getBasicRemote())).toBe(8);
    const channel = await of.comes();
    expect(channel.calls).toHaveLength(8);
    const arrival = gate();
    of.reach.before = () => arrival.promise;
    channel.vanish(reset());
    expect(await send((of.sessions[1] as Session).getBasicRemote())).toBe(8);
  });

  it('[REM-5] bytes are copied: the caller may change his own, however many they are', async () => {
    const { session, comes } = await lost({ queue: 10 });
    const [few, many] = [Buffer.alloc(2, 1), new Uint8Array(20_000).fill(1)];
    void session.getBasicRemote().sendBinary(few);
    void session.getAsyncRemote().sendBinary(many.buffer);
    few.fill(2);
    many.fill(2);
    const { calls } = await comes();
    expect(calls[0]).toBe('binary 0101');
    expect(calls[1]).toBe('part');
  });

  it('stays while attempts fail, and while sessions come whose @OnOpen does', async () => {
    let fails = true;
    const of = await lost({ queue: 10 }, {}, () => {
      if (fails) throw new Error('not yet');
    });
    const remote = of.session.getBasicRemote();
    void remote.sendText('a');
    const failing = await of.comes();
    void remote.sendText('b');
    fails = false;
    failing.vanish();
    const channel = await of.reach.another();
    await eventually(() => expect(channel.calls).toEqual(['text a', 'text b']));
    expect(failing.calls[0]).toBe('close 1011 ');
    expect(failing.calls.filter((call) => call.startsWith('text'))).toEqual([]);
  });

  it('what the next session cannot take any more, since it is lost too, waits for the one after it', async () => {
    const of = await lost({ queue: 10 });
    const remote = of.session.getBasicRemote();
    const sent = [remote.sendText('a'), remote.sendObject(new Price(1)), remote.sendText('b'), remote.sendText('c')];
    jest.spyOn(PriceEncoder.prototype, 'encode').mockImplementationOnce(() => {
      of.reach.channel.vanish(reset());
      return 'lost with it';
    });
    const second = await of.comes();
    await Promise.all(sent.map((each) => each.catch(() => {})));
    expect(second.calls).toEqual(['text a']);
    expect(of.reach.channels[2]?.calls).toEqual(['text b', 'text c']);
  });

  it('[REM-8] a message that @OnOpen has not ended stands in its way: it fails as any other would', async () => {
    const { session, comes } = await lost({ queue: 10 }, {}, (next) => next.getBasicRemote().sendText('half', false));
    const sent = session
      .getBasicRemote()
      .sendText('a')
      .catch((error: unknown) => error);
    await comes();
    expect(await sent).toMatchObject({ code: 'MARGAY_SEND_ORDER' });
  });
});

describe('from when', () => {
  it('[D-27] the loss on: in @OnClose already, and while a handler still runs that was called before', async () => {
    const { connect, reach } = faraway();
    const handling = gate();
    const sent: Promise<void>[] = [];
    @ClientEndpoint
    class Working {
      #own!: Session;
      @OnOpen open(session: Session): void {
        this.#own = session;
      }
      @OnMessage async work(_message: string): Promise<void> {
        await handling.promise;
        sent.push(this.#own.getBasicRemote().sendText('worked'));
      }
      @OnClose close(session: Session): void {
        sent.push(session.getBasicRemote().sendText('closed'));
      }
    }
    const session = await connect(new Working(), { reconnect: { queue: 10 } });
    expect(reach.channel.listener?.intake('text').mode).toBe('whole');
    reach.channel.listener?.onText('work');
    reach.channel.vanish(); // an end, which waits for the handler
    expect(session.isOpen()).toBe(true);
    const another = reach.another();
    handling.open();
    const channel = await another;
    await Promise.all(sent);
    expect(channel.calls).toEqual(['text worked', 'text closed']);
  });

  it('what was handed to the old connection is not sent again', async () => {
    const { connect, reach } = faraway();
    @ClientEndpoint
    class Client {}
    const session = await connect(Client, { reconnect: { queue: 10 } });
    await session.getBasicRemote().sendText('a');
    const another = reach.another();
    reach.channel.vanish(reset());
    void session.getBasicRemote().sendText('b');
    const channel = await another;
    await eventually(() => expect(channel.calls).toEqual(['text b']));
    expect(reach.channels[0]?.calls).toEqual(['text a']);
  });
});

describe('until when', () => {
  it('[SES-1, REM-3] the next session is open: then the old one is closed, and so are its remotes', async () => {
    const { session, sessions, comes } = await lost({ queue: 10 });
    const remote = session.getBasicRemote();
    const channel = await comes();
    expect(() => session.getBasicRemote()).toThrow(expect.objectContaining({ code: 'MARGAY_SESSION_CLOSED' }));
    expect(await outcome(remote.sendText('a'))).toBe('MARGAY_SEND_CLOSED');
    await sessions[1]?.getBasicRemote().sendText('b');
    expect(channel.calls).toEqual(['text b']);
  });

  it.each<[string, ConnectOptions['reconnect'], (of: Awaited<ReturnType<typeof lost>>) => unknown]>([
    ['the attempts are used up', { queue: 10, attempts: 1 }, ({ arrival }) => arrival.fail(new Error('nobody'))],
    ['decide says no', { queue: 10, decide: (_reason, attempt) => attempt < 2 }, ({ arrival }) => arrival.fail(new Error('nobody'))],
    ['the application closes it', { queue: 10 }, ({ session }) => session.close()],
    ['the container closes', { queue: 10 }, ({ connector }) => connector.close()],
  ])('[SES-1, REM-3, REM-17] %s: what was kept fails, and from then on the session is closed', async (_why, how, ends) => {
    const unhandled = jest.fn();
    process.on('unhandledRejection', unhandled);
    const of = await lost(how);
    const remote = of.session.getBasicRemote();
    const sent = remote.sendText('a');
    void remote.sendText('nobody awaits it');
    expect(await outcome(sent)).toBe('waits');
    await ends(of);
    await expect(sent).rejects.toMatchObject(coded('SEND_CLOSED'));
    expect(await outcome(remote.sendText('b'))).toBe('MARGAY_SEND_CLOSED');
    expect(() => of.session.getBasicRemote()).toThrow(expect.objectContaining({ code: 'MARGAY_SESSION_CLOSED' }));
    await turn();
    process.off('unhandledRejection', unhandled);
    expect(unhandled).not.toHaveBeenCalled();
    expect(of.log.filter(({ code }) => code === 'MARGAY_SEND_DROPPED')).toHaveLength(3);
  });

  it('[REM-3] a close that nobody comes back from is known at once: @OnClose hears of no attempt', async () => {
    const { connect, reach } = faraway();
    const codes: string[] = [];
    @ClientEndpoint
    class Client {
      @OnClose async close(session: Session): Promise<void> {
        codes.push(await outcome(session.getBasicRemote().sendText('bye')));
      }
    }
    await connect(Client, { reconnect: { queue: 10 } });
    reach.channel.listener?.onClosing(1000, '');
    await eventually(() => expect(codes).toEqual(['MARGAY_SEND_CLOSED']));
  });

  it('[REM-3] session.close() refuses at once what comes behind it', async () => {
    const { connect } = faraway();
    @ClientEndpoint
    class Client {}
    const session = await connect(Client, { reconnect: { queue: 10, stopOn: [] } });
    void session.close();
    expect(await outcome(session.getBasicRemote().sendText('a'))).toBe('MARGAY_SEND_CLOSED');
  });
});
