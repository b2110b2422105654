/** The receiving half of a connection of Tomcat 7's API: streams and whole messages. [TC7-2, TC7-3] */
import { describe, expect, it } from '@jest/globals';
import { IllegalArgumentException, type Reader } from 'margay';
import { MessageInbound, StreamInbound } from 'margay/catalina';
import { eventually, gate } from '../support/eventually.js';
import { OPCODES } from '../support/frames.js';
import { RawPeer, type Sendable } from '../support/raw-peer.js';
import { conversation, NotingMessages, NotingStreams, serving, type Told } from '../support/tomcat7.js';

const { text, binary, continuation, ping, pong } = OPCODES;

async function streams(): Promise<{ readonly peer: RawPeer; readonly told: Told[] }> {
  const told: Told[] = [];
  return { peer: await RawPeer.open(await serving(() => new NotingStreams(told)), '/t'), told };
}

describe('[TC7-2] StreamInbound', () => {
  it('is called at the first frame, and reads on while the message arrives', async () => {
    const { peer, told } = await streams();
    peer.send({ opcode: text, fin: false, payload: '小明' });
    await eventually(() => expect(told).toEqual([['begins'], ['piece', '小明']]));
    peer.send({ opcode: continuation, fin: false, payload: '🐈' });
    await eventually(() => expect(told.at(-1)).toEqual(['piece', '🐈']));
    peer.send({ opcode: continuation, payload: 'end' });
    await eventually(() => expect(told.slice(3)).toEqual([['piece', 'end'], ['ends']]));
  });

  it('bytes likewise', async () => {
    const { peer, told } = await streams();
    peer.send({ opcode: binary, fin: false, payload: Buffer.from([1, 2]) });
    await eventually(() => expect(told).toEqual([['begins'], ['piece', '0102']]));
    peer.send({ opcode: continuation, payload: Buffer.from([3]) });
    await eventually(() => expect(told.slice(2)).toEqual([['piece', '03'], ['ends']]));
  });

  it('an empty message has a reader that ends', async () => {
    const { peer, told } = await streams();
    peer.send({ opcode: text }, { opcode: binary });
    await eventually(() => expect(told).toEqual([['begins'], ['ends'], ['begins'], ['ends']]));
  });

  it('pings between fragments are answered, pongs there are swallowed; others are told', async () => {
    const { peer, told } = await streams();
    peer.send({ opcode: pong, payload: 'before' }, { opcode: text, fin: false, payload: 'a' });
    peer.send({ opcode: ping, payload: '小' }, { opcode: pong, payload: 'within' }, { opcode: continuation, payload: 'b' });
    peer.send({ opcode: pong, payload: 'after' });
    await eventually(() => expect(told.at(-1)).toEqual(['pong', 'after']));
    expect(told.filter(([what]) => what === 'pong')).toEqual([
      ['pong', 'before'],
      ['pong', 'after'],
    ]);
    expect(await peer.ponged()).toEqual(['小']);
  });

  it.each([
    ['is empty', Buffer.alloc(0), 'x'],
    ['ends within a character', Buffer.from([0xe5]), Buffer.from([0xb0, 0x8f])],
  ])('a pong behind a first fragment that %s is within the message, too', async (_what, first, rest) => {
    const { peer, told } = await streams();
    peer.send({ opcode: text, fin: false, payload: first }, { opcode: pong, payload: 'within' }, { opcode: continuation, payload: rest });
    peer.send({ opcode: text }, { opcode: pong, payload: 'after' });
    await eventually(() => expect(told.at(-1)).toEqual(['pong', 'after']));
    expect(told.filter(([what]) => what === 'pong')).toEqual([['pong', 'after']]);
  });

  it('one callback at a time: the next message waits, also for onOpen', async () => {
    const held = gate();
    const talk = await conversation({
      open: () => held.promise,
      text: (message) => (message === 'a' ? new Promise((r) => setTimeout(r, 20)) : undefined),
    });
    talk.peer.text('a');
    talk.peer.text('b');
    talk.peer.ping('x');
    await talk.peer.ponged();
    expect(talk.told).toEqual([['open']]);
    held.open();
    await eventually(() => expect(talk.told).toEqual([['open'], ['text', 'a'], ['text', 'b']]));
  });

  it('a message that is not read to its end is thrown away', async () => {
    const seen: string[] = [];
    class Hasty extends StreamInbound {
      protected async onTextData(reader: Reader) {
        for await (const piece of reader) {
          seen.push(piece.slice(0, 3));
          break;
        }
      }
      protected onBinaryData() {}
    }
    const peer = await RawPeer.open(await serving(() => new Hasty()), '/t');
    peer.text('one'.repeat(100_000));
    peer.send({ opcode: binary, payload: 'nobody reads it' });
    peer.text('two');
    await eventually(() => expect(seen).toEqual(['one', 'two']));
  });

  it('has no outbound before its connection, and one of its own then', async () => {
    const told: Told[] = [];
    const made: NotingMessages[] = [];
    const started = await serving(() => {
      const inbound = new NotingMessages(told);
      expect(() => inbound.getWsOutbound()).toThrow(expect.objectContaining({ code: 'MARGAY_STATE' }));
      made.push(inbound);
      return inbound;
    });
    const [a, b] = [await RawPeer.open(started, '/t'), await RawPeer.open(started, '/t')];
    await made[1]?.getWsOutbound().writeTextMessage('to b');
    expect(await b.received(1)).toEqual(['to b']);
    expect(a.texts).toEqual([]);
    expect(made[0]?.getWsOutbound()).toBe(made[0]?.getWsOutbound());
  });
});

describe('[TC7-3] MessageInbound', () => {
  it('has messages whole, however they come', async () => {
    const talk = await conversation();
    talk.peer.text('小明');
    talk.peer.send({ opcode: text, fin: false, payload: '小' }, { opcode: ping }, { opcode: continuation, payload: '明🐈' });
    talk.peer.send({ opcode: binary, fin: false, payload: Buffer.from([1]) }, { opcode: continuation, payload: Buffer.from([2]) });
    talk.peer.send({ opcode: text }, { opcode: binary });
    talk.peer.text('x'.repeat(20_000));
    await eventually(() => expect(talk.told.at(-1)?.[1]).toHaveLength(20_000));
    expect(talk.told.slice(0, -1)).toEqual([
      ['open'],
      ['text', '小明'],
      ['text', '小明🐈'],
      ['binary', '0102'],
      ['text', ''],
      ['binary', ''],
    ]);
  });

  it('a fragment that ends within a character', async () => {
    const talk = await conversation();
    const bytes = Buffer.from('🐈');
    talk.peer.send({ opcode: text, fin: false, payload: bytes.subarray(0, 2) }, { opcode: continuation, payload: bytes.subarray(2) });
    await eventually(() => expect(talk.told.at(-1)).toEqual(['text', '🐈']));
  });

  it('2097152 bytes and characters are taken by default', async () => {
    const talk = await conversation();
    expect([talk.inbound.getByteBufferMaxSize(), talk.inbound.getCharBufferMaxSize()]).toEqual([2_097_152, 2_097_152]);
    talk.peer.send({ opcode: text, payload: '小'.repeat(2_097_152) }); // characters, not bytes
    await eventually(() => expect(String(talk.told.at(-1)?.[1]).length).toBe(2_097_152));
    talk.peer.send({ opcode: binary, payload: Buffer.alloc(2_097_152) });
    await eventually(() => expect(String(talk.told.at(-1)?.[1]).length).toBe(2 * 2_097_152));
  });

  const LIMITED: readonly [what: string, frames: readonly Sendable[]][] = [
    ['text of one frame', [{ opcode: text, payload: '12345' }]],
    [
      'text in fragments',
      [
        { opcode: text, fin: false, payload: '123' },
        { opcode: continuation, payload: '45' },
      ],
    ],
    ['a pair counts two', [{ opcode: text, payload: '🐈🐈1' }]],
    ['bytes of one frame', [{ opcode: binary, payload: '12345' }]],
    [
      'bytes in fragments',
      [
        { opcode: binary, fin: false, payload: '1234' },
        { opcode: continuation, payload: '5' },
      ],
    ],
  ];
  it.each(LIMITED)('[TC7-4] above its limit, %s: 1002 and not 1009, onClose(1002)', async (_what, frames) => {
    const talk = await conversation();
    talk.inbound.setCharBufferMaxSize(4);
    talk.inbound.setByteBufferMaxSize(4);
    talk.peer.text('1234');
    talk.peer.send({ opcode: binary, payload: '1234' });
    talk.peer.send(...frames);
    expect(await talk.peer.closeFrame()).toEqual({ code: 1002, phrase: '' });
    talk.peer.close(1002);
    await eventually(() => expect(talk.told).toEqual([['open'], ['text', '1234'], ['binary', '31323334'], ['close', 1002]]));
    expect(talk.log.filter(({ level }) => level === 'error')).toEqual([]);
  });

  it('more than its limit is not kept: what goes on above it ends the message before it is there', async () => {
    const talk = await conversation();
    talk.inbound.setByteBufferMaxSize(4);
    talk.peer.send({ opcode: binary, fin: false, payload: '12345' }); // and no end of it
    expect((await talk.peer.closeFrame())?.code).toBe(1002);
  });

  it('refuses sizes that are none', () => {
    const inbound = new (class extends MessageInbound {
      protected onTextMessage() {}
      protected onBinaryMessage() {}
    })();
    for (const size of [0, -1, 0.5, Number.NaN, '1' as never]) {
      expect(() => inbound.setByteBufferMaxSize(size)).toThrow(IllegalArgumentException);
      expect(() => inbound.setCharBufferMaxSize(size)).toThrow(IllegalArgumentException);
    }
  });
});
