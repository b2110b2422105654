/** Failures of the connection. [LIF-10, LIF-12, LIF-14] */
import { describe, expect, it } from '@jest/globals';
import {
  CloseReason,
  IOException,
  OnClose,
  OnError,
  OnMessage,
  OnOpen,
  ServerEndpoint,
  Session,
  SessionException,
  SocketTimeoutException,
} from 'margay';
import { LARGE, watch, withDeafPeer } from '../support/deaf-peer.js';
import { eventually, gate, sleep } from '../support/eventually.js';
import { type FrameParts, OPCODES } from '../support/frames.js';
import { RawPeer } from '../support/raw-peer.js';
import { start } from '../support/start.js';

const { text, close } = OPCODES;
const codeOf = (reason: CloseReason): number => reason.getCloseCode().getCode();

describe('a broken stream', () => {
  it.each<[number, string, FrameParts]>([
    [1002, 'MARGAY_PROTOCOL', { opcode: 3 }],
    [1007, 'MARGAY_UTF8', { opcode: text, payload: Buffer.from([0xff]) }],
    [1009, 'MARGAY_TOO_BIG', { opcode: text, payload: 'x'.repeat(101) }],
  ])('[LIF-10, LIF-12, D-09] %i: a SessionException first, then @OnClose with the code that the peer gets', async (code, known, frame) => {
    const trace: unknown[] = [];
    let id = '';
    @ServerEndpoint({ value: '/breaks', maxTextMessageBufferSize: 100 })
    class Breaks {
      @OnOpen open(session: Session): void {
        id = session.getId();
      }

      @OnMessage text(_message: string): void {
        trace.push('text');
      }

      @OnError error(error: Error): void {
        trace.push(error);
      }

      @OnClose close(reason: CloseReason): void {
        trace.push(codeOf(reason));
      }
    }
    const { port } = await start(Breaks);
    const client = await RawPeer.open({ port }, '/breaks');
    client.send(frame);
    expect((await client.closeFrame())?.code).toBe(code);
    await eventually(() => expect(trace).toHaveLength(2));
    expect(trace[0]).toBeInstanceOf(SessionException);
    expect(trace[0]).toMatchObject({ code: known });
    expect((trace[0] as SessionException).getSession().getId()).toBe(id);
    expect(trace[1]).toBe(code);
  });

  it('[LIF-14] messages that wait when the stream breaks are dropped, and the running one is finished before @OnError', async () => {
    const hold = gate();
    const trace: string[] = [];
    @ServerEndpoint('/drops')
    class Drops {
      @OnMessage async text(message: string): Promise<void> {
        trace.push(message);
        await hold.promise;
        trace.push(`${message} done`);
      }

      @OnError error(_error: Error): void {
        trace.push('error');
      }

      @OnClose close(): void {
        trace.push('close');
      }
    }
    const { port } = await start(Drops);
    const client = await RawPeer.open({ port }, '/drops');
    client.send({ opcode: text, payload: '1' }, { opcode: text, payload: '2' }, { opcode: 3 });
    expect((await client.closeFrame())?.code).toBe(1002);
    hold.open();
    await eventually(() => expect(trace).toEqual(['1', '1 done', 'error', 'close']));
  });
});

describe('a lost connection', () => {
  it('[LIF-10, D-20] a plain end without a close frame is @OnClose(1006), and no error', async () => {
    const trace: unknown[] = [];
    @ServerEndpoint('/ends')
    class Ends {
      @OnError error(error: Error): void {
        trace.push(error);
      }

      @OnClose close(reason: CloseReason): void {
        trace.push(codeOf(reason));
      }
    }
    const { port, log } = await start(Ends);
    const client = await RawPeer.open({ port }, '/ends');
    client.end();
    await eventually(() => expect(trace).toEqual([1006]));
    await sleep(20);
    expect(trace).toEqual([1006]);
    expect(log.filter(({ level }) => level === 'warn' || level === 'error')).toEqual([]);
  });

  it('[LIF-10, D-20] a reset is a SessionException with its cause, then @OnClose(1006)', async () => {
    const trace: unknown[] = [];
    @ServerEndpoint('/resets')
    class Resets {
      @OnError error(error: Error): void {
        trace.push(error);
      }

      @OnClose close(reason: CloseReason): void {
        trace.push(codeOf(reason));
      }
    }
    const { port } = await start(Resets);
    (await RawPeer.open({ port }, '/resets')).reset();
    await eventually(() => expect(trace).toHaveLength(2));
    expect(trace[0]).toBeInstanceOf(SessionException);
    expect(trace[0]).toMatchObject({ code: 'MARGAY_CONNECTION_LOST', cause: { code: 'ECONNRESET' } });
    expect(trace[1]).toBe(1006);
  });

  it('[LIF-10, D-20] without @OnError a mere reset is logged at debug, not at error', async () => {
    let closed = false;
    @ServerEndpoint('/quiet')
    class Quiet {
      @OnClose close(): void {
        closed = true;
      }
    }
    const { port, log } = await start(Quiet);
    (await RawPeer.open({ port }, '/quiet')).reset();
    await eventually(() => expect(closed).toBe(true));
    expect(log.filter(({ level }) => level === 'warn' || level === 'error')).toEqual([]);
    expect(log.filter(({ level, err }) => level === 'debug' && err instanceof SessionException)).toHaveLength(1);
  });

  it('[LIF-10, LIF-12] a blocking send that fails rejects with the cause, and the endpoint gets the error, then @OnClose(1006)', async () => {
    const { session, client, trace } = await withDeafPeer();
    const sent = watch(session.getBasicRemote().sendText('x'.repeat(LARGE)));
    await sleep(30);
    client.reset();
    await eventually(() => expect(trace).toHaveLength(2));
    expect(sent.error).toBeInstanceOf(IOException);
    expect(sent.error).toMatchObject({ code: 'MARGAY_SEND_FAILED' });
    expect(trace[0]).toMatchObject({ code: 'MARGAY_CONNECTION_LOST' });
    expect(trace[1]).toBe(1006);
  });

  it('[LIF-10, REM-12] an async send that times out: rejection, TCP dropped, @OnClose(1006), and the session is not left in the registry', async () => {
    const reasons: CloseReason[] = [];
    let rejected: unknown;
    let watcher: Session | undefined;
    @ServerEndpoint('/late')
    class Late {
      @OnMessage text(_message: string, session: Session): void {
        session.getAsyncRemote().setSendTimeout(60);
        session
          .getAsyncRemote()
          .sendText('x'.repeat(LARGE))
          .catch((error: unknown) => {
            rejected = error;
          });
      }

      @OnOpen open(session: Session): void {
        watcher ??= session;
      }

      @OnClose close(reason: CloseReason): void {
        reasons.push(reason);
      }
    }
    const { port, dial } = await start(Late);
    await dial('/late');
    const client = await RawPeer.open({ port }, '/late');
    client.stopReading();
    client.send({ opcode: text });
    await eventually(() => expect(reasons).toHaveLength(1));
    expect(rejected).toBeInstanceOf(SocketTimeoutException);
    expect(codeOf(reasons[0] as CloseReason)).toBe(1006);
    expect(watcher?.getOpenSessions().size).toBe(1);
    client.read();
    await client.ended();
    expect(client.frames.filter(({ opcode }) => opcode === close)).toEqual([]);
  });
});
