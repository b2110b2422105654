/** The sending half of a connection of Tomcat 7's API. [TC7-6] */
import { describe, expect, it } from '@jest/globals';
import { IllegalArgumentException, IOException } from 'margay';
import { StreamInbound, type WsOutbound } from 'margay/catalina';
import { eventually } from '../support/eventually.js';
import type { ParsedFrame } from '../support/frames.js';
import { RawPeer } from '../support/raw-peer.js';
import { conversation, serving } from '../support/tomcat7.js';

const KINDS = ['continuation', 'text', 'binary', '', '', '', '', '', 'close', 'ping', 'pong'];

/** `text.` is a final text frame, `text~` one that is not. */
const seen = ({ opcode, fin, payload }: ParsedFrame) => `${KINDS[opcode]}${fin ? '.' : '~'} ${payload.toString()}`;

/** Sizes of a small outbound, so that little is enough to fill it. */
interface Sizes {
  readonly bytes?: number;
  readonly chars?: number;
}

class Small extends StreamInbound {
  constructor(
    { bytes = 8, chars = 8 }: Sizes,
    readonly write: (outbound: WsOutbound) => unknown,
  ) {
    super();
    this.setOutboundByteBufferSize(bytes);
    this.setOutboundCharBufferSize(chars);
  }

  protected override async onOpen(outbound: WsOutbound) {
    await this.write(outbound);
  }

  protected onBinaryData() {}
  protected onTextData() {}
}

/** The frames that are sent while the connection opens, once so many are there. */
async function framesOf(count: number, write: (outbound: WsOutbound) => unknown, sizes: Sizes = {}): Promise<string[]> {
  const peer = await RawPeer.open(await serving(() => new Small(sizes, write)), '/t');
  return eventually(() => {
    expect(peer.frames.length).toBeGreaterThanOrEqual(count);
    return peer.frames.map(seen);
  });
}

const each = (outbound: WsOutbound, text: string) => {
  for (let i = 0; i < text.length; i++) void outbound.writeTextData(text[i] as string);
};

const ROWS: readonly [what: string, write: (outbound: WsOutbound) => unknown, frames: readonly string[], sizes?: Sizes][] = [
  ['text, a character at a time', (o) => [each(o, 'hello'), o.flush()], ['text. hello']],
  ['bytes, one at a time, as an int is cast', (o) => [o.writeBinaryData(0x41), o.writeBinaryData(0x142), o.flush()], ['binary. AB']],
  ['a full buffer is one frame', (o) => [each(o, '12345678'), o.flush()], ['text. 12345678']],
  ['more is a fragment, and the rest', (o) => [each(o, '123456789'), o.flush()], ['text~ 12345678', 'continuation. 9']],
  [
    'several characters at once',
    (o) => [o.writeTextData('1234567890abcdefghij'), o.flush()],
    ['text~ 12345678', 'continuation~ 90abcdef', 'continuation. ghij'],
  ],
  [
    'bytes beyond the buffer',
    (o) => [...'123456789'].map((c) => o.writeBinaryData(c.charCodeAt(0))).concat(o.flush()),
    ['binary~ 12345678', 'continuation. 9'],
  ],
  ['flush without data is nothing', (o) => [o.flush(), o.writeTextData(''), o.flush(), o.writeTextMessage('x')], ['text. x']],
  ['text ends bytes', (o) => [o.writeBinaryData(0x41), o.writeTextData('b'), o.flush()], ['binary. A', 'text. b']],
  ['bytes end text', (o) => [o.writeTextData('a'), o.writeBinaryData(0x42), o.flush()], ['text. a', 'binary. B']],
  ['a whole text ends what was begun', (o) => [o.writeBinaryData(0x41), o.writeTextMessage('b')], ['binary. A', 'text. b']],
  ['whole bytes end what was begun', (o) => [o.writeTextData('a'), o.writeBinaryMessage(Buffer.from('B'))], ['text. a', 'binary. B']],
  [
    'a whole text beyond the byte buffer',
    (o) => o.writeTextMessage('12345678901234567890'),
    ['text~ 12345678', 'continuation~ 90123456', 'continuation. 7890'],
  ],
  ['whole bytes are one frame', (o) => o.writeBinaryMessage(Buffer.alloc(9, 0x41)), ['binary. AAAAAAAAA']],
  ['an empty whole message', (o) => [o.writeTextMessage(''), o.writeBinaryMessage(Buffer.alloc(0))], ['text. ', 'binary. ']],
  ['no character is cut: three bytes each', (o) => o.writeTextMessage('小明小明'), ['text~ 小明', 'continuation. 小明']],
  ['no pair is cut: four bytes each', (o) => o.writeTextMessage('1🐈🐕🐁'), ['text~ 1🐈', 'continuation. 🐕🐁']],
  ['halves of a pair wait for each other', (o) => [each(o, '1234567🐈9'), o.flush()], ['text~ 1234567', 'continuation. 🐈9']],
  [
    'a buffer of one character',
    (o) => [each(o, 'a🐈b'), o.flush()],
    ['text~ a', 'continuation~ 🐈', 'continuation. b'],
    { chars: 1, bytes: 1 },
  ],
  ['half a pair that stays alone', (o) => [o.writeTextData('a\ud83d'), o.flush()], ['text. a\ufffd']],
  [
    'a ping takes what was begun along',
    (o) => [each(o, 'ab'), o.ping(null), each(o, 'c'), o.flush()],
    ['text~ ab', 'ping. ', 'continuation. c'],
  ],
  [
    'a pong, too; and the message may end empty',
    (o) => [o.writeBinaryData(0x41), o.pong(Buffer.from('p')), o.flush()],
    ['binary~ A', 'pong. p', 'continuation. '],
  ],
  ['a ping alone', (o) => o.ping(Buffer.from('小')), ['ping. 小']],
  [
    'half a pair does not leave with a ping',
    (o) => [o.writeTextData('\ud83d'), o.ping(null), o.writeTextData('\udc08'), o.flush()],
    ['ping. ', 'text. 🐈'],
  ],
  ['close flushes, and says no end', (o) => [each(o, 'ab'), o.close(1001, Buffer.from('bye'))], ['text~ ab', 'close. \u0003\ufffdbye']],
];

describe('[TC7-6] on the wire', () => {
  it.each(ROWS.map(([what, write, frames, sizes]) => ({ what, write, frames, sizes })))('$what', async ({ write, frames, sizes }) => {
    expect(await framesOf(frames.length, async (o) => void (await Promise.all([write(o)].flat())), sizes)).toEqual(frames);
  });

  it('the buffers are 8192 by default', async () => {
    const { peer, inbound } = await conversation({
      open: async (o) => {
        await o.writeTextData('a'.repeat(8193));
        await o.flush();
        await o.writeTextMessage('小'.repeat(2731)); // 8193 bytes
      },
    });
    await eventually(() =>
      expect(peer.frames.map(({ payload, fin }) => [payload.length, fin])).toEqual([
        [8192, false],
        [1, true],
        [8190, false],
        [3, true],
      ]),
    );
    expect([inbound.getOutboundByteBufferSize(), inbound.getOutboundCharBufferSize()]).toEqual([8192, 8192]);
  });

  it('[TC7-2] a size that is set when there is an outbound changes nothing; an odd one is refused', async () => {
    const { peer, inbound } = await conversation();
    inbound.setOutboundByteBufferSize(2);
    inbound.setOutboundCharBufferSize(2);
    await inbound.getWsOutbound().writeTextMessage('hello');
    expect(await peer.received(1)).toEqual(['hello']);
    for (const size of [0, -1, 1.5, Number.NaN]) {
      expect(() => inbound.setOutboundByteBufferSize(size)).toThrow(IllegalArgumentException);
      expect(() => inbound.setOutboundCharBufferSize(size)).toThrow(/size is /);
    }
  });
});

describe('[TC7-6] several writers', () => {
  it('nobody is turned away, and no message stands within another', async () => {
    const { peer, inbound } = await conversation();
    const outbound = inbound.getWsOutbound();
    const long = '🐈'.repeat(5000); // in fragments
    const sends = Array.from({ length: 20 }, (_, i) =>
      i % 2 === 0 ? outbound.writeTextMessage(`${i} ${long}`) : outbound.writeBinaryMessage(Buffer.from([i])),
    );
    await Promise.all(sends);
    const messages = await eventually(() => {
      const all = wholeOf(peer.frames);
      expect(all.length).toBe(20);
      return all;
    });
    expect(messages).toEqual(Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? `${i} ${long}` : String.fromCharCode(i))));
  });

  it('nobody is turned away by the option strict either, and a long text is not cut off', async () => {
    const { peer, inbound } = await conversation({}, { strict: true });
    peer.stopReading();
    const outbound = inbound.getWsOutbound();
    const sends = Array.from({ length: 40 }, (_, i) => outbound.writeTextMessage(`${i} ${'a'.repeat(100_000)}`));
    peer.read();
    await Promise.all(sends);
    await eventually(() => expect(wholeOf(peer.frames).map((each) => Number.parseInt(each, 10))).toEqual(sends.map((_, i) => i)));
  });

  it('writers of one character each make one message', async () => {
    const { peer, inbound } = await conversation();
    const outbound = inbound.getWsOutbound();
    await Promise.all([...'margay'].map(async (char) => outbound.writeTextData(char)));
    await outbound.flush();
    expect(await peer.received(1)).toEqual(['margay']);
  });
});

/** Messages put together; control frames left out. */
function wholeOf(frames: readonly ParsedFrame[]): string[] {
  const messages: string[] = [];
  let open: Buffer[] = [];
  for (const { opcode, fin, payload } of frames) {
    if (opcode > 2) continue;
    expect(opcode === 0).toBe(open.length > 0);
    open.push(payload);
    if (!fin) continue;
    messages.push(Buffer.concat(open).toString());
    open = [];
  }
  return messages;
}

describe('[TC7-6] close', () => {
  it('0 is a close frame without a code; a second call does nothing', async () => {
    const { peer, inbound, told } = await conversation();
    await inbound.getWsOutbound().close(0, Buffer.from('not sent'));
    await inbound.getWsOutbound().close(1000, null);
    expect(await peer.closeFrame()).toEqual({ code: 1005, phrase: '' });
    peer.close();
    await eventually(() => expect(told).toEqual([['open'], ['close', 1000]]));
  });

  it('does not call onClose: the peer does', async () => {
    const { peer, inbound, told } = await conversation();
    await inbound.getWsOutbound().close(4001, Buffer.from('再见'));
    expect(await peer.closeFrame()).toEqual({ code: 4001, phrase: '再见' });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(told).toEqual([['open']]);
    peer.close(4001);
    await eventually(() => expect(told).toEqual([['open'], ['close', 1000]]));
  });

  it('[TC7-5] a peer that leaves without an answer: 1006', async () => {
    const { peer, inbound, told } = await conversation();
    await inbound.getWsOutbound().close(1000, null);
    await peer.closeFrame();
    peer.reset();
    await eventually(() => expect(told).toEqual([['open'], ['close', 1006]]));
  });

  const USES: readonly [string, (outbound: WsOutbound) => Promise<void>][] = [
    ['writeBinaryData', (o) => o.writeBinaryData(1)],
    ['writeTextData', (o) => o.writeTextData('a')],
    ['writeBinaryMessage', (o) => o.writeBinaryMessage(Buffer.alloc(1))],
    ['writeTextMessage', (o) => o.writeTextMessage('a')],
    ['flush', (o) => o.flush()],
    ['ping', (o) => o.ping(null)],
    ['pong', (o) => o.pong(null)],
  ];

  it.each(USES)('[TC7-5] %s after a close: IOException, and onClose(1006), once', async (_name, use) => {
    const { peer, inbound, told } = await conversation();
    const outbound = inbound.getWsOutbound();
    await outbound.close(1000, null);
    const failed = await use(outbound).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(IOException);
    expect(failed).toMatchObject({ code: 'MARGAY_SEND_CLOSED' });
    await eventually(() => expect(told).toEqual([['open'], ['close', 1006]]));
    peer.close(1000);
    await peer.ended();
    await expect(use(outbound)).rejects.toMatchObject({ code: 'MARGAY_SEND_CLOSED' });
    expect(told).toEqual([['open'], ['close', 1006]]);
  });

  it('a send that nobody awaits raises nothing', async () => {
    const { inbound, peer } = await conversation();
    peer.close(1000);
    await peer.ended();
    await eventually(() => expect(inbound.told.at(-1)).toEqual(['close', 1000]));
    for (const [, use] of USES) void use(inbound.getWsOutbound());
    await new Promise((resolve) => setImmediate(resolve));
  });

  it('what cannot be sent is refused at once, and nothing happens', async () => {
    const { inbound, peer } = await conversation();
    const o = inbound.getWsOutbound();
    const odd = (use: () => unknown, code: string) => expect(use).toThrow(expect.objectContaining({ code }));
    odd(() => o.close(1004, null), 'MARGAY_CLOSE_CODE');
    odd(() => o.close(99, null), 'MARGAY_CLOSE_CODE');
    odd(() => o.close(1000, Buffer.alloc(124, 0x61)), 'MARGAY_CLOSE_PHRASE');
    odd(() => o.close(1000, Buffer.from([0xff])), 'MARGAY_ARGUMENT');
    odd(() => o.close(1000, 'bye' as never), 'MARGAY_ARGUMENT');
    odd(() => o.ping(Buffer.alloc(126)), 'MARGAY_CONTROL_SIZE');
    odd(() => o.writeTextMessage('\ud83d'), 'MARGAY_SURROGATE');
    for (const value of [null, undefined, 7]) {
      odd(() => o.writeTextMessage(value as never), 'MARGAY_ARGUMENT');
      odd(() => o.writeTextData(value as never), 'MARGAY_ARGUMENT');
      odd(() => o.writeBinaryMessage(value as never), 'MARGAY_ARGUMENT');
    }
    odd(() => o.writeBinaryData('a' as never), 'MARGAY_ARGUMENT');
    await o.writeTextMessage('still here');
    expect(await peer.received(1)).toEqual(['still here']);
  });
});
