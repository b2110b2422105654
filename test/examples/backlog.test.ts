/** The slow client of the chat, with a remote whose sends settle when the test says so. */
import { describe, expect, it } from '@jest/globals';
import { Backlog } from '../../examples/chat/backlog.js';
import { gate } from '../support/eventually.js';

/** A remote: what it was given, and the sends that have not settled. */
function remote() {
  const sent: string[] = [];
  const sends: ReturnType<typeof gate>[] = [];
  const send = (line: string) => {
    const next = gate();
    sent.push(line);
    sends.push(next);
    return next.promise;
  };
  return {
    sent,
    send,
    /** Lets the oldest send settle, and everything that follows from it begin. */
    async settle() {
      sends.shift()?.open(undefined);
      await new Promise(setImmediate);
    },
    async fail(error: Error) {
      sends.shift()?.fail(error);
      await new Promise(setImmediate);
    },
  };
}

const never = () => expect('a send').toBe('never failing');
const lines = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => `line ${from + i}`);

describe('a chat client that is slow', () => {
  it('[EX-C5] is sent one line at a time, and ten wait in their order', async () => {
    const { sent, send, settle } = remote();
    const backlog = new Backlog(send, never);
    for (const line of lines(0, 10)) backlog.add(line);
    expect(sent).toEqual(['line 0']);
    for (let i = 0; i <= 10; i++) await settle();
    expect(sent).toEqual(lines(0, 10));
  });

  it('[EX-C5] loses all that waits when an eleventh comes, and is told how many with the next line', async () => {
    const { sent, send, settle } = remote();
    const backlog = new Backlog(send, never);
    for (const line of lines(0, 11)) backlog.add(line);
    await settle();
    expect(sent).toEqual(['line 0']);
    backlog.add('next');
    expect(sent).toEqual(['line 0', 'Skipped [11] messages due to slow client']);
    await settle();
    expect(sent).toEqual(['line 0', 'Skipped [11] messages due to slow client', 'next']);
  });

  it('[EX-C5] loses the later ones too, for as long as the send runs, and the count begins anew afterwards', async () => {
    const { sent, send, settle } = remote();
    const backlog = new Backlog(send, never);
    for (const line of lines(0, 20)) backlog.add(line);
    await settle();
    backlog.add('next');
    backlog.add('and next');
    for (let i = 0; i < 3; i++) await settle();
    backlog.add('last');
    expect(sent).toEqual(['line 0', 'Skipped [20] messages due to slow client', 'next', 'and next', 'last']);
  });

  it('is idle once everything that waited has gone', async () => {
    const { send, settle } = remote();
    const backlog = new Backlog(send, never);
    let idle = false;
    backlog.add('one');
    backlog.add('two');
    void backlog.idle().then(() => {
      idle = true;
    });
    await settle();
    expect(idle).toBe(false);
    await settle();
    expect(idle).toBe(true);
  });

  it('says once that a send has failed, and forgets what waited behind it', async () => {
    const { sent, send, fail, settle } = remote();
    let failures = 0;
    const backlog = new Backlog(send, () => void failures++);
    for (const line of lines(0, 5)) backlog.add(line);
    await fail(new Error('gone'));
    await backlog.idle();
    await settle();
    expect([failures, sent]).toEqual([1, ['line 0']]);
  });
});
