/** What becomes of messages that wait when a session ends. [LIF-14] */
import { describe, expect, it } from '@jest/globals';
import { CloseReason, OnClose, OnError, OnMessage, OnOpen, PongMessage, ServerEndpoint, Session } from 'margay';
import { eventually, gate, sleep } from '../support/eventually.js';
import { closing, OPCODES } from '../support/frames.js';
import { RawPeer } from '../support/raw-peer.js';
import { start } from '../support/start.js';

const { text, close } = OPCODES;
const codeOf = (reason: CloseReason): number => reason.getCloseCode().getCode();

describe('what was still waiting', () => {
  it('[LIF-14, CLO-4] messages before the close frame of the peer are delivered, and answered, before the reply and @OnClose', async () => {
    const trace: string[] = [];
    @ServerEndpoint('/before')
    class Before {
      @OnMessage async text(message: string, session: Session): Promise<string> {
        await sleep(10);
        trace.push(`${message} ${session.isOpen()}`);
        return `<${message}>`;
      }

      @OnClose close(reason: CloseReason): void {
        trace.push(`close ${reason}`);
      }
    }
    const { port } = await start(Before);
    const client = await RawPeer.open({ port }, '/before');
    client.send(
      { opcode: text, payload: '1' },
      { opcode: text, payload: '2' },
      { opcode: text, payload: '3' },
      { opcode: close, payload: closing(4001, 'bye') },
    );
    expect(await client.closeFrame()).toEqual({ code: 4001, phrase: 'bye' });
    expect(client.texts).toEqual(['<1>', '<2>', '<3>']);
    expect(client.frames.at(-1)?.opcode).toBe(close);
    await eventually(() => expect(trace).toEqual(['1 true', '2 true', '3 true', 'close CloseReason[4001,bye]']));
  });

  it('[LIF-14] messages before a plain end of the stream are delivered before @OnClose', async () => {
    const trace: string[] = [];
    @ServerEndpoint('/end')
    class End {
      @OnMessage async text(message: string): Promise<void> {
        await sleep(10);
        trace.push(message);
      }

      @OnClose close(reason: CloseReason): void {
        trace.push(`close ${codeOf(reason)}`);
      }
    }
    const { port } = await start(End);
    const client = await RawPeer.open({ port }, '/end');
    client.send({ opcode: text, payload: '1' }, { opcode: text, payload: '2' }, { opcode: text, payload: '3' });
    client.end();
    await eventually(() => expect(trace).toEqual(['1', '2', '3', 'close 1006']));
  });

  it('[LIF-14] messages that wait when the application closes are dropped', async () => {
    const hold = gate();
    const trace: string[] = [];
    @ServerEndpoint('/local')
    class Local {
      @OnMessage async text(message: string, session: Session): Promise<void> {
        trace.push(message);
        await hold.promise;
        await session.close();
        trace.push('closed');
      }

      @OnClose close(): void {
        trace.push('close');
      }
    }
    const { port } = await start(Local);
    const client = await RawPeer.open({ port }, '/local');
    client.send({ opcode: text, payload: '1' }, { opcode: text, payload: '2' }, { opcode: text, payload: '3' });
    await eventually(() => expect(trace).toEqual(['1']));
    hold.open();
    expect((await client.closeFrame())?.code).toBe(1000);
    client.send({ opcode: text, payload: '4' }, { opcode: close, payload: closing(1000) });
    await client.ended();
    await eventually(() => expect(trace).toEqual(['1', 'closed', 'close']));
    await sleep(30);
    expect(trace).toEqual(['1', 'closed', 'close']);
  });

  it('[LIF-14] nothing is delivered once a local close has begun: no message that had begun, no part, no pong', async () => {
    const trace: string[] = [];
    const sessions: Session[] = [];
    @ServerEndpoint('/begun')
    class Begun {
      @OnOpen open(session: Session): void {
        sessions.push(session);
      }

      @OnMessage text(message: string): void {
        trace.push(message);
      }

      @OnMessage part(bytes: Buffer, _last: boolean): void {
        trace.push(bytes.toString());
      }

      @OnMessage pong(_pong: PongMessage): void {
        trace.push('pong');
      }

      @OnClose close(): void {
        trace.push('close');
      }
    }
    const { port } = await start(Begun);
    const clients = [await RawPeer.open({ port }, '/begun'), await RawPeer.open({ port }, '/begun')];
    for (const [i, client] of clients.entries()) {
      const opcode = i === 0 ? text : OPCODES.binary;
      client.send({ opcode, fin: false, payload: 'begun' }, { opcode: OPCODES.ping });
      await eventually(() => expect(client.frames).toHaveLength(1));
      void sessions[i]?.close();
      await client.closeFrame();
      client.send({ opcode: OPCODES.pong }, { opcode: OPCODES.continuation, payload: 'done' }, { opcode: text, payload: 'more' });
      client.send({ opcode: close, payload: closing(1000) });
      await client.ended();
    }
    await eventually(() => expect(trace.filter((each) => each === 'close')).toHaveLength(2));
    expect(trace).toEqual(['close', 'begun', 'close']); // that part came before
  });

  it('[LIF-14] messages that wait at a reset are dropped', async () => {
    const hold = gate();
    const trace: string[] = [];
    @ServerEndpoint('/reset')
    class Reset {
      @OnMessage async text(message: string): Promise<void> {
        trace.push(message);
        await hold.promise;
      }

      @OnError error(_error: Error): void {
        trace.push('error');
      }

      @OnClose close(): void {
        trace.push('close');
      }
    }
    const { port } = await start(Reset);
    const client = await RawPeer.open({ port }, '/reset');
    client.send({ opcode: text, payload: '1' }, { opcode: text, payload: '2' });
    await eventually(() => expect(trace).toEqual(['1']));
    await sleep(30);
    client.reset();
    await sleep(50);
    hold.open();
    await eventually(() => expect(trace).toEqual(['1', 'error', 'close']));
  });

  it('[LIF-14, CLO-13] a reset behind the close frame of the peer does not turn its reason into 1006', async () => {
    const hold = gate();
    const trace: string[] = [];
    @ServerEndpoint('/both')
    class Both {
      @OnMessage async text(message: string): Promise<void> {
        trace.push(message);
        await hold.promise;
      }

      @OnError error(error: Error): void {
        trace.push(error.message);
      }

      @OnClose close(reason: CloseReason): void {
        trace.push(`close ${codeOf(reason)}`);
      }
    }
    const { port } = await start(Both);
    const client = await RawPeer.open({ port }, '/both');
    client.send({ opcode: text, payload: '1' }, { opcode: text, payload: '2' }, { opcode: close, payload: closing(4002) });
    await eventually(() => expect(trace).toEqual(['1']));
    await sleep(30);
    client.reset();
    await sleep(50);
    hold.open();
    await eventually(() => expect(trace.at(-1)).toBe('close 4002'));
    expect(trace.filter((each) => each.includes('lost'))).toEqual([]);
  });

  it('[LIF-14, CLO-4] messages that need longer than closeTimeout are given up: the reply goes, @OnClose follows the running callback, the rest is dropped', async () => {
    const hold = gate();
    const trace: string[] = [];
    @ServerEndpoint('/slow')
    class Slow {
      @OnMessage async text(message: string): Promise<void> {
        trace.push(message);
        await hold.promise;
        trace.push(`${message} done`);
      }

      @OnClose close(reason: CloseReason): void {
        trace.push(`close ${codeOf(reason)}`);
      }
    }
    const { port, log } = await start(Slow, { closeTimeout: 400 });
    const client = await RawPeer.open({ port }, '/slow');
    const sent = performance.now();
    client.send({ opcode: text, payload: '1' }, { opcode: text, payload: '2' }, { opcode: close, payload: closing(1000) });
    expect((await client.closeFrame())?.code).toBe(1000);
    expect(performance.now() - sent).toBeGreaterThan(350);
    expect(trace).toEqual(['1']);
    hold.open();
    await eventually(() => expect(trace).toEqual(['1', '1 done', 'close 1000']));
    await sleep(30);
    expect(trace).toHaveLength(3);
    expect(log.filter(({ level }) => level === 'warn')).toEqual([]);
  });
});
