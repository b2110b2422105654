/** How connections of Tomcat 7's API end: what is on the wire, and what onClose is told. [TC7-4, TC7-5, TC7-7] */
import { describe, expect, it } from '@jest/globals';
import { IOException, UnsupportedOperationException } from 'margay';
import { eventually, gate } from '../support/eventually.js';
import { closing, OPCODES } from '../support/frames.js';
import type { Sendable } from '../support/raw-peer.js';
import { RawPeer } from '../support/raw-peer.js';
import { type Conversation, conversation, type Manners, NotingStreams, serving } from '../support/tomcat7.js';

/** What onClose was told, of all calls. */
const statuses = ({ told }: Pick<Conversation, 'told'>) => told.filter(([callback]) => callback === 'close').map(([, status]) => status);

const { text, binary, close, continuation } = OPCODES;

describe("[TC7-5, TC7-7] the peer's close frame: onClose(1000) whatever it says, once", () => {
  const ECHOED = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999];
  const REFUSED = [0, 999, 1004, 1005, 1006, 1012, 1013, 1014, 1015, 1016, 2999, 5000, 65535];
  const ROWS: readonly (readonly [what: string, payload: Buffer, reply: number, phrase: string])[] = [
    ...ECHOED.map((code) => [`${code} is echoed`, closing(code, '再见'), code, '再见'] as const),
    ...REFUSED.map((code) => [`${code} is answered with 1002`, closing(code, 'x'), 1002, ''] as const),
    ['an empty one is answered with an empty one', Buffer.alloc(0), 1005, ''],
    ['a phrase that is no UTF-8 is answered with 1007', closing(1000, Buffer.from([0xc3, 0x28])), 1007, ''],
  ];
  it.each(ROWS)('%s', async (_what, payload, code, phrase) => {
    const talk = await conversation();
    talk.peer.send({ opcode: close, payload });
    const frame = await talk.peer.closeFrame();
    expect(frame?.code).toBe(code);
    if (code === 1000 || phrase !== '') expect(frame?.phrase).toBe(phrase);
    await talk.peer.finished();
    await eventually(() => expect(statuses(talk)).toEqual([1000]));
    await talk.container.close();
    expect(statuses(talk)).toEqual([1000]);
  });
});

describe('[TC7-4] what cannot be read', () => {
  const ROWS: readonly (readonly [what: string, status: number, frames: readonly Sendable[]])[] = [
    ['a reserved bit', 1002, [{ opcode: text, rsv: 4, payload: 'x' }]],
    ['an unknown opcode', 1002, [{ opcode: 3, payload: 'x' }]],
    ['an unknown control opcode', 1002, [{ opcode: 11, payload: 'x' }]],
    ['no mask', 1002, [{ opcode: text, mask: null, payload: 'x' }]],
    ['a continuation of nothing', 1002, [{ opcode: continuation, payload: 'x' }]],
    [
      'a message within a message',
      1002,
      [
        { opcode: text, fin: false, payload: 'x' },
        { opcode: text, payload: 'y' },
      ],
    ],
    ['a long ping', 1002, [{ opcode: OPCODES.ping, payload: 'x'.repeat(126) }]],
    ['a close frame of one byte', 1002, [{ opcode: close, payload: 'x' }]],
    ['text that is no UTF-8', 1007, [{ opcode: text, payload: Buffer.from([0xc3, 0x28]) }]],
    ['text that ends within a character', 1007, [{ opcode: text, payload: Buffer.from([0xe5, 0xb0]) }]],
  ];
  it.each(ROWS)('%s: %i on the wire, and to onClose', async (_what, status, frames) => {
    const talk = await conversation();
    talk.peer.send(...frames);
    expect((await talk.peer.closeFrame())?.code).toBe(status);
    await talk.peer.finished();
    await eventually(() => expect(statuses(talk)).toEqual([status]));
    expect(talk.log.filter(({ level }) => level === 'error' || level === 'warn')).toEqual([]); // a peer's fault is no error of ours
  });

  it('[TC7-2] a reader that is cut off by it fails, and the status stays', async () => {
    const told: [string, ...unknown[]][] = [];
    const peer = await RawPeer.open(await serving(() => new NotingStreams(told as never)), '/t');
    peer.send({ opcode: text, fin: false, payload: 'x' }, { opcode: text, payload: 'y' });
    expect((await peer.closeFrame())?.code).toBe(1002);
    await eventually(() => expect(told.at(-1)).toEqual(['close', 1002]));
    expect(told.filter(([what]) => what === 'ends')).toEqual([]);
  });
});

describe('[TC7-4] a callback that fails', () => {
  const IN: readonly (readonly [where: string, manners: (fail: () => never) => Manners, frame: Sendable | null])[] = [
    ['onOpen', (fail) => ({ open: fail }), null],
    ['onTextMessage', (fail) => ({ text: fail }), { opcode: text, payload: '小明' }],
    ['onTextMessage, later', (fail) => ({ text: () => Promise.resolve().then(fail) }), { opcode: text, payload: '小明' }],
    ['onBinaryMessage', (fail) => ({ binary: fail }), { opcode: binary, payload: 'x' }],
    ['onPong', (fail) => ({ pong: fail }), { opcode: OPCODES.pong, payload: 'x' }],
  ];

  it.each(IN)('%s, an IOException: close frame 1002, onClose(1002), no error line', async (_where, manners, frame) => {
    const talk = await conversation(
      manners(() => {
        throw new IOException('the disk is full');
      }),
    );
    if (frame !== null) talk.peer.send(frame);
    expect(await talk.peer.closeFrame()).toEqual({ code: 1002, phrase: '' });
    talk.peer.close(1002);
    await talk.peer.finished();
    await eventually(() => expect(statuses(talk)).toEqual([1002]));
    expect(talk.log.filter(({ level }) => level === 'error' || level === 'warn')).toEqual([]);
  });

  it.each(IN)('%s, anything else: TCP goes without a close frame, then onClose(1006), and a line', async (_where, manners, frame) => {
    const talk = await conversation(
      manners(() => {
        throw new UnsupportedOperationException('no such thing here');
      }),
    );
    if (frame !== null) talk.peer.send(frame);
    expect(await talk.peer.closeFrame()).toBeNull();
    await eventually(() => expect(statuses(talk)).toEqual([1006]));
    const lines = talk.log.filter(({ level }) => level === 'error');
    expect(lines).toMatchObject([{ code: 'MARGAY_UNHANDLED_ERROR', endpoint: 'NotingMessages' }]);
    expect(lines[0]?.message).toContain('no such thing here');
  });

  it('what is thrown need not be an Error', async () => {
    const talk = await conversation({
      text() {
        throw 'a string';
      },
    });
    talk.peer.text('x');
    expect(await talk.peer.closeFrame()).toBeNull();
    await eventually(() => expect(statuses(talk)).toEqual([1006]));
  });

  it('onClose itself: logged, and that is all', async () => {
    const talk = await conversation({
      close() {
        throw new Error('in the end');
      },
    });
    talk.peer.close(1000);
    await talk.peer.finished();
    await eventually(() => expect(talk.log.filter(({ level }) => level === 'error')).toMatchObject([{ code: 'MARGAY_UNHANDLED_ERROR' }]));
    expect(statuses(talk)).toEqual([1000]);
  });

  it('the other connections of the servlet go on', async () => {
    const talk = await conversation({
      text: (message, outbound) => {
        if (message === 'fail') throw new Error('one of them');
        return outbound.writeTextMessage(message);
      },
    });
    const other = await RawPeer.open(talk, '/t');
    talk.peer.text('fail');
    await talk.peer.ended();
    other.text('小明 🐈');
    await eventually(() => expect(other.texts).toEqual(['小明 🐈']));
  });
});

describe('[TC7-5] other ends', () => {
  it('the peer vanishes: 1006, without an error line', async () => {
    const talk = await conversation();
    talk.peer.reset();
    await eventually(() => expect(statuses(talk)).toEqual([1006]));
    expect(talk.log.filter(({ level }) => level === 'error')).toEqual([]);
  });

  it('the peer ends TCP without a close frame: 1006', async () => {
    const talk = await conversation();
    talk.peer.end();
    await eventually(() => expect(statuses(talk)).toEqual([1006]));
  });

  it('the peer vanishes within a message: the callback ends, 1006, without an error line', async () => {
    const told: [string, ...unknown[]][] = [];
    const started = await serving(() => new NotingStreams(told as never));
    const peer = await RawPeer.open(started, '/t');
    peer.send({ opcode: text, fin: false, payload: 'begun' });
    await eventually(() => expect(told).toContainEqual(['piece', 'begun']));
    peer.reset();
    await eventually(() => expect(told.at(-1)).toEqual(['close', 1006]));
    expect(started.log.filter(({ level }) => level === 'error')).toEqual([]);
  });

  it('a write that fails because the peer has gone: IOException, 1006', async () => {
    const written = gate<unknown>();
    const talk = await conversation({
      text: async (_message, outbound) => {
        for (;;)
          await outbound.writeBinaryMessage(Buffer.alloc(1_000_000)).catch((error: unknown) => {
            written.open(error);
            throw error;
          });
      },
    });
    talk.peer.stopReading();
    talk.peer.text('go');
    await new Promise((resolve) => setTimeout(resolve, 50));
    talk.peer.reset();
    expect(await written.promise).toBeInstanceOf(IOException);
    await eventually(() => expect(statuses(talk)).toEqual([1006]));
    expect(talk.log.filter(({ level }) => level === 'error')).toEqual([]);
  });

  it('[CLO-14] the container closes: 1001 on the wire and to onClose', async () => {
    const talk = await conversation();
    const closed = talk.container.close();
    expect((await talk.peer.closeFrame())?.code).toBe(1001);
    talk.peer.close(1001);
    await closed;
    expect(statuses(talk)).toEqual([1001]);
  });

  it('the container closes while we wait for the answer to our close: exactly once', async () => {
    const talk = await conversation();
    await talk.inbound.getWsOutbound().close(1000, null);
    const closed = talk.container.close();
    talk.peer.close(1000);
    await closed;
    expect(statuses(talk)).toEqual([1000]);
  });

  it('[TC7-2] the read timeout is none, unless the inbound or the container says so: 1006', async () => {
    const talk = await conversation();
    expect(talk.inbound.getReadTimeout()).toBe(-1);
    expect([...talk.container.statistics().closed]).toEqual([]);
    const idle = await conversation({}, { readIdleTimeout: 1 });
    await eventually(() => expect(statuses(idle)).toEqual([1006]));
    expect((await idle.peer.closeFrame())?.code).toBe(1001);
    expect(statuses(talk)).toEqual([]);
  });

  it('[TC7-2] an inbound with a read timeout of its own', async () => {
    const told: [string, ...unknown[]][] = [];
    class Impatient extends NotingStreams {
      override getReadTimeout() {
        return 1;
      }
    }
    const peer = await RawPeer.open(await serving(() => new Impatient(told as never)), '/t');
    await eventually(() => expect(told).toEqual([['close', 1006]]));
    expect((await peer.closeFrame())?.code).toBe(1001);
  });
});
