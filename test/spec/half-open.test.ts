/** Section 3 of the ledger: a peer that has said all it had to say, and still listens. */
import { describe, expect, it } from '@jest/globals';
import { CloseReason, OnClose, OnMessage, OnOpen, ServerEndpoint, Session } from 'margay';
import { eventually, gate } from '../support/eventually.js';
import { OPCODES } from '../support/frames.js';
import { RawPeer } from '../support/raw-peer.js';
import { start } from '../support/start.js';

describe('a plain end of the stream', () => {
  it('[LIF-14] lets the handlers of what came before it finish and answer, and then ends TCP', async () => {
    const released = gate();
    const closed: string[] = [];
    @ServerEndpoint('/slow')
    class Slow {
      @OnMessage
      async text(message: string): Promise<string> {
        await released.promise;
        return `late ${message}`;
      }

      @OnClose
      close(reason: CloseReason) {
        closed.push(String(reason.getCloseCode().getCode()));
      }
    }
    const server = await start(Slow);
    const client = await RawPeer.open(server, '/slow');
    client.send({ opcode: OPCODES.text, payload: 'one' }, { opcode: OPCODES.text, payload: 'two' });
    client.end();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(closed).toEqual([]);
    released.open();
    await client.ended();
    expect(client.texts).toEqual(['late one', 'late two']);
    await eventually(() => expect(closed).toEqual(['1006']));
  });

  it('[LIF-14, LIF-13] waits for them no longer than closeTimeout', async () => {
    const sessions: Session[] = [];
    const closed: number[] = [];
    @ServerEndpoint({ value: '/stuck', closeTimeout: 100 })
    class Stuck {
      @OnOpen
      open(session: Session) {
        sessions.push(session);
      }

      @OnMessage
      text(message: string): Promise<void> {
        return new Promise(() => message);
      }

      @OnClose
      close(reason: CloseReason) {
        closed.push(reason.getCloseCode().getCode());
      }
    }
    const server = await start(Stuck);
    const client = await RawPeer.open(server, '/stuck');
    client.send({ opcode: OPCODES.text, payload: 'one' }, { opcode: OPCODES.text, payload: 'two' });
    client.end();
    await client.ended();
    await eventually(() => expect(closed).toEqual([1006]));
    expect(sessions[0]?.isOpen()).toBe(false);
    expect(server.log.filter(({ code }) => code === 'MARGAY_ABANDONED_CALLBACK')).toHaveLength(1);
  });

  it('[CLO-13] of an idle session is 1006 at once', async () => {
    const closed: string[] = [];
    @ServerEndpoint('/idle')
    class Idle {
      @OnClose
      close(reason: CloseReason) {
        closed.push(reason.toString());
      }
    }
    const server = await start(Idle);
    const client = await RawPeer.open(server, '/idle');
    client.end();
    await client.ended();
    await eventually(() => expect(closed).toEqual(['CloseReason[1006,the connection ended without a close frame]']));
    expect(client.frames).toEqual([]);
  });
});
