/** How a client's connection ends: who says what on the wire, and what @OnClose and @OnError hear. */
import { describe, expect, it } from '@jest/globals';
import { CloseReason, ServerContainer, Session } from 'margay';
import { eventually, gate, sleep } from '../support/eventually.js';
import { withFastSeconds } from '../support/fast-seconds.js';
import { OPCODES } from '../support/frames.js';
import { type LiveClientOptions, liveClient } from '../support/live-client.js';
import type { Sendable } from '../support/raw-end.js';

const { text: TEXT, continuation, binary, ping } = OPCODES;
const { CloseCodes } = CloseReason;
const ENDED = 'close 1006 the connection ended without a close frame';

const gone = (session: Session) =>
  eventually(() => expect(() => session.getContainer()).toThrow(expect.objectContaining({ code: 'MARGAY_SESSION_CLOSED' })));

describe('the client closes', () => {
  it.each<[number | null, string, number, string]>([
    [null, '', 1000, 'close 1000'],
    [1000, 'bye', 1000, 'close 1000 bye'],
    [1001, '', 1001, 'close 1001'],
    [1011, 'broken', 1011, 'close 1011 broken'],
    [1013, 'later', 1013, 'close 1013 later'],
    [3000, 'registered', 3000, 'close 3000 registered'],
    [4999, '再见', 4999, 'close 4999 再见'],
    [1005, '', 1005, 'close 1005'],
    [1006, '', 1002, 'close 1006'],
  ])('[CLO-7, CLO-3, D-13] with %p %p: the frame says %p, @OnClose hears what was asked for, once', async (code, phrase, wire, line) => {
    const { session, heard, end } = await liveClient();
    const closing = session.close(...(code === null ? [] : [new CloseReason(CloseCodes.getCloseCode(code), phrase)]));
    expect(session.isOpen()).toBe(false);
    const frame = await end.closeFrame();
    expect(frame.code).toBe(wire);
    if (wire === code) expect(frame.phrase).toBe(phrase);
    await closing;
    end.close(wire === 1005 ? undefined : wire);
    end.socket.end();
    await gone(session);
    expect(heard).toEqual([line]);
  });

  it('[D-13] with a code that nobody may send it does not', async () => {
    const { session } = await liveClient();
    for (const code of [1004, 1015]) {
      expect(() => session.close(new CloseReason(CloseCodes.getCloseCode(code)))).toThrow(
        expect.objectContaining({ code: 'MARGAY_CLOSE_CODE' }),
      );
    }
    expect(session.isOpen()).toBe(true);
  });

  it('[CLO-7] what was sent before goes first', async () => {
    const { session, basic, end } = await liveClient();
    for (let i = 0; i < 5; i++) void basic.sendText(String(i));
    void session.close();
    await end.closeFrame();
    expect(end.frames.map(({ payload }) => payload.toString('latin1'))).toEqual(['0', '1', '2', '3', '4', '\x03\xe8']);
  });

  it.each([
    ['it closed first', true],
    ['the server did', false],
  ])('[CLO-4] leaves the end of TCP to the server: %s', async (_what, isFirst) => {
    const { session, end } = await liveClient();
    if (isFirst) void session.close();
    else end.close(1000);
    await end.closeFrame();
    if (isFirst) end.close(1000);
    await sleep(50);
    expect(end.hasEnded).toBe(false);
    end.socket.end();
    await end.ended();
    await gone(session);
  });

  it('[CLO-4] a server that ends with its close frame is not waited for', async () => {
    const { session, end } = await liveClient();
    end.close(1000);
    end.socket.end();
    await end.ended();
    await gone(session);
    expect(await end.closeFrame()).toEqual({ code: 1000, phrase: '' });
  });

  it('[REL-13, EXT-3] goes all the same when the server says nothing more', async () => {
    const { session, end, heard } = await liveClient({ properties: { 'org.apache.tomcat.websocket.SESSION_CLOSE_TIMEOUT': '50' } });
    await session.close();
    await gone(session);
    await end.ended();
    expect(heard).toEqual(['close 1000']);
  });

  it('[CLO-10] inside its own handler, and waits for it', async () => {
    const { end, heard, session } = await liveClient({ take: (_message, session) => session.close() });
    end.text('close');
    await end.closeFrame();
    end.close(1000);
    end.socket.end();
    await gone(session);
    expect(heard).toEqual(['close', 'close 1000']);
  });
});

describe('the server closes', () => {
  it.each<[number | undefined, string]>([
    [1000, 'bye'],
    [1001, ''],
    [1008, 'policy'],
    [1012, 'restart'],
    [3999, ''],
    [4000, '再见'],
    [undefined, ''],
  ])('[CLO-4, CLO-5, CLO-6, D-17] with %p %p: the same comes back, @OnClose hears it, once', async (code, phrase) => {
    const { session, heard, end } = await liveClient();
    end.close(code, phrase);
    expect(await end.closeFrame()).toEqual({ code: code ?? 1005, phrase });
    end.socket.end();
    await gone(session);
    expect(heard).toEqual([`close ${code ?? 1005} ${phrase}`.trim()]);
  });

  it('[CLO-4, LIF-14] its messages come first, and their handlers may still send', async () => {
    const { heard, end } = await liveClient({ take: (message, session) => session.getBasicRemote().sendText(`re ${message}`) });
    end.send({ opcode: TEXT, payload: 'a' }, { opcode: TEXT, payload: 'b' });
    end.close(1000);
    await end.closeFrame();
    expect(end.of('text')).toEqual(['re a', 're b']);
    await eventually(() => expect(heard).toEqual(['a', 'b', 'close 1000']));
  });

  it('[CLO-17, CLO-9] both at once: @OnClose hears the one that was first, once', async () => {
    const { session, heard, end } = await liveClient();
    const closing = session.close(new CloseReason(CloseCodes.getCloseCode(4001), 'mine'));
    end.close(4002, 'theirs');
    await closing;
    await end.closeFrame();
    end.socket.end();
    await gone(session);
    expect(heard).toEqual(['close 4001 mine']);
    expect(end.of('close')).toHaveLength(1);
  });

  it('[REL-13] and leaves the connection open: the client lets go', async () => {
    const { session, end } = await liveClient({ from: new ServerContainer({ lingerTimeout: 50 }) });
    end.close(1000);
    await gone(session);
    await end.ended();
  });
});

describe('the connection is lost', () => {
  it('[CLO-13, D-20] by a plain end: 1006, and no error', async () => {
    const { session, heard, end } = await liveClient();
    end.text('last words');
    end.socket.end();
    await gone(session);
    expect(heard).toEqual(['last words', ENDED]);
  });

  it('[CLO-13, D-20] by a reset: @OnError hears the cause, then 1006', async () => {
    const { session, heard, errors, end } = await liveClient();
    end.reset();
    await gone(session);
    expect(heard[0]).toBe('error MARGAY_CONNECTION_LOST');
    expect(heard[1]).toMatch(/^close 1006/);
    expect(heard).toHaveLength(2);
    expect(errors[0]).toMatchObject({ name: 'SessionException', cause: { code: 'ECONNRESET' } });
    expect((errors[0] as Error & { getSession(): Session }).getSession()).toBe(session);
  });

  it('[LIF-5, LIF-6] while a handler runs: @OnClose waits for it', async () => {
    const held = gate();
    const { session, heard, end } = await liveClient({ take: () => held.promise });
    end.text('a');
    await eventually(() => expect(heard).toEqual(['a']));
    end.socket.end();
    await sleep(20);
    expect(heard).toEqual(['a']);
    held.open();
    await gone(session);
    expect(heard).toEqual(['a', ENDED]);
  });
});

describe('the server breaks the protocol', () => {
  it.each<[string, readonly Sendable[], number, string]>([
    ['a masked frame', [{ opcode: TEXT, payload: 'a', mask: Buffer.from([1, 2, 3, 4]) }], 1002, 'MARGAY_PROTOCOL'],
    ['a reserved bit', [{ opcode: TEXT, payload: 'a', rsv: 4 }], 1002, 'MARGAY_PROTOCOL'],
    ['an opcode that is none', [{ opcode: 11 }], 1002, 'MARGAY_PROTOCOL'],
    ['a continuation of nothing', [{ opcode: continuation, payload: 'a' }], 1002, 'MARGAY_PROTOCOL'],
    ['a ping in fragments', [{ opcode: ping, fin: false }], 1002, 'MARGAY_PROTOCOL'],
    ['a ping that is too long', [{ opcode: ping, payload: Buffer.alloc(126) }], 1002, 'MARGAY_PROTOCOL'],
    ['a new message within another', [{ opcode: TEXT, fin: false, payload: 'a' }, { opcode: binary }], 1002, 'MARGAY_PROTOCOL'],
    ['a length with its top bit set', [{ opcode: binary, length: 1n << 63n }], 1002, 'MARGAY_PROTOCOL'],
    ['a close frame of one byte', [{ opcode: OPCODES.close, payload: 'a' }], 1002, 'MARGAY_PROTOCOL'],
    ['a close code that nobody may send', [{ opcode: OPCODES.close, payload: Buffer.from([0x03, 0xed]) }], 1002, 'MARGAY_PROTOCOL'],
    ['bad UTF-8', [{ opcode: TEXT, payload: Buffer.from([0xff]) }], 1007, 'MARGAY_UTF8'],
    ['bad UTF-8 in the middle of a message', [{ opcode: TEXT, fin: false, payload: Buffer.from([0xc0]) }], 1007, 'MARGAY_UTF8'],
    ['bad UTF-8 in a close frame', [{ opcode: OPCODES.close, payload: Buffer.from([0x03, 0xe8, 0xff]) }], 1007, 'MARGAY_UTF8'],
  ])('[CLO-15, D-09] %s: @OnError, then the code on both sides', async (_what, frames, code, error) => {
    const { session, heard, end } = await liveClient();
    end.send(...frames);
    expect((await end.closeFrame()).code).toBe(code);
    end.socket.end();
    await gone(session);
    expect(heard[0]).toBe(`error ${error}`);
    expect(heard[1]).toMatch(new RegExp(`^close ${code}`));
    expect(heard).toHaveLength(2);
  });

  const limited: readonly (readonly [string, LiveClientOptions, number])[] = [
    ["the container's default", {}, 1_048_576],
    ['the option', { properties: { 'margay.maxTextMessageBufferSize': 10 } }, 10],
    ["the session's own", { open: (session) => session.setMaxTextMessageBufferSize(20) }, 20],
  ];

  it.each(limited)('[SES-16, REL-8] a message over %s gets 1009; of exactly that size it comes', async (_what, options, size) => {
    const { session, heard, end } = await liveClient(options);
    end.text('a'.repeat(size));
    await eventually(() => expect(heard.map(({ length }) => length)).toEqual([size]));
    end.send({ opcode: TEXT, fin: false, payload: 'a'.repeat(size) }, { opcode: continuation, payload: 'b' });
    expect((await end.closeFrame()).code).toBe(1009);
    end.socket.end();
    await gone(session);
    expect([heard[1], heard[2]?.slice(0, 10)]).toEqual(['error MARGAY_TOO_BIG', 'close 1009']);
  });
});

describe('time', () => {
  withFastSeconds();

  it.each<[string, LiveClientOptions]>([
    ['maxIdleTimeout by an option', { properties: { 'margay.maxIdleTimeout': 60 } }],
    ['maxIdleTimeout by the session', { open: (session) => session.setMaxIdleTimeout(60) }],
    ["Tomcat's key for reading", { properties: { 'org.apache.tomcat.websocket.READ_IDLE_TIMEOUT_MS': '60' } }],
    ["Tomcat's key for writing", { properties: { 'org.apache.tomcat.websocket.WRITE_IDLE_TIMEOUT_MS': 60 } }],
  ])('[CLO-12, EXT-5, CLO-8] %s: 1001 on the wire, 1006 here', async (_what, options) => {
    const { session, heard, end } = await liveClient(options);
    expect((await end.closeFrame()).code).toBe(1001);
    end.socket.end();
    await gone(session);
    expect(heard.at(-1)).toMatch(/^close 1006 session .* for \d+ ms$/);
  });

  it('[REL-12] heartbeat, by the option of the connect: a ping, and the end of a server that does not answer; none without it', async () => {
    const silent = await liveClient();
    const { session, heard, end } = await liveClient({ options: { heartbeat: { interval: 50, missed: 1 } } });
    await eventually(() => expect(end.of('ping')).toHaveLength(1));
    await gone(session);
    expect(heard).toEqual(['close 1006 no answer to ping']);
    expect(silent.end.frames).toEqual([]);
    expect(silent.session.isOpen()).toBe(true);
  });

  it('[REL-12] by a user property too, which the option beats', async () => {
    const properties = { 'margay.heartbeat': { interval: 50, missed: 5 } };
    const pinging = await liveClient({ properties });
    const silent = await liveClient({ properties, options: { heartbeat: false } });
    await eventually(() => expect(pinging.end.of('ping').length).toBeGreaterThan(0));
    expect(silent.end.frames).toEqual([]);
  });
});
