/** What waits for one window of the messenger, or of the feed. */
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { type CloseReason, DecodeException, IOException, type Session } from 'margay';
import { Feed } from '../../examples/feed/feed.js';
import { Write } from '../../examples/feed/wish.js';
import { Im } from '../../examples/im/im.js';
import { Say } from '../../examples/im/wish.js';
import { Outbox } from '../../examples/outbox.js';

/** A session whose window takes a notice when it is told to. */
function slowSession() {
  const sent: object[] = [];
  const closed: string[] = [];
  const takes: { take: () => void; fail: (error: Error) => void }[] = [];
  const session = {
    getBasicRemote: () => ({
      sendObject: (notice: object) => {
        sent.push(notice);
        return new Promise<void>((take, fail) => takes.push({ take, fail }));
      },
    }),
    getRequestParameterMap: () => new Map(),
    close: async (reason: CloseReason) => void closed.push(`${reason.getCloseCode().getCode()} ${reason.getReasonPhrase()}`),
  };
  const next = async (end: 'take' | 'fail' = 'take', error: Error = new IOException('gone')) => {
    const taken = takes.shift();
    if (end === 'take') taken?.take();
    else taken?.fail(error);
    await new Promise(setImmediate);
  };
  return { session: session as unknown as Session, sent, closed, next };
}

const notice = (n: number) => ({ n });
const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => notice(from + i));

afterEach(() => void jest.restoreAllMocks());

describe('an outbox', () => {
  it('[EX-I1] [EX-F1] sends one thing after the other, in order, and says when nothing is being sent', async () => {
    const { session, sent, next } = slowSession();
    const outbox = new Outbox(session);
    await outbox.idle();
    for (const each of numbers(1, 3)) outbox.add(each);
    let isIdle = false;
    void outbox.idle().then(() => {
      isIdle = true;
    });
    expect(sent).toEqual(numbers(1, 1));
    await next();
    await next();
    expect([sent, isIdle]).toEqual([numbers(1, 3), false]);
    await next();
    expect(isIdle).toBe(true);
    outbox.add(notice(4));
    expect(sent).toEqual(numbers(1, 4));
  });

  it('[EX-I1] [EX-F1] gives a window up for which three hundred things wait, with a code after which pages come back', async () => {
    const { session, sent, closed, next } = slowSession();
    const outbox = new Outbox(session);
    for (const each of numbers(0, 300)) outbox.add(each);
    expect(closed).toEqual([]);
    outbox.add(notice(301));
    expect(closed).toHaveLength(1);
    for (const each of numbers(302, 310)) outbox.add(each);
    expect(closed).toEqual(['1013 too slow a reader']);
    await next();
    expect(sent).toEqual(numbers(0, 0));
  });

  it('[EX-I1] [EX-F1] gives nobody up for the news of many people: of each the last is told, in the place of the first', async () => {
    const { session, sent, closed, next } = slowSession();
    const outbox = new Outbox(session);
    outbox.add(notice(0));
    for (const each of numbers(1, 500)) outbox.add(each, `${each.n}`);
    for (const each of numbers(501, 800)) outbox.add(each);
    outbox.add(notice(-2), '2');
    for (let i = 0; i < 801; i++) await next();
    expect([closed, sent]).toEqual([[], [notice(0), notice(1), notice(-2), ...numbers(3, 800)]]);
    outbox.add(notice(801), '1'); // it is told again, once that is new
    expect(sent.at(-1)).toEqual(notice(801));
    for (const each of numbers(0, 1999)) outbox.add(each, `${each.n}`);
    expect(closed).toEqual([]);
    outbox.add(notice(2000), '2000');
    expect(closed).toEqual(['1013 too slow a reader']);
  });

  it('[EX-I1] [EX-F1] writes no error line when a window has gone, and one when the fault is ours', async () => {
    const lines = jest.spyOn(console, 'error').mockImplementation(() => {});
    for (const error of [new IOException('gone'), new TypeError('ours')]) {
      const { session, sent, next } = slowSession();
      const outbox = new Outbox(session);
      for (const each of numbers(1, 3)) outbox.add(each);
      await next('fail', error);
      await outbox.idle();
      outbox.add(notice(4));
      expect(sent).toEqual(numbers(1, 1));
    }
    expect(lines.mock.calls).toEqual([['Outbox:', new TypeError('ours')]]);
  });

  it.each([
    ['Im', () => new Im(), new Say('听众', '一', '1')],
    ['Feed', () => new Feed(), new Write('一', '1')],
  ] as const)('[EX-I1] [EX-F1] keeps whoever writes to %s waiting until they have read the answer', async (_name, create, wish) => {
    const { session, next } = slowSession();
    const endpoint = create();
    await endpoint.open(session, '快手');
    const settled: string[] = [];
    void endpoint.take(wish as Say & Write).then(() => settled.push('taken'));
    await next();
    expect(settled).toEqual([]);
    await next();
    expect(settled).toEqual(['taken']);
    void endpoint.failed(new DecodeException('?', 'no', new Error('no'))).then(() => settled.push('complained'));
    await new Promise(setImmediate);
    expect(settled).toEqual(['taken']);
    await next();
    expect(settled).toEqual(['taken', 'complained']);
    endpoint.close();
  });
});
