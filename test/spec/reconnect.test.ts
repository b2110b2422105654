/** The sessions of an endpoint that comes back: one after the other, and none when the application has closed. */
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { ClientEndpoint, CloseReason, type ConnectOptions, Decoder, Endpoint, OnClose, OnError, OnMessage, OnOpen, Session } from 'margay';
import { eventually, gate, sleep } from '../support/eventually.js';
import { faraway } from '../support/fake-reach.js';
import { backTo, handles } from '../support/handles.js';

let chance: jest.SpiedFunction<typeof Math.random>;
beforeEach(() => {
  chance = jest.spyOn(Math, 'random').mockReturnValue(0); // nobody waits
});
afterEach(() => {
  jest.restoreAllMocks();
});

const reset = () => new Error('ECONNRESET');
const RECONNECT: ConnectOptions = { reconnect: true };

/** What an endpoint hears, in its order; the callbacks take as long as the test says. */
function diary() {
  const lines: string[] = [];
  const sessions: Session[] = [];
  const of = {
    lines,
    sessions,
    opening: (_count: number): unknown => undefined,
    closing: (): unknown => undefined,
  };
  let objects = 0;
  @ClientEndpoint
  class Client {
    readonly number = ++objects;

    @OnOpen async open(session: Session): Promise<void> {
      sessions.push(session);
      const count = sessions.length;
      lines.push(`open ${count} on ${this.number}`);
      await of.opening(count);
      lines.push(`opened ${count}`);
    }

    @OnError error(error: Error): void {
      if (!error.message.includes('ECONNRESET')) lines.push(`error ${error.message}`);
    }

    @OnClose async close(session: Session, reason: CloseReason): Promise<void> {
      const count = sessions.indexOf(session) + 1;
      lines.push(`close ${count} ${reason.getCloseCode().getCode()}`);
      await of.closing();
      lines.push(`closed ${count}`);
    }
  }
  return { ...of, of, Client };
}

const claims = (lines: readonly string[], expected: readonly string[]) => eventually(() => expect(lines).toEqual(expected));

describe('one after the other', () => {
  it('[SES-1, LIF-6] an object is there for all its sessions, and each has ended before the next begins', async () => {
    const { of, lines, Client } = diary();
    const { connect, reach } = faraway();
    const closing = gate();
    of.closing = () => closing.promise;
    await connect(new Client());
    reach.channel.vanish(reset());
    await eventually(() => expect(lines.at(-1)).toBe('close 1 1006'));
    await sleep(20); // time enough for an attempt, were there one
    expect(reach.errands).toHaveLength(1);
    closing.open();
    await claims(lines, ['open 1 on 1', 'opened 1', 'close 1 1006', 'closed 1', 'open 2 on 1', 'opened 2']);
    reach.channel.listener?.onClosing(1012, 'restart');
    await eventually(() => expect(lines.slice(6)).toEqual(['close 2 1012', 'closed 2', 'open 3 on 1', 'opened 3']));
  });

  it('[LIF-1] a class has a new object for each of them', async () => {
    const { lines, Client } = diary();
    const { connect, reach } = faraway();
    await connect(Client);
    reach.channel.vanish(reset());
    await claims(lines, ['open 1 on 1', 'opened 1', 'close 1 1006', 'closed 1', 'open 2 on 2', 'opened 2']);
  });

  it('[SES-2] each is a Session of its own, with its own id; the first stays closed', async () => {
    const { sessions, Client } = diary();
    const { connect, reach } = faraway();
    const first = await connect(new Client());
    reach.channel.vanish(reset());
    await eventually(() => expect(sessions).toHaveLength(2));
    expect(sessions[0]).toBe(first);
    expect(sessions[1]?.getId()).not.toBe(first.getId());
    expect([first.isOpen(), sessions[1]?.isOpen()]).toEqual([false, true]);
  });

  it('an @OnOpen that fails is a failed attempt: 1011, @OnError, @OnClose, and only then the next', async () => {
    const { of, lines, Client } = diary();
    const { connect, reach, log } = faraway();
    of.opening = (count) => {
      if (count === 2) throw new Error('not ready');
    };
    await connect(new Client());
    reach.channel.vanish(reset());
    const expected = ['open 2 on 1', 'error not ready', 'close 2 1006', 'closed 2', 'open 3 on 1', 'opened 3'];
    await eventually(() => expect(lines.slice(4)).toEqual(expected));
    expect(reach.channels[1]?.calls[0]).toBe('close 1011 ');
    const failed = log.filter(({ code }) => code === 'MARGAY_RECONNECT');
    expect(failed).toMatchObject([{ attempt: 1, err: { code: 'MARGAY_ON_OPEN' } }, { attempt: 2 }]);
  });

  it('a session that is lost in its @OnOpen has not opened: that attempt has failed', async () => {
    const { of, lines, Client } = diary();
    const { connect, reach, log } = faraway();
    const opening = gate();
    await connect(new Client(), { reconnect: { attempts: 1 } });
    of.opening = () => opening.promise;
    reach.channel.vanish(reset());
    await eventually(() => expect(lines.at(-1)).toBe('open 2 on 1'));
    reach.channel.vanish(reset());
    opening.open();
    await eventually(() => expect(lines.at(-1)).toBe('closed 2'));
    await eventually(() => expect(log.at(-1)).toMatchObject({ level: 'warn', code: 'MARGAY_RECONNECT', attempt: 2 }));
    expect(reach.errands).toHaveLength(2);
  });

  it('[SES-19] getOpenSessions() of an Endpoint object tells of the one that is open', async () => {
    const seen: number[] = [];
    const sessions: Session[] = [];
    class Programmatic extends Endpoint {
      onOpen(session: Session): void {
        sessions.push(session);
        seen.push(session.getOpenSessions().size);
      }
    }
    const { connectProgrammatic, reach } = faraway();
    await connectProgrammatic(new Programmatic());
    for (let count = 1; count < 4; count++) {
      reach.channel.vanish(reset());
      await eventually(() => expect(sessions).toHaveLength(count + 1));
    }
    expect(seen).toEqual([1, 1, 1, 1]);
    expect([...(sessions[3] as Session).getOpenSessions()]).toEqual([sessions[3]]);
  });

  it('[COD-2] each has its own coders, which go with it', async () => {
    const lives: string[] = [];
    class Word {}
    class WordDecoder extends Decoder.Text(Word) {
      override init(): void {
        lives.push('init');
      }
      decode(): Word {
        return new Word();
      }
      override destroy(): void {
        lives.push('destroy');
      }
    }
    @ClientEndpoint({ decoders: [WordDecoder] })
    class Words {
      @OnMessage word(_word: Word): void {}
    }
    const { connect, reach } = faraway();
    await connect(new Words());
    const another = reach.another();
    reach.channel.vanish(reset());
    await another;
    expect(lives).toEqual(['init', 'destroy', 'init']);
  });
});

describe('who does not come back', () => {
  it('one that did not ask for it', async () => {
    const { lines, Client } = diary();
    const { connect, reach } = faraway();
    await connect(Client, {});
    await connect(Client, { reconnect: false });
    for (const channel of reach.channels) channel.vanish(reset());
    await eventually(() => expect(lines.filter((line) => line.startsWith('closed'))).toHaveLength(2));
    await sleep(20);
    expect(reach.errands).toHaveLength(2);
  });

  it('one that never came: the first connect is not retried, nor when its @OnOpen fails', async () => {
    const { of, Client } = diary();
    const { connect, reach } = faraway();
    reach.before = () => Promise.reject(new Error('nobody'));
    await expect(connect(Client, RECONNECT)).rejects.toThrow('nobody');
    reach.before = () => {};
    of.opening = () => Promise.reject(new Error('not ready'));
    await expect(connect(Client, RECONNECT)).rejects.toMatchObject({ code: 'MARGAY_ON_OPEN' });
    reach.channel.vanish();
    await sleep(20);
    expect(reach.errands).toHaveLength(2);
  });
});

describe('session.close()', () => {
  it('of an open session: nobody comes back, whatever its code and the options say', async () => {
    const decide = jest.fn(() => true);
    const { lines, Client } = diary();
    const { connect, reach } = faraway();
    const session = await connect(Client, { reconnect: { stopOn: [], decide } });
    void session.close(new CloseReason(CloseReason.CloseCodes.getCloseCode(4000), ''));
    reach.channel.settle();
    reach.channel.vanish();
    await eventually(() => expect(lines.at(-1)).toBe('closed 1'));
    await sleep(20);
    expect([reach.errands.length, decide.mock.calls.length]).toEqual([1, 0]);
  });

  it('while it waits for an attempt: no timer is left, and nothing runs any more', async () => {
    const { lines, Client } = diary();
    const { connect, reach } = faraway();
    const before = handles();
    chance.mockReturnValue(1);
    const session = await connect(Client, { reconnect: { minDelay: 600_000, maxDelay: 600_000 } });
    reach.channel.vanish(reset());
    await eventually(() => expect(lines.at(-1)).toBe('closed 1'));
    await eventually(() => expect(handles()['Timeout'] ?? 0).toBeGreaterThan(before['Timeout'] ?? 0)); // which counts what keeps the process alive
    await session.close();
    await backTo(before);
    expect(reach.errands).toHaveLength(1);
  });

  it('while it connects: the attempt is given up', async () => {
    const { Client } = diary();
    const { connect, reach, log } = faraway();
    const session = await connect(new Client());
    reach.before = ({ signal }) => new Promise((_come, fail) => signal.addEventListener('abort', () => fail(new Error('aborted'))));
    reach.channel.vanish(reset());
    await eventually(() => expect(reach.errands).toHaveLength(2));
    expect(reach.errands[1]?.signal.aborted).toBe(false);
    await session.close();
    expect(reach.errands[1]?.signal.aborted).toBe(true);
    await sleep(20);
    expect([reach.errands.length, reach.channels.length]).toEqual([2, 1]);
    expect(log.filter(({ code }) => code === 'MARGAY_RECONNECT')).toEqual([]);
  });

  it('while the next session is in its @OnOpen: that one is closed, with the same reason', async () => {
    const { of, lines, Client } = diary();
    const { connect, reach } = faraway();
    const session = await connect(new Client());
    const opening = gate();
    of.opening = () => opening.promise;
    reach.channel.vanish(reset());
    await eventually(() => expect(lines.at(-1)).toBe('open 2 on 1'));
    const illegal = new CloseReason({ getCode: () => 1015 } as CloseReason.CloseCode, '');
    expect(() => session.close(illegal)).toThrow(expect.objectContaining({ code: 'MARGAY_CLOSE_CODE' }));
    expect(reach.channel.calls).toEqual([]);
    void session.close(new CloseReason(CloseReason.CloseCodes.GOING_AWAY, 'enough'));
    expect(reach.channel.calls).toEqual(['close 1001 enough']);
    opening.open();
    await eventually(() => expect(lines.slice(4)).toEqual(['open 2 on 1', 'opened 2', 'close 2 1001', 'closed 2']));
    reach.channel.settle();
    reach.channel.vanish();
    await sleep(20);
    expect(reach.errands).toHaveLength(2);
  });

  it('of the first session, once another is open: that one is closed, with the same reason, and nobody comes back', async () => {
    const { lines, Client } = diary();
    const { connect, reach } = faraway();
    const session = await connect(new Client(), RECONNECT);
    reach.channel.vanish(reset());
    await eventually(() => expect(lines.at(-1)).toBe('opened 2'));
    const closed = session.close(new CloseReason(CloseReason.CloseCodes.GOING_AWAY, 'enough'));
    expect(reach.channel.calls).toEqual(['close 1001 enough']);
    reach.channel.settle();
    await closed;
    reach.channel.vanish();
    await eventually(() => expect(lines.at(-1)).toBe('closed 2'));
    await session.close();
    await sleep(20);
    expect(reach.errands).toHaveLength(2);
  });

  it('of the next session, in its own @OnOpen', async () => {
    const { of, sessions, Client } = diary();
    const { connect, reach } = faraway();
    await connect(new Client(), { reconnect: { stopOn: [] } });
    of.opening = () => sessions[1]?.close();
    reach.channel.vanish(reset());
    await eventually(() => expect(reach.channel.calls).toEqual(['close 1000 ']));
    reach.channel.settle();
    reach.channel.vanish();
    await sleep(20);
    expect(reach.errands).toHaveLength(2);
  });
});

describe('the container closes', () => {
  it('while somebody waits for an attempt: it is over', async () => {
    const { lines, Client } = diary();
    const { connect, reach, connector } = faraway();
    const before = handles();
    chance.mockReturnValue(1);
    await connect(Client, { reconnect: { minDelay: 600_000, maxDelay: 600_000 } });
    reach.channel.vanish(reset());
    await eventually(() => expect(lines.at(-1)).toBe('closed 1'));
    connector.close();
    await backTo(before);
    expect(reach.errands).toHaveLength(1);
  });

  it('while a session is open: nobody comes back from the close that follows', async () => {
    const { lines, Client } = diary();
    const { connect, reach, connector, roster } = faraway();
    await connect(Client);
    connector.close();
    for (const live of roster.live) live.shutdown();
    reach.channel.settle();
    reach.channel.vanish();
    await eventually(() => expect(lines.at(-1)).toBe('closed 1'));
    await sleep(20);
    expect(reach.errands).toHaveLength(1);
  });
});
