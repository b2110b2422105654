/** How a browser's dialer succeeds and fails. */
import { afterEach, describe, expect, it } from '@jest/globals';
import { BrowserDialer } from '../../../../src/transport/browser/browser-dialer.js';
import type { Call } from '../../../../src/transport/dialer.js';
import type { ChannelListener, Transformation } from '../../../../src/transport/spi.js';
import { microtasks, type PageSocket, pageSockets } from '../../../support/page-socket.js';
import { Recorder } from '../../../transport/contract/rig.js';

const call = (rest: Partial<Call> = {}): Call => ({
  uri: new URL('wss://h:1/p?q=1'),
  subprotocols: ['v2', 'v1'],
  headers: [['Host', 'h']],
  proxy: null,
  tls: null,
  timeout: 5000,
  maxHeaderSize: 8192,
  signal: new AbortController().signal,
  ...rest,
});

const NONE = { deflate: null, transformations: [] };

/** A socket that has not opened when its test ends closes then: it has a timer. */
const dialled: PageSocket[] = [];
afterEach(() => {
  for (const socket of dialled.splice(0)) if (socket.readyState === 0) socket.closed();
});

function dialling(rest: Partial<Call> = {}) {
  const { socketClass, made } = pageSockets();
  const dial = new BrowserDialer(socketClass).dial(call(rest));
  dial.catch(() => {});
  dialled.push(...made);
  return { dialled: dial, socket: made[0] as NonNullable<(typeof made)[0]>, made };
}

describe('a dial', () => {
  it('asks for the uri and the subprotocols, and for bytes as an ArrayBuffer', () => {
    const { socket } = dialling();
    expect([socket.uri, socket.subprotocols, socket.binaryType]).toEqual(['wss://h:1/p?q=1', ['v2', 'v1'], 'arraybuffer']);
  });

  it('resolves with a 101 and the two headers that a page may know', async () => {
    const { dialled, socket } = dialling();
    Object.assign(socket, { protocol: 'v1', extensions: 'permessage-deflate' });
    socket.opens();
    const { by, status, headers, body } = await dialled;
    expect([by, status, [...headers], body.length]).toEqual([
      'server',
      101,
      [
        ['sec-websocket-protocol', ['v1']],
        ['sec-websocket-extensions', ['permessage-deflate']],
      ],
      0,
    ]);
  });

  it('knows no headers where there is nothing to know', async () => {
    const { dialled, socket } = dialling();
    socket.opens();
    expect((await dialled).headers.size).toBe(0);
  });

  it('rejects with step connect when the socket closes before it opens, and says that nothing more is known', async () => {
    const { dialled, socket } = dialling();
    socket.onerror?.();
    socket.closed();
    await expect(dialled).rejects.toMatchObject({ step: 'connect', isTimeout: false, message: expect.stringMatching(/1006.*console/) });
  });

  it('rejects with what the constructor throws as the cause', async () => {
    const cause = new SyntaxError('no such subprotocol');
    class Refusing {
      constructor() {
        throw cause;
      }
    }
    const dialled = new BrowserDialer(Refusing as never).dial(call());
    await expect(dialled).rejects.toMatchObject({ step: 'connect', isTimeout: false, cause });
  });

  it('rejects once the time for all of it is over, and closes the socket', async () => {
    const { dialled, socket } = dialling({ timeout: 5 });
    await expect(dialled).rejects.toMatchObject({ step: 'connect', isTimeout: true });
    expect(socket.closes).toEqual([[]]);
    socket.opens(); // too late
    await microtasks();
    expect(socket.closes).toEqual([[]]);
  });

  it.each([['before'], ['while'], ['after']])('is given up by its signal %s it connects', async (when) => {
    const giving = new AbortController();
    const reason = new Error('given up');
    if (when === 'before') giving.abort(reason);
    const { dialled, socket, made } = dialling({ signal: giving.signal });
    if (when === 'while') giving.abort(reason);
    if (when === 'after') {
      socket.opens();
      const reply = await dialled;
      giving.abort(reason);
      expect(socket.closes).toEqual([[]]);
      await expect(reply.accept(NONE, () => new Recorder())).rejects.toThrow('accepted, or dropped, before');
    } else {
      await expect(dialled).rejects.toBe(reason);
      expect(made.map(({ closes }) => closes)).toEqual(when === 'before' ? [] : [[[]]]);
    }
  });
});

describe('a reply', () => {
  async function replied(rest: Partial<Call> = {}) {
    const { dialled, socket } = dialling(rest);
    socket.opens();
    return { reply: await dialled, socket };
  }

  it('[CLI-8] keeps what comes before it is accepted, and resolves when the listener has seen it', async () => {
    const { reply, socket } = await replied();
    socket.brings('early');
    await microtasks();
    const log = new Recorder();
    await reply.accept(NONE, () => log);
    expect(log.story).toEqual([['opened'], ['text', 'early']]);
  });

  it('is no longer the signal’s once it is accepted, nor dropped', async () => {
    const giving = new AbortController();
    const { reply, socket } = await replied({ signal: giving.signal });
    const log = new Recorder();
    await reply.accept(NONE, () => log);
    giving.abort();
    reply.drop();
    socket.brings('still here');
    await microtasks();
    expect([log.story.at(-1), socket.closes]).toEqual([['text', 'still here'], []]);
  });

  it('closes the socket and the transformations when open throws', async () => {
    const { reply, socket } = await replied();
    const ends: string[] = [];
    const failure = new Error('no room');
    const open = (): ChannelListener => {
      throw failure;
    };
    await expect(reply.accept({ deflate: null, transformations: transformations(ends) }, open)).rejects.toBe(failure);
    expect([socket.closes, ends]).toEqual([[[]], ['a', 'b']]);
  });

  it('closes the transformations, which it does not run, with the channel', async () => {
    const { reply, socket } = await replied();
    const ends: string[] = [];
    await reply.accept({ deflate: null, transformations: transformations(ends) }, () => new Recorder());
    expect(ends).toEqual([]);
    socket.closed();
    await microtasks();
    expect(ends).toEqual(['a', 'b']);
  });

  it('may be dropped, more than once', async () => {
    const { reply, socket } = await replied();
    reply.drop();
    reply.drop();
    expect(socket.closes).toEqual([[]]);
  });
});

/** The first of which cannot even end. */
function transformations(ends: string[]): Transformation[] {
  const one = (name: string): Transformation => ({
    rsv: [],
    parameters: [],
    inbound: (frame) => frame,
    outbound: (frame) => frame,
    close() {
      ends.push(name);
      if (name === 'a') throw new Error('a defect');
    },
  });
  return [one('a'), one('b')];
}
