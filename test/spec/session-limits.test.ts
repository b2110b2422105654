/** Limits of a session, its remotes, and the sessions beside it. [SES-15 … SES-20] */
import { describe, expect, it } from '@jest/globals';
import { CloseReason, IllegalArgumentException, OnClose, OnMessage, OnOpen, PathParam, ServerEndpoint, Session } from 'margay';
import { eventually } from '../support/eventually.js';
import { withFastSeconds } from '../support/fast-seconds.js';
import { OPCODES } from '../support/frames.js';
import { RawPeer } from '../support/raw-peer.js';
import { start } from '../support/start.js';

describe('idle time', () => {
  withFastSeconds();

  it('[SES-15] is the container’s at first: none', async () => {
    const seen: number[] = [];
    @ServerEndpoint('/idle')
    class Idle {
      @OnOpen open(session: Session): void {
        seen.push(session.getMaxIdleTimeout());
        session.setMaxIdleTimeout(1234);
        seen.push(session.getMaxIdleTimeout());
      }
    }
    const { container, dial } = await start(Idle);
    await dial('/idle');
    container.setDefaultMaxSessionIdleTimeout(5678);
    await dial('/idle');
    expect(seen).toEqual([0, 1234, 5678, 1234]);
  });

  it('[SES-15] what is no number is IllegalArgumentException, and changes nothing', async () => {
    let session: Session | undefined;
    @ServerEndpoint('/nan')
    class Wrong {
      @OnOpen open(own: Session): void {
        session = own;
      }
    }
    const { dial } = await start(Wrong);
    await dial('/nan');
    for (const wrong of [Number.NaN, '5', null, undefined]) {
      expect(() => session?.setMaxIdleTimeout(wrong as number)).toThrow(IllegalArgumentException);
    }
    expect(session?.getMaxIdleTimeout()).toBe(0);
  });

  it('[SES-15, CLO-12, CLO-8] a session set to it closes when it is idle: wire 1001, local 1006', async () => {
    const reasons: CloseReason[] = [];
    let id = '';
    @ServerEndpoint('/expires')
    class Expires {
      @OnOpen open(session: Session): void {
        id = session.getId();
        session.setMaxIdleTimeout(100);
      }

      @OnClose close(reason: CloseReason): void {
        reasons.push(reason);
      }
    }
    const { dial } = await start(Expires);
    expect(await (await dial('/expires')).closed).toMatchObject({ code: 1001 });
    await eventually(() => expect(reasons).toHaveLength(1));
    expect(reasons[0]?.getCloseCode().getCode()).toBe(1006);
    expect(reasons[0]?.getReasonPhrase()).toContain(id);
  });

  it.each([0, -1])('[SES-15] %i disables it', async (never) => {
    let ticks = 0;
    @ServerEndpoint({ value: '/never', maxIdleTimeout: 100 })
    class Never {
      @OnOpen open(session: Session): void {
        session.setMaxIdleTimeout(never);
      }
    }
    @ServerEndpoint({ value: '/witness', maxIdleTimeout: 100 })
    class Witness {
      @OnClose close(): void {
        ticks++;
      }
    }
    const { dial } = await start([Never, Witness]);
    const peer = await dial('/never');
    await dial('/witness');
    await eventually(() => expect(ticks).toBe(1));
    peer.socket.ping();
    await peer.pong();
  });
});

describe('sizes of messages', () => {
  it('[SES-16, D-23] are 1 MiB at first, and the container’s', async () => {
    const seen: number[] = [];
    @ServerEndpoint('/sizes')
    class Sizes {
      @OnOpen open(session: Session): void {
        seen.push(session.getMaxTextMessageBufferSize(), session.getMaxBinaryMessageBufferSize());
      }
    }
    const { container, dial } = await start(Sizes);
    await dial('/sizes');
    container.setDefaultMaxTextMessageBufferSize(10);
    container.setDefaultMaxBinaryMessageBufferSize(20);
    await dial('/sizes');
    expect(seen).toEqual([1048576, 1048576, 10, 20]);
  });

  it('[SES-16] what is no whole number of bytes is IllegalArgumentException, and changes nothing', async () => {
    let session: Session | undefined;
    @ServerEndpoint('/wrong')
    class Wrong {
      @OnOpen open(own: Session): void {
        session = own;
      }
    }
    const { dial } = await start(Wrong);
    await dial('/wrong');
    for (const wrong of [Number.NaN, -1, 1.5, '5', null, undefined]) {
      expect(() => session?.setMaxTextMessageBufferSize(wrong as number)).toThrow(IllegalArgumentException);
      expect(() => session?.setMaxBinaryMessageBufferSize(wrong as number)).toThrow(IllegalArgumentException);
    }
    expect(session?.getMaxTextMessageBufferSize()).toBe(1048576);
    expect(session?.getMaxBinaryMessageBufferSize()).toBe(1048576);
  });

  it('[SES-16] one type’s size does not touch the other', async () => {
    @ServerEndpoint('/apart')
    class Apart {
      @OnOpen open(session: Session): void {
        session.setMaxTextMessageBufferSize(10);
      }

      @OnMessage binary(bytes: Buffer): string {
        return String(bytes.length);
      }

      @OnMessage text(_message: string): void {}
    }
    const { dial } = await start(Apart);
    const peer = await dial('/apart');
    peer.send(Buffer.alloc(11));
    expect(await peer.next()).toBe('11');
    peer.send('x'.repeat(11));
    expect((await peer.closed).code).toBe(1009);
  });

  it.each([
    ['text, in bytes', '你'.repeat(4), '你'.repeat(3)],
    ['binary', Buffer.alloc(10), Buffer.alloc(9)],
  ])('[SES-16, D-12] a larger whole message is 1009, one of exactly the size is not: %s', async (_what, larger, exact) => {
    @ServerEndpoint('/exact')
    class Exact {
      @OnOpen open(session: Session): void {
        session.setMaxTextMessageBufferSize(9);
        session.setMaxBinaryMessageBufferSize(9);
      }

      @OnMessage text(_message: string): string {
        return 'taken';
      }

      @OnMessage binary(_bytes: Buffer): string {
        return 'taken';
      }
    }
    const { dial } = await start(Exact);
    const peer = await dial('/exact');
    peer.send(exact);
    expect(await peer.next()).toBe('taken');
    peer.send(larger);
    expect((await peer.closed).code).toBe(1009);
  });

  it('[SES-16] a change holds from the next message on, not for the one that is arriving', async () => {
    let session: Session | undefined;
    @ServerEndpoint('/next')
    class Next {
      @OnOpen open(own: Session): void {
        session = own;
      }

      @OnMessage text(message: string): string {
        return String(message.length);
      }
    }
    const { port } = await start(Next);
    const client = await RawPeer.open({ port }, '/next');
    client.send({ opcode: OPCODES.text, fin: false, payload: 'x'.repeat(10) }, { opcode: OPCODES.ping });
    await eventually(() => expect(client.frames).toHaveLength(1));
    session?.setMaxTextMessageBufferSize(15);
    client.send({ opcode: OPCODES.continuation, payload: 'x'.repeat(10) });
    await eventually(() => expect(client.texts).toEqual(['20']));
    client.send({ opcode: OPCODES.text, payload: 'x'.repeat(15) }, { opcode: OPCODES.text, payload: 'x'.repeat(16) });
    expect((await client.closeFrame())?.code).toBe(1009);
    expect(client.texts).toEqual(['20', '15']);
  });

  it('[SES-16, SES-28] partial handlers are not limited by it', async () => {
    @ServerEndpoint({ value: '/partial', maxTextMessageBufferSize: 10 })
    class Partial {
      #size = 0;

      @OnMessage part(part: string, last: boolean): string | undefined {
        this.#size += part.length;
        return last ? String(this.#size) : undefined;
      }
    }
    const { dial } = await start(Partial);
    const peer = await dial('/partial');
    peer.send('x'.repeat(100_000));
    expect(await peer.next()).toBe('100000');
  });
});

describe('remotes and close', () => {
  it('[SES-17] the same remotes are given at every call, one pair per session', async () => {
    const seen: unknown[] = [];
    @ServerEndpoint('/remotes')
    class Remotes {
      @OnOpen open(session: Session): void {
        seen.push(session.getBasicRemote(), session.getAsyncRemote());
      }

      @OnClose close(session: Session): void {
        seen.push(session.getBasicRemote(), session.getAsyncRemote());
      }
    }
    const { dial } = await start(Remotes);
    await (await dial('/remotes')).close();
    await eventually(() => expect(seen).toHaveLength(4));
    expect(seen[2]).toBe(seen[0]);
    expect(seen[3]).toBe(seen[1]);
    await dial('/remotes');
    await eventually(() => expect(new Set(seen).size).toBe(4));
  });

  it('[SES-17, REM-8] they share their state: a message in parts through one keeps whole ones of the other away', async () => {
    let thrown: unknown;
    @ServerEndpoint('/shared')
    class Shared {
      @OnMessage text(_message: string, session: Session): void {
        void session.getBasicRemote().sendText('a', false);
        try {
          void session.getAsyncRemote().sendText('whole');
        } catch (error) {
          thrown = error;
        }
        void session.getBasicRemote().sendText('b', true);
      }
    }
    const { dial } = await start(Shared);
    const peer = await dial('/shared');
    peer.send('x');
    expect(await peer.next()).toBe('ab');
    expect(thrown).toMatchObject({ name: 'IllegalStateException', code: 'MARGAY_SEND_ORDER' });
  });

  it('[SES-18] close() is 1000 without a phrase, close(reason) the reason, on both sides', async () => {
    const reasons: CloseReason[] = [];
    @ServerEndpoint('/close')
    class Close {
      @OnMessage text(message: string, session: Session): Promise<void> {
        if (message === '') return session.close();
        return session.close(new CloseReason(CloseReason.CloseCodes.getCloseCode(4567), message));
      }

      @OnClose close(reason: CloseReason): void {
        reasons.push(reason);
      }
    }
    const { dial } = await start(Close);
    const [one, two] = [await dial('/close'), await dial('/close')];
    one.send('');
    expect(await one.closed).toEqual({ code: 1000, phrase: '' });
    await eventually(() => expect(reasons.map(String)).toEqual(['CloseReason[1000]']));
    two.send('enough');
    expect(await two.closed).toEqual({ code: 4567, phrase: 'enough' });
    await eventually(() => expect(reasons.map(String)).toEqual(['CloseReason[1000]', 'CloseReason[4567,enough]']));
  });
});

describe('open sessions', () => {
  it('[SES-19] are those of the same template, whatever its variables stand for, and of no other endpoint', async () => {
    const sessions: Record<string, Session> = {};
    @ServerEndpoint('/room/{id}')
    class Room {
      @OnOpen open(session: Session, @PathParam('id') id: string): void {
        sessions[id] = session;
      }
    }
    @ServerEndpoint('/other/{id}')
    class Other {
      @OnOpen open(session: Session): void {
        sessions['other'] = session;
      }
    }
    const { dial } = await start([Room, Other]);
    for (const path of ['/room/a', '/room/b', '/other/a']) await dial(path);
    const { a, b, other } = sessions as Record<'a' | 'b' | 'other', Session>;
    expect(a.getOpenSessions()).toEqual(new Set([a, b]));
    expect(b.getOpenSessions()).toEqual(new Set([a, b]));
    expect(other.getOpenSessions()).toEqual(new Set([other]));
  });

  it('[SES-19] the set is a fresh copy that does not follow what happens', async () => {
    const sessions: Session[] = [];
    @ServerEndpoint('/fresh')
    class Fresh {
      @OnOpen open(session: Session): void {
        sessions.push(session);
      }
    }
    const { dial } = await start(Fresh);
    await dial('/fresh');
    const [first] = sessions as [Session];
    const before = first.getOpenSessions();
    await dial('/fresh');
    expect(before.size).toBe(1);
    before.clear();
    expect(first.getOpenSessions().size).toBe(2);
    expect(first.getOpenSessions()).not.toBe(first.getOpenSessions());
  });

  it('[SES-19] two containers do not see each other’s sessions', async () => {
    const sessions: Session[] = [];
    @ServerEndpoint('/same')
    class Same {
      @OnOpen open(session: Session): void {
        sessions.push(session);
      }
    }
    const [one, two] = [await start(Same), await start(Same)];
    await one.dial('/same');
    await two.dial('/same');
    expect(sessions.map((session) => session.getOpenSessions().size)).toEqual([1, 1]);
  });

  it('[SES-20, D-27] a session is among them from before @OnOpen until it leaves open', async () => {
    const seen: [string, boolean][] = [];
    @ServerEndpoint('/among')
    class Among {
      @OnOpen open(session: Session): void {
        seen.push(['open', session.getOpenSessions().has(session)]);
      }

      @OnMessage text(message: string, session: Session): void {
        seen.push([message, session.getOpenSessions().has(session)]);
        void session.close();
        seen.push(['closed', session.getOpenSessions().has(session)]);
      }

      @OnClose close(session: Session): void {
        seen.push(['close', session.getOpenSessions().has(session)]);
      }
    }
    const { dial } = await start(Among);
    const peer = await dial('/among');
    peer.send('text');
    await peer.closed;
    await eventually(() => expect(seen).toHaveLength(4));
    expect(seen).toEqual([
      ['open', true],
      ['text', true],
      ['closed', false],
      ['close', false],
    ]);
  });

  it('[SES-20] one whose @OnOpen failed is not left among them', async () => {
    let watcher: Session | undefined;
    @ServerEndpoint('/failing')
    class Failing {
      @OnOpen open(session: Session): void {
        if (watcher !== undefined) throw new Error('full');
        watcher = session;
      }
    }
    const { dial } = await start(Failing);
    await dial('/failing');
    await (await dial('/failing')).closed;
    expect(watcher?.getOpenSessions()).toEqual(new Set([watcher]));
  });
});
