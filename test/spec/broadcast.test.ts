/** One message to many: the function, and the loop that says the same. [REM-7, REM-17, REL-10] */
import { describe, expect, it } from '@jest/globals';
import { broadcast, CloseReason, IllegalArgumentException, OnMessage, OnOpen, openSessions, ServerEndpoint, Session } from 'margay';
import { eventually } from '../support/eventually.js';
import { RawPeer } from '../support/raw-peer.js';
import { start } from '../support/start.js';

@ServerEndpoint('/all')
class All {
  static readonly begun: Session[] = [];

  @OnOpen
  open(session: Session): void {
    All.begun.push(session);
  }

  @OnMessage
  async text(message: string, session: Session): Promise<void> {
    await broadcast(session.getOpenSessions(), message);
  }
}

describe('broadcast(sessions, message)', () => {
  it('reaches everybody once, and says how many those are', async () => {
    const { container, dial } = await start(All);
    const peers = [await dial('/all'), await dial('/all'), await dial('/all')];
    expect(await broadcast(openSessions(container, All), 'all of you')).toEqual({ sent: 3, failed: expect.anything() });
    expect((await broadcast(openSessions(container, All), Buffer.from('bytes'))).failed.size).toBe(0);
    for (const peer of peers) expect((await peer.take(2)).map(String)).toEqual(['all of you', 'bytes']);
    peers[0]?.send('from one');
    for (const peer of peers) expect(await peer.next()).toBe('from one');
  });

  it('says who did not get it and why, and the others did', async () => {
    const { dial } = await start(All);
    All.begun.length = 0;
    const good = await dial('/all');
    await dial('/all');
    await dial('/all');
    await eventually(() => expect(All.begun).toHaveLength(3));
    const [first, closed, busy] = All.begun as [Session, Session, Session];
    await closed.close(new CloseReason(CloseReason.CloseCodes.NORMAL_CLOSURE, ''));
    await busy.getBasicRemote().sendText('a part', false);
    const { sent, failed } = await broadcast(All.begun, 'news');
    expect(sent).toBe(1);
    expect(failed.size).toBe(2);
    expect(failed.get(closed)).toMatchObject({ code: 'MARGAY_SEND_CLOSED' });
    expect(failed.get(busy)).toMatchObject({ code: 'MARGAY_SEND_ORDER' });
    expect(await good.next()).toBe('news');
    expect(first.isOpen()).toBe(true);
  });

  it('waits for a peer that does not read, and holds nobody else up', async () => {
    const started = await start(All, { slowPeer: { policy: 'wait' } });
    const stuck = await RawPeer.open(started, '/all');
    const good = await RawPeer.open(started, '/all');
    stuck.stopReading();
    const large = Buffer.alloc(8_000_000, 1);
    let settled = false;
    const result = broadcast(openSessions(started.container, All), large).then((told) => {
      settled = true;
      return told;
    });
    await eventually(() => expect(good.frames.reduce((sum, { payload }) => sum + payload.length, 0)).toBe(large.length));
    expect(settled).toBe(false);
    stuck.reset();
    const { sent, failed } = await result;
    expect([sent, [...failed.values()].map((error) => (error as { code?: string }).code)]).toEqual([1, ['MARGAY_SEND_FAILED']]);
  });

  it.each([
    ['no iterable', null, 'text'],
    ['no session', [{}], 'text'],
    ['nothing for a session', [undefined], 'text'],
    ['no message', [], undefined],
    ['a number', [], 42],
  ])('refuses %s before it sends anything', (_what, sessions, message) => {
    expect(() => broadcast(sessions as never, message as never)).toThrow(IllegalArgumentException);
  });

  it('takes what a session of a test answers, and what it throws', async () => {
    const broken = () => {
      throw undefined;
    };
    const odd = [() => ({ sendText: () => undefined }), () => ({ sendText: async () => {} }), broken];
    const { sent, failed } = await broadcast(odd.map((getBasicRemote) => ({ getBasicRemote })) as never, 'text');
    expect([sent, [...failed.values()].map(({ message }) => message)]).toEqual([2, ['a undefined was thrown: undefined']]);
  });

  it('refuses an unpaired surrogate for all', () => {
    expect(() => broadcast([], 'a\ud800')).toThrow(expect.objectContaining({ code: 'MARGAY_SURROGATE' }));
  });
});
