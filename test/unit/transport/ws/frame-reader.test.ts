import { describe, expect, it } from '@jest/globals';
import { held } from '../../../support/memory.js';
import { give, joined, read, reading, turns } from '../../../support/reading.js';
import { PARTS, SKIP, upTo } from '../../../support/recorder.js';
import { binary, close, frame, more, ping, pong, text } from '../../../support/wire-frames.js';

const hex = (s: string): string => Buffer.from(s).toString('hex');
const all = (...frames: Buffer[]): Buffer => Buffer.concat(frames);
const client = { isServer: false } as const;
const plain = { mask: null } as const;

describe('messages', () => {
  it.each([0, 1, 125, 126, 127, 300, 65_535, 65_536, 200_000])('[SES-28] delivers %i bytes of text in one call', (length) => {
    const ascii = 'abcdefghij'.repeat(length / 10 + 1).slice(0, length);
    expect(read(text(ascii))).toEqual([['text', ascii]]);
    expect(read(text(ascii, plain), client)).toEqual([['text', ascii]]);
    expect(read(binary(ascii))).toEqual([['binary', hex(ascii)]]);
  });

  it('[SES-28] delivers text beyond ASCII, U+FEFF at its start included', () => {
    for (const s of ['é', '\ufeffx', '€'.repeat(100), `${'a'.repeat(500)}😀`, '\u0000']) {
      expect(read(text(s))).toEqual([['text', s]]);
      expect(read(text(s, plain), client)).toEqual([['text', s]]);
    }
  });

  it('puts fragments together, with control frames between them', () => {
    const stream = all(text('ab', { fin: false }), ping('1'), more('', { fin: false }), more('c€', { fin: false }), pong('2'), more('d'));
    expect(read(stream)).toEqual([
      ['ping', hex('1')],
      ['pong', hex('2')],
      ['text', 'abc€d'],
    ]);
  });

  it('takes lengths written longer than need be', () => {
    expect(read(all(text('ab', { headerSize: 4 }), text('cd', { headerSize: 10 })))).toEqual([
      ['text', 'ab'],
      ['text', 'cd'],
    ]);
  });

  it('hands out binary that stays what it was', () => {
    const { reader, house } = reading();
    const kept: Buffer[] = [];
    house.onBinary = (bytes) => kept.push(bytes);
    const chunk = Buffer.from(all(binary('abc'), binary('x'.repeat(200)), binary('y'.repeat(60_000))));
    reader.push(chunk, 0);
    chunk.fill(0, 0, 220); // node reuses no chunk, but ours are small enough to have been copied
    expect(kept.map((bytes) => bytes.subarray(0, 3).toString())).toEqual(['abc', 'xxx', 'yyy']);
  });
});

describe('[CLO-15] frame violations', () => {
  const rows: readonly (readonly [string, Buffer, RegExp])[] = [
    ['RSV1 without an extension', text('x', { rsv: 4 }), /RSV1/],
    ['RSV2', text('x', { rsv: 2 }), /RSV2/],
    ['RSV3', text('x', { rsv: 1 }), /RSV3/],
    ['RSV on a control frame', ping('', { rsv: 1 }), /RSV3/],
    ...[3, 4, 5, 6, 7, 11, 12, 13, 14, 15].map((opcode) => [`opcode ${opcode}`, frame({ opcode }), /opcode \d+ is reserved/] as const),
    ['a fragmented ping', ping('', { fin: false }), /fragmented/],
    ['a fragmented close', close(1000, '', { fin: false }), /fragmented/],
    ['126 bytes of ping', ping('x'.repeat(126)), /125/],
    ['126 bytes of close', close(1000, 'x'.repeat(124)), /125/],
    ['a ping with a 64-bit length', ping('', { headerSize: 10 }), /125/],
    ['a continuation of nothing', more('x'), /continu/],
    ['a continuation after a message', all(text('x', { fin: false }), more('y'), more('z')), /continu/],
    ['a message within a message', all(text('x', { fin: false }), text('y')), /before the last one has ended/],
    ['binary within text', all(text('x', { fin: false }), binary('y')), /before the last one has ended/],
    ['a length with the top bit set', binary('', { length: 1n << 63n }), /top bit/],
    ['the longest length', binary('', { length: 0xffffffffffffffffn }), /top bit/],
    ['a frame without a mask', text('x', plain), /mask/],
    ['a ping without a mask', ping('x', plain), /mask/],
  ];
  it.each(rows)('%s => 1002, in words', (_name, bytes, words) => {
    for (const step of [bytes.length, 1]) {
      const { reader, house } = reading();
      for (let i = 0; i < bytes.length; i += step) give(reader, bytes.subarray(i, i + step));
      expect(house.events.at(-1)).toEqual(['failed', 1002]);
      expect(house.events.filter(([name]) => name === 'failed')).toHaveLength(1);
      expect(house.error?.message).toMatch(words);
    }
  });

  it('a masked frame from a server => 1002', () => {
    expect(read(text('x'), client)).toEqual([['failed', 1002]]);
  });

  it('an illegal frame is refused at its second byte', () => {
    expect(read(text('x', plain).subarray(0, 2))).toEqual([['failed', 1002]]);
    expect(read(frame({ opcode: 3 }).subarray(0, 2))).toEqual([['failed', 1002]]);
  });

  it('[CLO-15] a length with the top bit set is refused at its first byte', () => {
    expect(read(binary('', { length: 1n << 63n }).subarray(0, 3))).toEqual([['failed', 1002]]);
    expect(read(binary('', { length: (1n << 63n) - 1n }).subarray(0, 9))).toEqual([]);
  });

  it('RSV1 on a continuation or a control frame => 1002, even with permessage-deflate', () => {
    const deflate = { noContextTakeover: true, windowBits: 15 };
    for (const bytes of [ping('', { rsv: 4 }), all(text('x', { fin: false }), more('y', { rsv: 4 }))])
      expect(read(bytes, { deflate })).toEqual([['failed', 1002]]);
    expect(read(text('x', { rsv: 2 }), { deflate })).toEqual([['failed', 1002]]);
  });

  it('nothing is read after a failure', () => {
    const { reader, house, state } = reading();
    give(reader, all(frame({ opcode: 3 }), text('x'), close(1000)), text('y'));
    reader.end();
    expect(house.events).toEqual([['failed', 1002]]);
    expect(state).toMatchObject({ held: false, ended: true });
  });
});

describe('close frames', () => {
  it.each([1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999])('[CLO-6] takes %i', (code) => {
    expect(read(close(code, 'bye €'))).toEqual([['closing', code, 'bye €']]);
  });

  it.each([0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535])('[CLO-6] %i => 1002', (code) => {
    const { reader, house } = reading();
    give(reader, close(code));
    expect(house.events).toEqual([['failed', 1002]]);
    expect(house.error?.message).toContain(String(code));
  });

  it('[CLO-5] an empty one is 1005', () => {
    expect(read(close())).toEqual([['closing', 1005, '']]);
  });

  it('[CLO-6] one byte => 1002', () => {
    expect(read(frame({ opcode: 8, payload: 'x' }))).toEqual([['failed', 1002]]);
  });

  it('[CLO-6] a phrase that is not UTF-8 => 1007', () => {
    expect(read(close(1000, Buffer.from([0xff])))).toEqual([['failed', 1007]]);
    expect(read(close(1000, Buffer.from([0xe2, 0x82])))).toEqual([['failed', 1007]]);
  });

  it('[CLO-15] frames after it are ignored', () => {
    expect(read(all(close(1000), text('x'), frame({ opcode: 7 })))).toEqual([['closing', 1000, '']]);
  });
});

describe('limits', () => {
  it('[REL-8] a message over its limit => 1009 when its header is there', () => {
    expect(read(text('123456').subarray(0, 6), { wants: upTo(5) })).toEqual([['failed', 1009]]);
    expect(read(binary('', { length: 1 << 30 }).subarray(0, 14), { wants: upTo(5) })).toEqual([['failed', 1009]]);
    expect(read(text('12345'), { wants: upTo(5) })).toEqual([['text', '12345']]);
    expect(read(text('123456'), { wants: upTo(5) })).toEqual([['failed', 1009]]);
  });

  it('[REL-8] fragments are summed up, at the header that makes them too many', () => {
    const stream = all(text('123', { fin: false }), more('45', { fin: false }), more('6', { fin: false }).subarray(0, 6));
    expect(read(stream, { wants: upTo(5) })).toEqual([['failed', 1009]]);
    expect(read(all(text('123', { fin: false }), more('45', { fin: false }), more('')), { wants: upTo(5) })).toEqual([['text', '12345']]);
  });

  it('[REL-8] no memory could hold it => 1009, without any limit', () => {
    expect(read(binary('', { length: (1n << 63n) - 1n }))).toEqual([['failed', 1009]]);
    expect(read(text('', { length: 1n << 33n }))).toEqual([['failed', 1009]]);
  });

  it('[REL-8] reserves nothing for bytes that have not come', () => {
    const before = process.memoryUsage().arrayBuffers;
    const readers = Array.from({ length: 50 }, () => {
      const { reader } = reading();
      give(reader, binary('x', { length: 100_000_000, headerSize: 10 }));
      return reader;
    });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(5_000_000); // of 100 MB announced
    expect(readers).toHaveLength(50);
  });

  it('[REL-9] a message of 1-byte fragments costs about its bytes', async () => {
    const { reader, house } = reading();
    const chunk = Buffer.concat(Array.from({ length: 5000 }, () => more('x', { fin: false })));
    give(reader, binary('', { fin: false }));
    const before = await held();
    for (let i = 0; i < 60; i++) {
      give(reader, chunk);
      while (reader.framesReceived < 1 + (i + 1) * 5000) await turns(1);
    }
    expect((await held()) - before).toBeLessThan(3_000_000); // twice its bytes, and noise; an object a fragment would be 20 MB
    give(reader, more('y'));
    await turns(1);
    expect((house.events[0] as [string, string])[1]).toHaveLength(300_001 * 2);
  });
});

describe('UTF-8', () => {
  const broken = Buffer.concat([Buffer.from('ok €'), Buffer.from([0xed, 0xa0, 0x80])]);

  it('[CLO-15] broken text => 1007, whole or in parts or skipped', () => {
    for (const wants of [undefined, PARTS, SKIP])
      for (const options of [{ isServer: true }, client]) {
        const rest = options.isServer ? {} : plain;
        const mode = wants === undefined ? options : { ...options, wants };
        expect(read(text(broken, rest), mode).at(-1)).toEqual(['failed', 1007]);
        expect(read(text(`${'€'.repeat(299)}\u0000`, rest), mode).at(-1)?.[0]).not.toBe('failed');
        expect(read(text(Buffer.from('€').subarray(0, 2), rest), mode)).toEqual([['failed', 1007]]);
      }
  });

  it('[CLO-15] 1007 comes with the byte that cannot be right, not with the end of the frame', () => {
    const whole = text(Buffer.concat([broken, Buffer.alloc(100, 0x61)]), { fin: false });
    const { reader, house } = reading();
    give(reader, whole.subarray(0, 6 + 7));
    expect(house.events).toEqual([]);
    give(reader, whole.subarray(13, 14)); // ED came before, A0 makes it a surrogate
    expect(house.events).toEqual([['failed', 1007]]);
  });

  it('[CLO-15] a character may be cut by fragments, but not by the end of the message', () => {
    const euro = Buffer.from('€');
    expect(read(all(text(euro.subarray(0, 1), { fin: false }), more(euro.subarray(1))))).toEqual([['text', '€']]);
    expect(read(all(text(euro.subarray(0, 1), { fin: false }), more('')))).toEqual([['failed', 1007]]);
    expect(read(all(text(euro.subarray(0, 2), { fin: false }), more('a', { fin: false })))).toEqual([['failed', 1007]]);
  });
});

describe('parts', () => {
  const parts = { wants: PARTS };

  it('[SES-28] a part ends with its frame; the last may be empty, no other is', () => {
    const stream = all(text('ab', { fin: false }), more('', { fin: false }), more('c', { fin: false }), more(''));
    expect(read(stream, parts)).toEqual([
      ['part', 'text', 'ab', false],
      ['part', 'text', 'c', false],
      ['part', 'text', '', true],
    ]);
    expect(read(binary(''), parts)).toEqual([['part', 'binary', '', true]]);
  });

  it('[SES-28] a text part never splits a character', () => {
    const euro = Buffer.from('€');
    const stream = all(
      text(Buffer.concat([Buffer.from('a'), euro.subarray(0, 1)]), { fin: false }),
      more(euro.subarray(1, 2), { fin: false }),
      more(Buffer.concat([euro.subarray(2), Buffer.from('b')]), { fin: false }),
      more(euro),
    );
    expect(read(stream, parts)).toEqual([
      ['part', 'text', 'a', false],
      ['part', 'text', '€b', false],
      ['part', 'text', '€', true],
    ]);
  });

  it('[SES-28] a long frame comes in parts of 8192 bytes or more', () => {
    const bytes = text('€'.repeat(20_000));
    const { reader, house } = reading(parts);
    for (let i = 0; i < bytes.length; i += 1000) give(reader, bytes.subarray(i, i + 1000));
    expect(house.events.length).toBeGreaterThan(5);
    const sizes = house.events.slice(0, -1).map(([, , data]) => Buffer.byteLength(data as string));
    expect(Math.min(...sizes)).toBeGreaterThanOrEqual(8190);
    expect(joined(house.events)).toEqual([['part', 'text', '€'.repeat(20_000), 'whole']]);
    expect(house.events.filter(([, , , last]) => last)).toHaveLength(1);
  });

  it('[EXT-8, SES-28] a part has 8192 bytes or more, unless its frame ends before', () => {
    const bytes = binary(Buffer.alloc(30_000, 1));
    const chunks = Array.from({ length: 31 }, (_, i) => bytes.subarray(i * 1000, (i + 1) * 1000));
    const parts = read(chunks, { wants: PARTS });
    expect(parts.map(([, , data]) => (data as string).length / 2)).toEqual([8992, 9000, 9000, 3008]);
    expect(parts.map(([, , , last]) => last)).toEqual([false, false, false, true]);
  });

  it('[REL-8] the limit holds for all parts of a message together, and for the next anew', () => {
    const wants = Object.freeze({ mode: 'parts', limit: 5 } as const);
    const fits = Buffer.concat([text('123', { fin: false }), more('45')]);
    const parts = [
      ['part', 'text', '123', false],
      ['part', 'text', '45', true],
    ];
    expect(read(Buffer.concat([fits, fits]), { wants })).toEqual([...parts, ...parts]);
    expect(read(Buffer.concat([text('123', { fin: false }), more('456').subarray(0, 6)]), { wants })).toEqual([parts[0], ['failed', 1009]]);
    expect(read(text('123456'), { wants })).toEqual([['failed', 1009]]);
  });

  it('a skipped message says nothing, and the next is asked for', () => {
    const kinds: string[] = [];
    const wants = (kind: string) => {
      kinds.push(kind);
      return kind === 'text' ? SKIP : upTo(10);
    };
    expect(read(all(text('a'.repeat(100_000), { fin: false }), ping(), more('b'), binary('c')), { wants })).toEqual([
      ['ping', ''],
      ['binary', hex('c')],
    ]);
    expect(kinds).toEqual(['text', 'binary']);
  });
});

it('counts what passes', () => {
  const { reader } = reading();
  const stream = all(frame({ opcode: 1 }), text('a', { fin: false }), ping(), more('b'), close());
  give(reader, stream);
  expect([reader.bytesReceived, reader.framesReceived, reader.messagesReceived]).toEqual([stream.length, 5, 2]);
});
