/** One callback at a time, in order. [LIF-6] */
import { describe, expect, it } from '@jest/globals';
import { CloseReason, OnClose, OnError, OnMessage, OnOpen, PongMessage, ServerEndpoint, Session } from 'margay';
import { eventually, sleep } from '../support/eventually.js';
import { fail, WAYS } from '../support/failing.js';
import { OPCODES } from '../support/frames.js';
import { RawPeer } from '../support/raw-peer.js';
import { start } from '../support/start.js';

describe('one callback at a time', () => {
  it('[LIF-6] open, messages of mixed types and close run strictly one after the other, sync and async mixed', async () => {
    const trace: string[] = [];
    let running = 0;
    const run = async (name: string): Promise<void> => {
      expect(++running).toBe(1);
      trace.push(name);
      await sleep(3);
      running--;
    };
    const runNow = (name: string): void => {
      expect(running).toBe(0);
      trace.push(name);
    };
    @ServerEndpoint('/mixed')
    class Mixed {
      @OnOpen open(): Promise<void> {
        return run('open');
      }

      @OnMessage text(text: string): Promise<void> | undefined {
        return text === 'sync' ? void runNow(text) : run(text);
      }

      @OnMessage binary(bytes: Buffer): Promise<void> {
        return run(`b${bytes.length}`);
      }

      @OnMessage pong(pong: PongMessage): void {
        runNow(`pong ${pong.getApplicationData()}`);
      }

      @OnClose close(): Promise<void> {
        return run('close');
      }

      @OnError error(error: Error): void {
        trace.push(`error ${error.message}`);
      }
    }
    const { dial } = await start(Mixed);
    const peer = await dial('/mixed');
    peer.send('async');
    peer.send('sync');
    peer.socket.pong('p');
    peer.send(Buffer.alloc(2));
    peer.send('async');
    peer.send('sync');
    void peer.close();
    await eventually(() => expect(trace).toContain('close'));
    expect(trace).toEqual(['open', 'async', 'sync', 'pong p', 'b2', 'async', 'sync', 'close']);
  });

  it('[LIF-6] parts of a message never mix with another message, nor a pong with a running part', async () => {
    const trace: string[] = [];
    @ServerEndpoint('/parts')
    class Parts {
      @OnMessage async part(part: string, last: boolean): Promise<void> {
        trace.push(`<${part}`);
        await sleep(2);
        trace.push(`${part}${last ? '.' : ''}>`);
      }

      @OnMessage async binary(bytes: Buffer): Promise<void> {
        trace.push(`<${bytes}`);
        await sleep(1);
        trace.push(`${bytes}>`);
      }

      @OnMessage pong(_pong: PongMessage): void {
        trace.push('pong');
      }
    }
    const { port } = await start(Parts);
    const client = await RawPeer.open({ port }, '/parts');
    client.send(
      { opcode: OPCODES.text, fin: false, payload: 'a' },
      { opcode: OPCODES.pong },
      { opcode: OPCODES.continuation, fin: false, payload: 'b' },
      { opcode: OPCODES.continuation, payload: 'c' },
      { opcode: OPCODES.binary, payload: 'd' },
      { opcode: OPCODES.text, payload: 'e' },
    );
    const expected = ['<a', 'a>', 'pong', '<b', 'b>', '<c', 'c.>', '<d', 'd>', '<e', 'e.>'];
    await eventually(() => expect(trace).toEqual(expected));
  });

  it.each(WAYS)('[LIF-6] an async @OnError of a callback that %s is done before the next message', async (way) => {
    const trace: string[] = [];
    @ServerEndpoint('/errors')
    class Errors {
      @OnMessage text(text: string): unknown {
        trace.push(text);
        return text === 'bad' ? fail(way, new Error('bad')) : undefined;
      }

      @OnError async error(_error: Error): Promise<void> {
        trace.push('error');
        await sleep(10);
        trace.push('error done');
      }
    }
    const { dial } = await start(Errors);
    const peer = await dial('/errors');
    peer.send('bad');
    peer.send('good');
    await eventually(() => expect(trace).toEqual(['bad', 'error', 'error done', 'good']));
  });

  it.each(['at once', 'later'])(
    '[LIF-6, REM-7] the next message waits while a return value, given %s, finds the queue full',
    async (when) => {
      const got: string[] = [];
      @ServerEndpoint('/heavy')
      class Heavy {
        @OnMessage text(text: string): unknown {
          got.push(text);
          const value = 'x'.repeat(16 * 2 ** 20);
          return when === 'at once' ? value : sleep(1).then(() => value);
        }
      }
      const { port } = await start(Heavy);
      const client = await RawPeer.open({ port }, '/heavy');
      client.stopReading();
      client.send({ opcode: OPCODES.text, payload: '1' }, { opcode: OPCODES.text, payload: '2' });
      await eventually(() => expect(got).toEqual(['1']));
      await sleep(100);
      expect(got).toEqual(['1']);
      client.read();
      await eventually(() => expect(got).toEqual(['1', '2']));
    },
  );

  it('[LIF-6, CLO-10] @OnClose never runs on the stack of who closes', async () => {
    let session: Session | undefined;
    let closed = false;
    @ServerEndpoint('/outside')
    class Outside {
      @OnOpen open(own: Session): void {
        session = own;
      }

      @OnClose close(): void {
        closed = true;
      }
    }
    const { dial } = await start(Outside);
    await dial('/outside');
    void session?.close();
    expect(closed).toBe(false);
    await eventually(() => expect(closed).toBe(true));
  });

  it('[LIF-6, GEN-4] any thenable counts as a promise, in every callback', async () => {
    const trace: string[] = [];
    /** The least that `await` takes: its `then` returns nothing, and calls what it is given. */
    const soon = (name: string) => ({
      // biome-ignore lint/suspicious/noThenProperty: this is what is tested
      then(resolve: (value: undefined) => void): void {
        setTimeout(() => {
          trace.push(name);
          resolve(undefined);
        }, 10);
      },
    });
    let closed: Session | undefined;
    @ServerEndpoint('/thenable')
    class Thenable {
      @OnOpen open(session: Session) {
        closed = session;
        return soon('opened');
      }

      @OnMessage text(text: string) {
        if (text === 'bad') throw new Error(text);
        return soon(text);
      }

      @OnError error(_error: Error) {
        return soon('error');
      }

      @OnClose close(_reason: CloseReason) {
        return soon('closed');
      }
    }
    const { dial } = await start(Thenable);
    const peer = await dial('/thenable');
    for (const text of ['1', 'bad', '2']) peer.send(text);
    await peer.close();
    await eventually(() => expect(() => closed?.getContainer()).toThrow('is closed'));
    expect(trace).toEqual(['opened', '1', 'error', '2', 'closed']);
  });
});
