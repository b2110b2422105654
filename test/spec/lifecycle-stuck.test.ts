/** Callbacks that never settle are given up. [LIF-13] */
import { describe, expect, it } from '@jest/globals';
import { CloseReason, OnClose, OnError, OnMessage, OnOpen, ServerEndpoint, Session } from 'margay';
import { eventually, gate, sleep } from '../support/eventually.js';
import { closing, OPCODES } from '../support/frames.js';
import { RawPeer } from '../support/raw-peer.js';
import { type Line, start } from '../support/start.js';

const { text, close } = OPCODES;
const never = (): Promise<never> => new Promise(() => {});
const codeOf = (reason: CloseReason): number => reason.getCloseCode().getCode();
const abandoned = (log: readonly Line[]) => log.filter(({ code }) => code === 'MARGAY_ABANDONED_CALLBACK');

describe('a callback that never settles', () => {
  it.each([
    ['ends', 1006],
    ['resets', 1006],
    ['closes', 4000],
  ])('[LIF-13] when the connection is gone, @OnMessage is waited for no longer than closeTimeout: the peer %s', async (how, code) => {
    const codes: number[] = [];
    let id = '';
    @ServerEndpoint('/never')
    class Never {
      @OnMessage hang(_message: string, session: Session): Promise<void> {
        id = session.getId();
        return never();
      }

      @OnClose close(reason: CloseReason): void {
        codes.push(codeOf(reason));
      }
    }
    const { port, log } = await start(Never, { closeTimeout: 150 });
    const client = await RawPeer.open({ port }, '/never');
    client.send({ opcode: text });
    await eventually(() => expect(id).not.toBe(''));
    const gone = performance.now();
    if (how === 'resets') client.reset();
    else if (how === 'closes') client.send({ opcode: close, payload: closing(4000) });
    else client.end();
    if (how === 'closes') void client.closeFrame().then(() => client.end());
    await eventually(() => expect(codes).toEqual([code]));
    expect(performance.now() - gone).toBeGreaterThan(140);
    expect(abandoned(log)).toHaveLength(1);
    expect(abandoned(log)[0]).toMatchObject({ level: 'warn', endpoint: 'Never', member: 'hang', session: id, ms: expect.any(Number) });
    expect(abandoned(log)[0]?.['ms']).toBeGreaterThanOrEqual(140);
  });

  it('[LIF-13, LIF-5] an @OnOpen that never settles does not keep @OnClose away', async () => {
    const trace: string[] = [];
    @ServerEndpoint('/unopened')
    class Unopened {
      @OnOpen open(): Promise<void> {
        trace.push('open');
        return never();
      }

      @OnMessage text(_message: string): void {
        trace.push('text');
      }

      @OnClose close(): void {
        trace.push('close');
      }
    }
    const { port, log } = await start(Unopened, { closeTimeout: 100 });
    const client = await RawPeer.open({ port }, '/unopened', { behind: [{ opcode: text }] });
    await eventually(() => expect(trace).toEqual(['open']));
    client.end();
    await eventually(() => expect(trace).toEqual(['open', 'close']));
    expect(abandoned(log)).toHaveLength(1);
    expect(abandoned(log)[0]).toMatchObject({ member: 'open' });
  });

  it('[LIF-13] nor does an @OnError', async () => {
    const trace: string[] = [];
    @ServerEndpoint('/erring')
    class Erring {
      @OnMessage text(_message: string): void {
        throw new Error('x');
      }

      @OnError error(_error: Error): Promise<void> {
        trace.push('error');
        return never();
      }

      @OnClose close(): void {
        trace.push('close');
      }
    }
    const { port, log } = await start(Erring, { closeTimeout: 100 });
    const client = await RawPeer.open({ port }, '/erring');
    client.send({ opcode: text });
    await eventually(() => expect(trace).toEqual(['error']));
    client.end();
    await eventually(() => expect(trace).toEqual(['error', 'close']));
    expect(abandoned(log)).toHaveLength(1);
  });

  it('[LIF-13, SES-1] an @OnClose that never settles is given up in the same time: then the session is closed', async () => {
    let session: Session | undefined;
    @ServerEndpoint('/closing')
    class Closing {
      @OnClose close(own: Session): Promise<void> {
        session = own;
        return never();
      }
    }
    const { port, log } = await start(Closing, { closeTimeout: 100 });
    (await RawPeer.open({ port }, '/closing')).end();
    await eventually(() => expect(session).toBeDefined());
    expect(session?.getProtocolVersion()).toBe('13');
    await eventually(() => expect(() => session?.getProtocolVersion()).toThrow('is closed'));
    expect(abandoned(log)).toHaveLength(1);
    expect(abandoned(log)[0]).toMatchObject({ member: 'close' });
  });

  it('[LIF-13] a callback that settles in time is waited for, and nothing is logged', async () => {
    const hold = gate();
    const trace: string[] = [];
    @ServerEndpoint('/in-time')
    class InTime {
      @OnMessage async text(_message: string): Promise<void> {
        trace.push('text');
        await hold.promise;
        trace.push('done');
      }

      @OnClose close(): void {
        trace.push('close');
      }
    }
    const { port, log } = await start(InTime, { closeTimeout: 5000 });
    const client = await RawPeer.open({ port }, '/in-time');
    client.send({ opcode: text });
    await eventually(() => expect(trace).toEqual(['text']));
    client.end();
    await sleep(80);
    expect(trace).toEqual(['text']);
    hold.open();
    await eventually(() => expect(trace).toEqual(['text', 'done', 'close']));
    expect(abandoned(log)).toEqual([]);
  });

  it('[LIF-13] while the connection is there nobody is given up', async () => {
    const hold = gate();
    @ServerEndpoint('/alive')
    class Alive {
      @OnMessage async text(message: string): Promise<string> {
        if (message === 'slow') await hold.promise;
        return message;
      }
    }
    const { dial, log } = await start(Alive, { closeTimeout: 30 });
    const peer = await dial('/alive');
    peer.send('slow');
    peer.send('next');
    await sleep(150);
    expect(peer.received).toEqual([]);
    hold.open();
    expect(await peer.take(2)).toEqual(['slow', 'next']);
    expect(abandoned(log)).toEqual([]);
  });

  it.each(['@OnMessage', '@OnError'])(
    '[LIF-13] an %s that was given up and settles after all does not end the @OnClose that runs, and its value is forgotten',
    async (which) => {
      const [message, last] = [gate(), gate()];
      let session: Session | undefined;
      let finished = false;
      @ServerEndpoint('/overtaken')
      class Overtaken {
        @OnMessage async text(_message: string): Promise<string> {
          if (which === '@OnError') throw new Error('for @OnError');
          await message.promise;
          return 'too late';
        }

        @OnError error(_error: Error): Promise<void> {
          return message.promise;
        }

        @OnClose async close(own: Session): Promise<void> {
          session = own;
          await last.promise;
          finished = true;
        }
      }
      const { port, log } = await start(Overtaken, { closeTimeout: 300 });
      const client = await RawPeer.open({ port }, '/overtaken');
      client.send({ opcode: text });
      await sleep(20);
      client.end();
      await eventually(() => expect(session).toBeDefined());
      message.open();
      await sleep(50);
      expect(session?.getProtocolVersion()).toBe('13'); // not closed while @OnClose runs
      last.open();
      await eventually(() => expect(() => session?.getProtocolVersion()).toThrow('is closed'));
      expect(finished).toBe(true);
      expect(log.filter(({ level }) => level === 'error')).toEqual([]);
    },
  );

  it('[LIF-13] the time begins when the connection is gone, not when the session begins to close', async () => {
    const hold = gate();
    const trace: string[] = [];
    let session: Session | undefined;
    @ServerEndpoint('/begins')
    class Begins {
      @OnMessage async text(_message: string, own: Session): Promise<void> {
        session = own;
        await hold.promise;
        trace.push('done');
      }

      @OnClose close(): void {
        trace.push('close');
      }
    }
    const { port, log } = await start(Begins, { closeTimeout: 300 });
    const client = await RawPeer.open({ port }, '/begins');
    client.send({ opcode: text });
    await eventually(() => expect(session).toBeDefined());
    void session?.close(); // the peer does not answer
    await client.ended();
    await sleep(100);
    expect(trace).toEqual([]);
    hold.open();
    await eventually(() => expect(trace).toEqual(['done', 'close']));
    expect(abandoned(log)).toEqual([]);
  });

  it('[LIF-13, LIF-11] what a callback that was given up comes to later is neither sent nor told to @OnError, but logged', async () => {
    const hold = gate();
    const late = new Error('late');
    const trace: string[] = [];
    @ServerEndpoint('/late')
    class Late {
      @OnMessage async text(_message: string): Promise<void> {
        await hold.promise;
        throw late;
      }

      @OnError error(_error: Error): void {
        trace.push('error');
      }

      @OnClose close(): void {
        trace.push('close');
      }
    }
    const { port, log } = await start(Late, { closeTimeout: 60 });
    const client = await RawPeer.open({ port }, '/late');
    client.send({ opcode: text });
    await sleep(30);
    client.end();
    await eventually(() => expect(trace).toEqual(['close']));
    hold.open();
    await eventually(() => expect(log.filter(({ err }) => err === late)).toHaveLength(1));
    expect(log.find(({ err }) => err === late)).toMatchObject({ level: 'error', endpoint: 'Late' });
    expect(trace).toEqual(['close']);
  });

  it.each([80, '80'])('[LIF-13, EXT-3] the session property SESSION_CLOSE_TIMEOUT wins over the option: %p', async (value) => {
    let closed = false;
    @ServerEndpoint('/own')
    class Own {
      @OnOpen open(session: Session): Promise<void> {
        session.getUserProperties().set('org.apache.tomcat.websocket.SESSION_CLOSE_TIMEOUT', value);
        return never();
      }

      @OnClose close(): void {
        closed = true;
      }
    }
    const { port } = await start(Own, { closeTimeout: 60_000 });
    const client = await RawPeer.open({ port }, '/own');
    client.end();
    await eventually(() => expect(closed).toBe(true), 2000);
  });

  it('[LIF-13] a closeTimeout beyond what a timer can take means a long one, not none', async () => {
    const hold = gate();
    const trace: string[] = [];
    @ServerEndpoint('/patient')
    class Patient {
      @OnMessage async text(_message: string): Promise<void> {
        await hold.promise;
        trace.push('done');
      }

      @OnClose close(): void {
        trace.push('close');
      }
    }
    const { port, log } = await start(Patient, { closeTimeout: Infinity });
    const client = await RawPeer.open({ port }, '/patient');
    client.send({ opcode: text });
    await sleep(30);
    client.end();
    await sleep(60);
    hold.open();
    await eventually(() => expect(trace).toEqual(['done', 'close']));
    expect(abandoned(log)).toEqual([]);
  });
});
