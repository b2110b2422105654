/** A session that is closed, and who it is. [SES-1 … SES-3, SES-5, GEN-6] */
import { describe, expect, it } from '@jest/globals';
import { CloseReason, IllegalStateException, IOException, OnClose, OnMessage, OnOpen, ServerEndpoint, Session } from 'margay';
import { eventually } from '../support/eventually.js';
import { closing, OPCODES } from '../support/frames.js';
import { RawPeer } from '../support/raw-peer.js';
import { start } from '../support/start.js';

/** What a call throws; undefined if it does not. */
function caught(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  return undefined;
}

/** Every member that throws once the session is closed. */
const MEMBERS: Readonly<Record<string, (session: Session) => unknown>> = {
  getContainer: (session) => session.getContainer(),
  getProtocolVersion: (session) => session.getProtocolVersion(),
  getNegotiatedSubprotocol: (session) => session.getNegotiatedSubprotocol(),
  getNegotiatedExtensions: (session) => session.getNegotiatedExtensions(),
  isSecure: (session) => session.isSecure(),
  getRequestURI: (session) => session.getRequestURI(),
  getQueryString: (session) => session.getQueryString(),
  getRequestParameterMap: (session) => session.getRequestParameterMap(),
  getPathParameters: (session) => session.getPathParameters(),
  getUserPrincipal: (session) => session.getUserPrincipal(),
  getUserProperties: (session) => session.getUserProperties(),
  getMaxIdleTimeout: (session) => session.getMaxIdleTimeout(),
  setMaxIdleTimeout: (session) => session.setMaxIdleTimeout(0),
  getMaxTextMessageBufferSize: (session) => session.getMaxTextMessageBufferSize(),
  setMaxTextMessageBufferSize: (session) => session.setMaxTextMessageBufferSize(10),
  getMaxBinaryMessageBufferSize: (session) => session.getMaxBinaryMessageBufferSize(),
  setMaxBinaryMessageBufferSize: (session) => session.setMaxBinaryMessageBufferSize(10),
  getBasicRemote: (session) => session.getBasicRemote(),
  getAsyncRemote: (session) => session.getAsyncRemote(),
  getOpenSessions: (session) => session.getOpenSessions(),
};

describe('a closed session', () => {
  it('[SES-1] every member but getId, isOpen, close and toString throws IllegalStateException that names it', async () => {
    let session: Session | undefined;
    @ServerEndpoint('/closed')
    class Closed {
      @OnOpen open(own: Session): void {
        session = own;
      }
    }
    const { dial } = await start(Closed);
    const peer = await dial('/closed');
    const id = session?.getId() as string;
    await peer.close();
    await eventually(() => expect(() => session?.getContainer()).toThrow());
    for (const [name, call] of Object.entries(MEMBERS)) {
      const thrown = caught(() => call(session as Session));
      expect(thrown).toBeInstanceOf(IllegalStateException);
      expect(thrown).toMatchObject({ code: 'MARGAY_SESSION_CLOSED', message: expect.stringContaining(`${name}()`) });
      expect((thrown as Error).message).toContain(id);
    }
    expect(session?.getId()).toBe(id);
    expect(session?.isOpen()).toBe(false);
    expect(String(session)).toContain(id);
    await expect(session?.close()).resolves.toBeUndefined();
    await expect(session?.close(new CloseReason(CloseReason.CloseCodes.GOING_AWAY, 'again'))).resolves.toBeUndefined();
  });

  it('[SES-1, SES-5, D-10, D-27, CLO-16] inside @OnClose all of them work, isOpen() is false and sends fail with IOException', async () => {
    const thrown: unknown[] = [];
    let seen: { isOpen: boolean; sent: unknown; registered: boolean } | undefined;
    @ServerEndpoint('/in-close/{id}')
    class InClose {
      @OnClose async close(session: Session): Promise<void> {
        for (const call of Object.values(MEMBERS)) thrown.push(caught(() => call(session)));
        seen = {
          isOpen: session.isOpen(),
          sent: await session
            .getBasicRemote()
            .sendText('x')
            .catch((error: unknown) => error),
          registered: session.getOpenSessions().has(session),
        };
      }
    }
    const { dial } = await start(InClose);
    await (await dial('/in-close/7?a=b')).close();
    await eventually(() => expect(seen).toBeDefined());
    expect(thrown).toEqual(Object.values(MEMBERS).map(() => undefined));
    expect(seen).toMatchObject({ isOpen: false, registered: false });
    expect(seen?.sent).toBeInstanceOf(IOException);
    expect(seen?.sent).toMatchObject({ code: 'MARGAY_SEND_CLOSED' });
  });

  it('[SES-1, D-27] until the socket is gone the session is not closed, though @OnClose has settled', async () => {
    let session: Session | undefined;
    let settled = false;
    @ServerEndpoint('/waits')
    class Waits {
      @OnOpen open(own: Session): void {
        session = own;
        void own.close();
      }

      @OnClose close(): void {
        settled = true;
      }
    }
    const { port } = await start(Waits);
    const client = await RawPeer.open({ port }, '/waits');
    await client.closeFrame();
    await eventually(() => expect(settled).toBe(true));
    expect(session?.isOpen()).toBe(false);
    expect(session?.getProtocolVersion()).toBe('13');
    client.send({ opcode: OPCODES.close, payload: closing(1000) });
    client.end();
    await eventually(() => expect(() => session?.getProtocolVersion()).toThrow(IllegalStateException));
  });

  it('[SES-5, CLO-10] isOpen() is false as soon as close() was called, before anything has left', async () => {
    const seen: boolean[] = [];
    @ServerEndpoint('/at-once')
    class AtOnce {
      @OnMessage text(_message: string, session: Session): void {
        seen.push(session.isOpen());
        void session.close();
        seen.push(session.isOpen());
      }
    }
    const { dial } = await start(AtOnce);
    const peer = await dial('/at-once');
    peer.send('x');
    expect(await peer.closed).toEqual({ code: 1000, phrase: '' });
    expect(seen).toEqual([true, false]);
  });

  it('[SES-5, D-27] isOpen() turns false when the close frame of the peer takes its turn, not when it arrives', async () => {
    const seen: string[] = [];
    @ServerEndpoint('/turn')
    class Turn {
      @OnMessage async text(message: string, session: Session): Promise<void> {
        await new Promise((resolve) => setTimeout(resolve, 30)); // the close frame arrives meanwhile
        seen.push(`${message} ${session.isOpen()} ${session.getOpenSessions().size}`);
      }

      @OnClose close(session: Session): void {
        seen.push(`close ${session.isOpen()} ${session.getOpenSessions().size}`);
      }
    }
    const { port } = await start(Turn);
    const client = await RawPeer.open({ port }, '/turn');
    client.send({ opcode: OPCODES.text, payload: '1' }, { opcode: OPCODES.text, payload: '2' }, { opcode: OPCODES.close });
    await eventually(() => expect(seen).toEqual(['1 true 1', '2 true 1', 'close false 0']));
  });
});

describe('identity', () => {
  it('[SES-2] getId() is unique, unguessable and the same before and after close', async () => {
    const sessions: Session[] = [];
    @ServerEndpoint('/id')
    class Id {
      @OnOpen open(session: Session): void {
        sessions.push(session);
      }
    }
    const { dial } = await start(Id);
    const peers = await Promise.all(Array.from({ length: 20 }, () => dial('/id')));
    const ids = sessions.map((session) => session.getId());
    expect(new Set(ids).size).toBe(20);
    for (const id of ids) expect(id.replaceAll('-', '').length).toBeGreaterThanOrEqual(22); // 128 bits, in base64 at the shortest
    for (const [one, two] of ids.slice(1).map((id, i) => [id, ids[i] as string] as const)) {
      const alike = [...one].filter((character, at) => character === two[at]).length;
      expect(alike).toBeLessThan(one.length / 2); // no counter
    }
    await Promise.all(peers.map((peer) => peer.close()));
    expect(sessions.map((session) => session.getId())).toEqual(ids);
  });

  it('[SES-3] getContainer() is the container that serves, for every session', async () => {
    const seen: unknown[] = [];
    @ServerEndpoint('/one')
    class One {
      @OnOpen open(session: Session): void {
        seen.push(session.getContainer());
      }
    }
    @ServerEndpoint('/two')
    class Two extends One {
      @OnOpen override open(session: Session): void {
        super.open(session);
      }
    }
    const { container, dial } = await start([One, Two]);
    await dial('/one');
    await dial('/two');
    expect(seen).toHaveLength(2);
    for (const each of seen) expect(each).toBe(container);
  });

  it('[GEN-6] a session prints as one line with id, path and state, through String() and console.log', async () => {
    const { inspect } = await import('node:util');
    const lines: string[][] = [];
    @ServerEndpoint('/print/{who}')
    class Print {
      @OnOpen open(session: Session): void {
        lines.push([session.toString(), inspect(session), inspect({ session }, { breakLength: Infinity }), session.getId()]);
      }

      @OnClose close(session: Session): void {
        lines.push([session.toString(), inspect(session), inspect([session]), session.getId()]);
      }
    }
    const { dial } = await start(Print);
    await (await dial('/print/me')).close();
    await eventually(() => expect(lines).toHaveLength(2));
    for (const [i, state] of ['open', 'closing'].entries()) {
      const [text, inspected, nested, id] = lines[i] as [string, string, string, string];
      expect(text).toBe(inspected);
      expect(nested).toContain(text);
      expect(text).not.toContain('\n');
      for (const part of [id, '/print/me', state]) expect(text).toContain(part);
    }
  });

  it('[GEN-6] remotes, close reasons and close codes print as one line too', async () => {
    const { inspect } = await import('node:util');
    const lines: [string, string][] = [];
    let id = '';
    @ServerEndpoint('/remotes')
    class Remotes {
      @OnOpen open(session: Session): void {
        id = session.getId();
        for (const remote of [session.getBasicRemote(), session.getAsyncRemote()]) lines.push([String(remote), inspect(remote)]);
      }
    }
    const { dial } = await start(Remotes);
    await dial('/remotes');
    for (const [text, inspected] of lines) {
      expect(inspected).toBe(text);
      expect(text).not.toContain('\n');
      for (const part of [id, '/remotes', 'open']) expect(text).toContain(part);
    }
    expect(lines).toHaveLength(2);
    const reason = new CloseReason(CloseReason.CloseCodes.GOING_AWAY, 'bye');
    expect([String(reason), inspect(reason)]).toEqual(['CloseReason[1001,bye]', 'CloseReason[1001,bye]']);
    expect(String(reason.getCloseCode())).toBe('GOING_AWAY');
    expect(inspect(reason.getCloseCode())).toMatch(/^[^\n]*GOING_AWAY[^\n]*1001[^\n]*$/);
    expect(String(CloseReason.CloseCodes.getCloseCode(4321))).toBe('4321');
  });
});
