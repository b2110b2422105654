/** The peer closes, or both do. [CLO-4 to CLO-6, CLO-17, D-17, LIF-13, LIF-14] */
import { describe, expect, it } from '@jest/globals';
import { CloseReason, OnClose, OnError, OnMessage, OnOpen, ServerEndpoint, Session, SessionException } from 'margay';
import { eventually, gate, sleep } from '../support/eventually.js';
import { closing, OPCODES } from '../support/frames.js';
import { RawPeer } from '../support/raw-peer.js';
import { start } from '../support/start.js';

const TIMEOUT = 'org.apache.tomcat.websocket.SESSION_CLOSE_TIMEOUT';

describe("[CLO-4] the peer's close frame", () => {
  const ACCEPTED = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999];

  it.each(ACCEPTED)('[CLO-6, D-17] with %d: echoed with its phrase, told to onClose once, then TCP ends', async (code) => {
    const closes: string[] = [];
    @ServerEndpoint('/talk')
    class Talk {
      @OnClose
      close(reason: CloseReason): void {
        closes.push(`${reason.getCloseCode().getCode()} ${reason.getReasonPhrase()}`);
      }
    }
    const peer = await RawPeer.open(await start(Talk), '/talk');
    peer.close(code, 'Tschüß 再见');
    expect(await peer.closeFrame()).toEqual({ code, phrase: 'Tschüß 再见' });
    await peer.ended(); // the server ends first
    await peer.finished();
    expect(closes).toEqual([`${code} Tschüß 再见`]);
  });

  it('[CLO-4] may carry a phrase of 123 bytes', async () => {
    const told = gate<string>();
    @ServerEndpoint('/talk')
    class Talk {
      @OnClose
      close(reason: CloseReason): void {
        told.open(reason.getReasonPhrase());
      }
    }
    const peer = await RawPeer.open(await start(Talk), '/talk');
    peer.close(4000, '好'.repeat(41));
    expect(await peer.closeFrame()).toEqual({ code: 4000, phrase: '好'.repeat(41) });
    expect(await told.promise).toBe('好'.repeat(41));
  });

  it('[CLO-5, D-17] without a status is 1005 for onClose, and gets an empty close frame', async () => {
    const told = gate<string>();
    @ServerEndpoint('/talk')
    class Talk {
      @OnClose
      close(reason: CloseReason): void {
        told.open(`${reason.getCloseCode()} "${reason.getReasonPhrase()}"`);
      }
    }
    const peer = await RawPeer.open(await start(Talk), '/talk');
    peer.close();
    expect(await told.promise).toBe('NO_STATUS_CODE ""');
    await peer.finished();
    expect(peer.frames.map(({ opcode, payload }) => [opcode, payload.length])).toEqual([[OPCODES.close, 0]]);
  });

  const REFUSED: readonly (readonly [string, Buffer, number])[] = [
    ...[0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 1999, 2000, 2999, 5000, 65535].map(
      (code) => [`the code ${code}`, closing(code, 'x'), 1002] as const,
    ),
    ['one byte', Buffer.from([3]), 1002],
    ['a phrase of a lone continuation byte', Buffer.concat([closing(1000), Buffer.from([0x80])]), 1007],
    ['a phrase cut in the middle of a character', Buffer.concat([closing(1000, 'a'), Buffer.from('好').subarray(0, 2)]), 1007],
    ['a phrase with an encoded surrogate', Buffer.concat([closing(1000), Buffer.from([0xed, 0xa0, 0x80])]), 1007],
    ['a phrase with an overlong slash', Buffer.concat([closing(1000), Buffer.from([0xc0, 0xaf])]), 1007],
  ];

  it.each(REFUSED)('[CLO-6, D-09] with %s: SessionException to onError, then onClose and the wire', async (_what, payload, code) => {
    const steps: unknown[] = [];
    @ServerEndpoint('/talk')
    class Talk {
      @OnError
      error(error: Error, session: Session): void {
        const { code: own } = error as Error & { code: string };
        steps.push(error instanceof SessionException && error.getSession() === session ? own : error);
      }
      @OnClose
      close(reason: CloseReason): void {
        steps.push(reason.getCloseCode().getCode());
      }
    }
    const peer = await RawPeer.open(await start(Talk), '/talk');
    peer.send({ opcode: OPCODES.close, payload });
    expect(await peer.closeFrame()).toMatchObject({ code });
    await peer.finished();
    await eventually(() => expect(steps).toEqual([code === 1002 ? 'MARGAY_PROTOCOL' : 'MARGAY_UTF8', code]));
  });

  it('[CLO-4, LIF-14] takes its turn behind the messages before it: they run, and may send, before the reply', async () => {
    const steps: string[] = [];
    @ServerEndpoint('/talk')
    class Talk {
      @OnMessage
      async text(message: string, session: Session): Promise<string> {
        await sleep(10);
        steps.push(`${message} ${session.isOpen()}`);
        return `echo ${message}`;
      }
      @OnClose
      close(): void {
        steps.push('onClose');
      }
    }
    const peer = await RawPeer.open(await start(Talk), '/talk');
    peer.text('one');
    peer.text('two');
    peer.text('three');
    peer.close(1001);
    expect(await peer.closeFrame()).toMatchObject({ code: 1001 });
    expect(peer.texts).toEqual(['echo one', 'echo two', 'echo three']);
    await eventually(() => expect(steps).toEqual(['one true', 'two true', 'three true', 'onClose']));
  });

  it('[CLO-4, LIF-13] is answered at once when the handlers before it need longer than SESSION_CLOSE_TIMEOUT', async () => {
    const never = gate();
    const closes: string[] = [];
    @ServerEndpoint('/talk')
    class Talk {
      @OnOpen
      open(session: Session): void {
        session.getUserProperties().set(TIMEOUT, 200);
      }
      @OnMessage
      text(_message: string): Promise<void> {
        return never.promise;
      }
      @OnClose
      close(reason: CloseReason): void {
        closes.push(String(reason));
      }
    }
    const started = await start(Talk);
    const peer = await RawPeer.open(started, '/talk');
    const since = performance.now();
    peer.text('hang');
    peer.close(4001);
    expect(await peer.closeFrame()).toMatchObject({ code: 4001 });
    expect(performance.now() - since).toBeGreaterThan(150);
    await peer.finished();
    await eventually(() => expect(closes).toEqual(['CloseReason[4001]'])); // and onClose does not wait for ever
    expect(started.log.filter(({ code }) => code === 'MARGAY_ABANDONED_CALLBACK')).toMatchObject([{ member: 'text', level: 'warn' }]);
    never.open();
  });

  it('[CLO-4] ends TCP without waiting for onClose to settle', async () => {
    const never = gate();
    @ServerEndpoint('/talk')
    class Talk {
      @OnClose
      close(): Promise<void> {
        return never.promise;
      }
    }
    const peer = await RawPeer.open(await start(Talk), '/talk');
    peer.close(1000);
    await peer.finished();
    never.open();
  });

  it('[CLO-4, CLO-15] frames behind it are ignored, wrong ones too, and the answer stays what it was', async () => {
    const steps: string[] = [];
    @ServerEndpoint('/talk')
    class Talk {
      @OnMessage
      text(message: string): void {
        steps.push(message);
      }
      @OnError
      error(error: Error): void {
        steps.push(error.message);
      }
      @OnClose
      close(reason: CloseReason): void {
        steps.push(String(reason));
      }
    }
    const peer = await RawPeer.open(await start(Talk), '/talk');
    peer.send(
      { opcode: OPCODES.text, payload: 'before' },
      { opcode: OPCODES.close, payload: closing(4002, 'done') },
      { opcode: OPCODES.text, payload: 'behind' },
      { opcode: OPCODES.ping, payload: 'behind' },
      { opcode: OPCODES.close, payload: closing(1000) },
      { opcode: 3, rsv: 7, payload: 'nonsense' },
    );
    await peer.finished();
    expect(steps).toEqual(['before', 'CloseReason[4002,done]']);
    expect(peer.frames.map(({ opcode, payload }) => [opcode, payload.toString('latin1')])).toEqual([
      [OPCODES.close, closing(4002, 'done').toString('latin1')],
    ]);
  });

  it('[D-27] ends isOpen() and the session leaves the open ones when its turn comes, not when it arrives', async () => {
    const arrived = gate();
    const seen: unknown[] = [];
    @ServerEndpoint('/talk')
    class Talk {
      @OnMessage
      async text(_message: string, session: Session): Promise<void> {
        await arrived.promise;
        seen.push(session.isOpen(), session.getOpenSessions().has(session));
      }
      @OnClose
      close(session: Session): void {
        seen.push(session.isOpen(), session.getOpenSessions().has(session));
      }
    }
    const peer = await RawPeer.open(await start(Talk), '/talk');
    peer.text('go');
    peer.close(1000);
    peer.send({ opcode: OPCODES.ping, payload: 'x' });
    await sleep(50);
    arrived.open();
    await peer.finished();
    expect(seen).toEqual([true, true, false, false]);
  });
});

describe('[CLO-17] both close', () => {
  it('the peer answers ours with another code: onClose is told ours, once', async () => {
    const closes: string[] = [];
    @ServerEndpoint('/talk')
    class Talk {
      @OnMessage
      text(_message: string, session: Session): void {
        void session.close(new CloseReason(CloseReason.CloseCodes.getCloseCode(4001), 'ours'));
      }
      @OnClose
      close(reason: CloseReason): void {
        closes.push(String(reason));
      }
    }
    const peer = await RawPeer.open(await start(Talk), '/talk');
    peer.text('go');
    expect(await peer.closeFrame()).toEqual({ code: 4001, phrase: 'ours' });
    peer.close(4002, 'theirs');
    await peer.finished();
    expect(closes).toEqual(['CloseReason[4001,ours]']);
    expect(peer.frames).toHaveLength(1);
  });

  it('in one packet with the message that makes us close: the close handled first decides, and nobody waits for another', async () => {
    const closes: string[] = [];
    @ServerEndpoint('/talk')
    class Talk {
      @OnMessage
      text(_message: string, session: Session): void {
        void session.close(new CloseReason(CloseReason.CloseCodes.getCloseCode(4001), 'ours'));
      }
      @OnClose
      close(reason: CloseReason): void {
        closes.push(String(reason));
      }
    }
    const peer = await RawPeer.open(await start(Talk), '/talk');
    const since = performance.now();
    peer.send({ opcode: OPCODES.text, payload: 'go' }, { opcode: OPCODES.close, payload: closing(4002, 'theirs') });
    expect(await peer.closeFrame()).toEqual({ code: 4001, phrase: 'ours' });
    await peer.finished();
    expect(performance.now() - since).toBeLessThan(2000);
    expect(closes).toEqual(['CloseReason[4001,ours]']);
  });

  it("close() in a handler while the peer's frame waits for its turn: ours decides, and TCP ends without a wait", async () => {
    const arrived = gate();
    const closes: string[] = [];
    @ServerEndpoint('/talk')
    class Talk {
      @OnMessage
      async text(_message: string, session: Session): Promise<void> {
        await arrived.promise;
        await session.close(new CloseReason(CloseReason.CloseCodes.getCloseCode(4001), 'ours'));
      }
      @OnClose
      close(reason: CloseReason): void {
        closes.push(String(reason));
      }
    }
    const peer = await RawPeer.open(await start(Talk), '/talk');
    peer.text('go');
    peer.close(4002, 'theirs');
    await sleep(50);
    arrived.open();
    expect(await peer.closeFrame()).toEqual({ code: 4001, phrase: 'ours' });
    await peer.finished();
    expect(closes).toEqual(['CloseReason[4001,ours]']);
  });

  it.each(['OnOpen', 'OnMessage', 'OnError', 'OnClose'])('close() is legal inside %s', async (where) => {
    const closes: string[] = [];
    const close = (session: Session, here: string): Promise<void> | undefined =>
      here === where ? session.close(new CloseReason(CloseReason.CloseCodes.getCloseCode(4001), here)) : undefined;
    @ServerEndpoint('/talk')
    class Talk {
      @OnOpen
      async open(session: Session): Promise<void> {
        await close(session, 'OnOpen');
      }
      @OnMessage
      async text(_message: string, session: Session): Promise<void> {
        await close(session, 'OnMessage');
        if (where === 'OnError') throw new Error('to onError');
      }
      @OnError
      async error(_error: Error, session: Session): Promise<void> {
        await close(session, 'OnError');
      }
      @OnClose
      async close(reason: CloseReason, session: Session): Promise<void> {
        closes.push(String(reason));
        await close(session, 'OnClose');
      }
    }
    const peer = await RawPeer.open(await start(Talk), '/talk');
    if (where !== 'OnOpen') peer.text('go');
    if (where === 'OnClose') peer.close(4009);
    const expected = where === 'OnClose' ? { code: 4009, phrase: '' } : { code: 4001, phrase: where };
    expect(await peer.closeFrame()).toEqual(expected);
    if (where !== 'OnClose') peer.close(expected.code);
    await peer.finished();
    expect(closes).toEqual([where === 'OnClose' ? 'CloseReason[4009]' : `CloseReason[4001,${where}]`]);
  });
});
