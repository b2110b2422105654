/** Closing, and connections that are lost, over TLS. [CLO-4, CLO-7, CLO-13, D-20] */
import { afterEach, describe, expect, it } from '@jest/globals';
import { CloseReason, OnClose, OnError, OnMessage, ServerContainer, ServerEndpoint, Session, serve } from 'margay';
import { eventually } from '../support/eventually.js';
import { closing, OPCODES } from '../support/frames.js';
import { cert, key } from '../support/localhost-certificate.js';
import { RawPeer } from '../support/raw-peer.js';

let container: ServerContainer | undefined;

afterEach(() => container?.close());

describe('[SES-6] over TLS', () => {
  const CAUSES: readonly (readonly [string, (peer: RawPeer) => void, wire: number | null, steps: readonly string[]])[] = [
    ['the application closes', (peer) => peer.text('close'), 4001, ['CloseReason[4001,ours]']],
    ['the peer closes', (peer) => peer.close(4002, 'theirs'), 4002, ['CloseReason[4002,theirs]']],
    ['a frame is wrong', (peer) => peer.send({ opcode: 3 }), 1002, ['MARGAY_PROTOCOL', 'CloseReason[1002']],
    ['the stream ends', (peer) => peer.end(), null, ['CloseReason[1006']],
    ['the connection is reset', (peer) => peer.reset(), null, ['MARGAY_CONNECTION_LOST', 'CloseReason[1006']],
  ];

  it.each(CAUSES)('%s', async (_what, act, wire, expected) => {
    const steps: string[] = [];
    const sessions: Session[] = [];
    @ServerEndpoint('/talk')
    class Talk {
      @OnMessage
      text(message: string, session: Session): string {
        sessions.push(session);
        if (message === 'close') void session.close(new CloseReason(CloseReason.CloseCodes.getCloseCode(4001), 'ours'));
        return message;
      }
      @OnError
      error(error: Error): void {
        if ((error as Error & { code: string }).code !== 'MARGAY_SEND_CLOSED') steps.push((error as Error & { code: string }).code);
      }
      @OnClose
      close(reason: CloseReason): void {
        steps.push(String(reason));
      }
    }
    container = await serve({ endpoints: [Talk], port: 0, host: '127.0.0.1', tls: { cert, key }, shutdownTimeout: 500 });
    const peer = await RawPeer.open({ port: Number(new URL(container.url).port) }, '/talk', { secure: true });
    peer.send({ opcode: OPCODES.text, payload: 'x' });
    await peer.received(1);
    act(peer);
    if (wire !== null) {
      expect(await peer.closeFrame()).toMatchObject({ code: wire });
      if (peer.socket.writable) peer.send({ opcode: OPCODES.close, payload: closing(wire) });
      await peer.finished();
    }
    await eventually(() => expect(steps).toEqual(expected.map((each) => expect.stringContaining(each))));
    await eventually(() => expect(() => sessions[0]?.getUserProperties()).toThrow()); // closed: the socket is gone
  });
});
