/** What waits for one window of the messenger, or of the feed. */
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { type CloseReason, IOException, type Session } from 'margay';
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
    for (const each of numbers(301, 310)) outbox.add(each);
    expect(closed).toEqual(['1013 too slow a reader']);
    await next();
    expect(sent).toEqual(numbers(0, 0));
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
});
