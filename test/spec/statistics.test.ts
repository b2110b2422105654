/** What is counted, of a session and of a container. [EXT-15] */
import { describe, expect, it } from '@jest/globals';
import {
  IllegalArgumentException,
  OnError,
  OnMessage,
  OnOpen,
  ServerContainer,
  ServerEndpoint,
  Session,
  type SessionStatistics,
  statistics,
} from 'margay';
import { ask } from '../support/ask.js';
import { eventually } from '../support/eventually.js';
import { RawPeer } from '../support/raw-peer.js';
import { start } from '../support/start.js';

const NOTHING: SessionStatistics = {
  messagesSent: 0,
  messagesReceived: 0,
  framesSent: 0,
  framesReceived: 0,
  bytesSent: 0,
  bytesReceived: 0,
  bytesWaiting: 0,
  sendsDropped: 0,
};

function talk() {
  const sessions: Session[] = [];
  @ServerEndpoint('/talk')
  class Talk {
    @OnOpen
    open(session: Session): void {
      sessions.push(session);
    }

    @OnMessage
    text(message: string): string {
      if (message === 'throw') throw new Error(message);
      return message;
    }
  }
  return { Talk, sessions };
}

describe('[EXT-15] statistics(session)', () => {
  it('counts messages, frames and bytes both ways, headers and control frames included, and can be read after the close', async () => {
    const { Talk, sessions } = talk();
    const peer = await RawPeer.open(await start(Talk), '/talk');
    await eventually(() => expect(sessions).toHaveLength(1));
    const session = sessions[0] as Session;
    expect(statistics(session)).toEqual(NOTHING);
    peer.send({ opcode: 1, payload: 'ab', fin: false }, { opcode: 9 }, { opcode: 0, payload: 'c' }); // 8 + 6 + 7
    await eventually(() => expect(peer.frames).toHaveLength(2)); // 2 + 5
    const expected = { messagesSent: 1, messagesReceived: 1, framesSent: 2, framesReceived: 3, bytesSent: 7, bytesReceived: 21 };
    expect(statistics(session)).toEqual({ ...NOTHING, ...expected });
    peer.close(1000); // 8
    await peer.finished(); // 4
    await eventually(() => expect(() => session.getRequestURI()).toThrow('closed'));
    const closed = { ...expected, framesSent: 3, framesReceived: 4, bytesSent: 11, bytesReceived: 29 };
    expect(statistics(session)).toEqual({ ...NOTHING, ...closed });
    expect(statistics(session)).not.toBe(statistics(session));
    expect(Object.keys(Object.getPrototypeOf(session))).not.toContain('statistics');
  });

  it('bytesWaiting is what the kernel has not taken', async () => {
    const { Talk, sessions } = talk();
    const peer = await RawPeer.open(await start(Talk), '/talk');
    await eventually(() => expect(sessions).toHaveLength(1));
    const session = sessions[0] as Session;
    peer.stopReading();
    await eventually(() => {
      void session.getBasicRemote().sendText('x'.repeat(1_000_000));
      expect(statistics(session).bytesWaiting).toBeGreaterThan(5_000_000);
    });
    peer.reset();
    await eventually(() => expect(statistics(session).bytesWaiting).toBe(0));
  });

  it('of what is no session is an IllegalArgumentException', () => {
    for (const wrong of [null, undefined, {}, 'session']) {
      expect(() => statistics(wrong as unknown as Session)).toThrow(IllegalArgumentException);
    }
  });
});

describe('[EXT-15] container.statistics()', () => {
  it('is all zero at first', () => {
    const { closed, refused, ...rest } = new ServerContainer().statistics();
    expect([closed.size, refused.size]).toEqual([0, 0]);
    expect(rest).toEqual({
      ...{ open: 0, opened: 0, errors: 0, slowPeer: { close: 0, drop: 0, wait: 0 } },
      ...{ messagesSent: 0, messagesReceived: 0, bytesSent: 0, bytesReceived: 0, bytesWaiting: 0 },
    });
  });

  it('adds up the sessions that are open and those that are closed, by their codes', async () => {
    const { Talk } = talk();
    const started = await start(Talk);
    const { container } = started;
    const [one, two, three] = [
      await RawPeer.open(started, '/talk'),
      await RawPeer.open(started, '/talk'),
      await RawPeer.open(started, '/talk'),
    ];
    for (const peer of [one, two, three]) {
      peer.text('abc'); // 9 in, 5 out
      await peer.received(1);
    }
    one.close(3000);
    await one.finished(); // 8 in, 4 out
    two.end();
    await two.closed();
    await eventually(() => expect(container.statistics().open).toBe(1));
    expect(container.statistics()).toMatchObject({
      open: 1,
      opened: 3,
      messagesSent: 3,
      messagesReceived: 3,
      bytesSent: 19,
      bytesReceived: 35,
    });
    expect(Object.fromEntries(container.statistics().closed)).toEqual({ 1006: 1, 3000: 1 });
    expect(() => (container.statistics().closed as Map<number, number>).clear()).toThrow('read-only');
    three.close(3000);
    await three.finished();
    await eventually(() => expect(container.statistics()).toMatchObject({ open: 0, opened: 3, bytesSent: 23, bytesReceived: 43 }));
    expect(container.statistics().closed.get(3000)).toBe(2);
  });

  it('counts handshakes that were refused, by status', async () => {
    const { Talk } = talk();
    const started = await start(Talk);
    await ask(started, { headers: { Origin: 'http://elsewhere.example' } });
    await ask(started, { headers: { 'Sec-WebSocket-Key': 'x' } });
    await ask(started, { headers: { 'Sec-WebSocket-Version': '12' } });
    await ask(started, { headers: { 'Sec-WebSocket-Key': null } });
    await ask(started, { target: '/%zz' });
    await ask(started, { headers: { Upgrade: null, Connection: null } });
    expect(Object.fromEntries(started.container.statistics().refused)).toEqual({ 400: 3, 403: 1, 426: 2 });
    expect(started.container.statistics().opened).toBe(0);
  });

  it('counts errors of endpoints, with @OnError and without', async () => {
    const { Talk } = talk();
    @ServerEndpoint('/caught')
    class Caught extends Talk {
      @OnMessage
      override text(_message: string): string {
        throw new Error('caught');
      }

      @OnError
      error(_error: Error): void {}
    }
    const started = await start([Talk, Caught]);
    for (const path of ['/talk', '/caught', '/caught']) (await RawPeer.open(started, path)).text('throw');
    await eventually(() => expect(started.container.statistics().errors).toBe(3));
  });
});
