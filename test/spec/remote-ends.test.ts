/** Sends after a close, dropped sends, and sends that may not overlap. [REM-3, REM-14, REM-15, REM-17] */
import { describe, expect, it } from '@jest/globals';
import {
  IllegalArgumentException,
  IllegalStateException,
  IOException,
  OnMessage,
  OnOpen,
  SendResult,
  ServerEndpoint,
  Session,
} from 'margay';
import { LARGE, watch, withDeafPeer } from '../support/deaf-peer.js';
import { eventually } from '../support/eventually.js';
import { RawPeer } from '../support/raw-peer.js';
import { start } from '../support/start.js';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('after close', () => {
  it('[REM-3, SES-1] sends reject with IOException, none throws, also in the middle of a message in parts', async () => {
    const { session, client } = await withDeafPeer({ strict: true });
    client.read();
    const [basic, async] = [session.getBasicRemote(), session.getAsyncRemote()];
    await basic.sendText('an unfinished', false);
    void session.close();
    const results: SendResult[] = [];
    async.sendText('x', (result) => void results.push(result));
    const sends = [
      () => basic.sendText('x'),
      () => basic.sendText('x', true),
      () => basic.sendBinary(Buffer.alloc(1)),
      () => basic.sendBinary(Buffer.alloc(100_000)),
      () => basic.sendBinary(Buffer.alloc(1), false),
      () => basic.sendPing(Buffer.alloc(1)),
      () => basic.sendPong(Buffer.alloc(1)),
      () => async.sendText('x'),
      () => async.sendBinary(Buffer.alloc(1)),
    ];
    for (const send of sends) {
      const error = await send().catch((each: unknown) => each);
      expect(error).toBeInstanceOf(IOException);
      expect(error).toMatchObject({ code: 'MARGAY_SEND_CLOSED', message: expect.stringContaining(session.getId()) });
    }
    await eventually(() => expect(results[0]?.isOK()).toBe(false));
    expect(results[0]?.getException()).toMatchObject({ code: 'MARGAY_SEND_CLOSED' });
  });

  it('[REM-3, REM-4] wrong arguments are refused at the call even then, and so is setSendTimeout', async () => {
    const { session, client } = await withDeafPeer();
    client.read();
    const [basic, async] = [session.getBasicRemote(), session.getAsyncRemote()];
    void session.close();
    expect(() => basic.sendText(null as never)).toThrow(IllegalArgumentException);
    expect(() => basic.sendText('\ud800')).toThrow(IllegalArgumentException);
    expect(() => basic.sendPing(Buffer.alloc(126))).toThrow(IllegalArgumentException);
    expect(() => async.setSendTimeout(5)).toThrow(IllegalArgumentException);
  });

  it('[REM-3, SES-1] a remote that was kept rejects after the socket is gone, too; a new one is IllegalStateException', async () => {
    const { session, client, trace } = await withDeafPeer();
    const [basic, async] = [session.getBasicRemote(), session.getAsyncRemote()];
    client.reset();
    await eventually(() => expect(trace).toContain(1006));
    await eventually(() => expect(() => session.getBasicRemote()).toThrow(IllegalStateException));
    await expect(basic.sendText('x')).rejects.toMatchObject({ name: 'IOException', code: 'MARGAY_SEND_CLOSED' });
    await expect(async.sendBinary(Buffer.alloc(1))).rejects.toBeInstanceOf(IOException);
    expect(() => async.setSendTimeout(5)).toThrow(IllegalArgumentException);
  });

  it('[REM-14] sends that have not finished when the connection goes fail with IOException and its cause', async () => {
    const { session, client } = await withDeafPeer();
    const results: SendResult[] = [];
    const text = watch(session.getBasicRemote().sendText('x'.repeat(LARGE)));
    const bytes = watch(session.getBasicRemote().sendBinary(Buffer.alloc(20_000)));
    session.getAsyncRemote().sendText('x', (result) => void results.push(result));
    await turn();
    client.reset();
    await eventually(() => expect([text.state, bytes.state, results.length]).toEqual(['failed', 'failed', 1]));
    for (const error of [text.error, bytes.error, results[0]?.getException()]) {
      expect(error).toBeInstanceOf(IOException);
      expect(error).toMatchObject({ code: 'MARGAY_SEND_FAILED' });
    }
    expect((text.error as Error).cause).toBeDefined();
  });

  it('[REM-14, CLO-7] sends before close() leave before the close frame, or fail with IOException after closeTimeout', async () => {
    const patient = await withDeafPeer();
    const sent = watch(patient.session.getBasicRemote().sendText('x'.repeat(LARGE)));
    void patient.session.close();
    patient.client.read();
    await patient.client.closeFrame();
    expect(sent.state).toBe('sent');
    expect(patient.client.texts.map(({ length }) => length)).toEqual([LARGE]);

    const hasty = await withDeafPeer({ closeTimeout: 100 });
    const unsent = watch(hasty.session.getBasicRemote().sendText('x'.repeat(LARGE)));
    void hasty.session.close();
    await eventually(() => expect(unsent.state).toBe('failed'));
    expect(unsent.error).toMatchObject({ name: 'IOException', code: 'MARGAY_SEND_FAILED' });
  });
});

describe('dropped promises', () => {
  it('[REM-17] a failure that nobody awaits is logged at debug with the session’s id', async () => {
    const { session, client, log } = await withDeafPeer();
    const async = session.getAsyncRemote();
    void session.getBasicRemote().sendText('x'.repeat(LARGE));
    await turn();
    client.reset();
    await eventually(() => expect(session.isOpen()).toBe(false));
    void async.sendText('too late');
    const lines = () => log.filter(({ code }) => code === 'MARGAY_SEND_DROPPED');
    await eventually(() => expect(lines()).toHaveLength(2));
    for (const line of lines()) expect(line).toMatchObject({ level: 'debug', session: session.getId(), err: expect.any(IOException) });
  });

  it('[REM-17, SES-19] an un-awaited broadcast with one dead peer among 50 reaches the others', async () => {
    @ServerEndpoint('/crowd')
    class Crowd {
      @OnMessage text(message: string, session: Session): void {
        for (const each of session.getOpenSessions()) void each.getBasicRemote().sendText(message);
        for (const each of session.getOpenSessions()) void each.getAsyncRemote().sendBinary(Buffer.alloc(20_000));
      }
    }
    const { dial, port } = await start(Crowd);
    const peers = await Promise.all(Array.from({ length: 49 }, () => dial('/crowd')));
    const dead = await RawPeer.open({ port }, '/crowd');
    dead.reset();
    for (const text of ['1', '2', '3']) peers[0]?.send(text);
    for (const peer of peers) {
      const got = await peer.take(6);
      expect(got.filter((each) => typeof each === 'string')).toEqual(['1', '2', '3']);
    }
  });

  it('[REM-17, SES-1] a broadcast over a set that still holds a closing session does not break off', async () => {
    let members: Set<Session> | undefined;
    @ServerEndpoint('/set')
    class Members {
      @OnOpen open(session: Session): void {
        members ??= session.getOpenSessions();
        members.add(session);
      }
    }
    const { dial } = await start(Members);
    const peers = [await dial('/set'), await dial('/set'), await dial('/set')];
    const [, middle] = [...(members as Set<Session>)] as [Session, Session];
    void middle.getBasicRemote().sendText('unfinished', false);
    void middle.close();
    for (const each of members as Set<Session>) void each.getBasicRemote().sendText('all');
    expect([await peers[0]?.next(), await peers[2]?.next()]).toEqual(['all', 'all']);
  });
});

describe('strict', () => {
  it('[REM-15] a data send during another is IllegalStateException; control frames are not', async () => {
    const { session, client } = await withDeafPeer({ strict: true });
    const [basic, async] = [session.getBasicRemote(), session.getAsyncRemote()];
    const first = watch(basic.sendText('x'.repeat(LARGE)));
    const sends = [
      () => basic.sendText('x'),
      () => basic.sendText('x', false),
      () => basic.sendBinary(Buffer.alloc(1)),
      () => async.sendText('x'),
      () => async.sendBinary(Buffer.alloc(1), () => {}),
    ];
    for (const send of sends) {
      expect(send).toThrow(IllegalStateException);
      expect(send).toThrow(expect.objectContaining({ code: 'MARGAY_SEND_BUSY' }));
    }
    const ping = watch(basic.sendPing(Buffer.alloc(1)));
    client.read();
    await eventually(() => expect([first.state, ping.state]).toEqual(['sent', 'sent']));
    await basic.sendText('after');
    await eventually(() => expect(client.texts.at(-1)).toBe('after'));
  });

  it('[REM-15] a control frame that has not settled is no data send', async () => {
    const { session } = await withDeafPeer({ strict: true, highWaterMark: 0 });
    const ping = watch(session.getBasicRemote().sendPing(Buffer.alloc(100)));
    const text = watch(session.getBasicRemote().sendText('x'));
    await eventually(() => expect([ping.state, text.state]).toEqual(['sent', 'sent']));
  });
});
