/** Messages written as streams. [REM-9, REM-6, D-02, EXT-8] */
import { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { describe, expect, it } from '@jest/globals';
import { OutputStream, Writer } from 'margay';
import { eventually, sleep } from '../support/eventually.js';
import { arrives, fragments, liveSession } from '../support/live-session.js';

/** Writes, and tells how that went. */
const writing = (stream: Writable, chunk: unknown) =>
  new Promise<Error | null | undefined>((resolve) => void stream.write(chunk as string, (error) => resolve(error)));

describe('writers and streams', () => {
  it('[REM-9, D-02] are node’s Writables, and of the JSR’s classes', async () => {
    const { basic } = await liveSession();
    const writer = basic.getSendWriter();
    expect([writer instanceof Writer, writer instanceof OutputStream, writer instanceof Writable]).toEqual([true, false, true]);
    writer.end();
    const stream = basic.getSendStream();
    expect([stream instanceof OutputStream, stream instanceof Writer, stream instanceof Writable]).toEqual([true, false, true]);
  });

  it('[REM-9] end() finishes the message, which is one frame up to 8192 bytes', async () => {
    const { client, basic } = await liveSession();
    const writer = basic.getSendWriter();
    writer.write('a');
    writer.write('é');
    writer.end('你');
    await finished(writer);
    const stream = basic.getSendStream();
    stream.write(Buffer.from('b'));
    stream.write(new Uint16Array([0x6463]));
    stream.end(new TextEncoder().encode('e').buffer);
    const full = basic.getSendStream();
    full.end(Buffer.alloc(8192));
    await finished(full);
    await arrives(client, [
      ['text', true, 'aé你'],
      ['binary', true, 'bcde'],
      ['binary', true, '8192 bytes'],
    ]);
  });

  it('[REM-9] no write, no message; a write of nothing makes one', async () => {
    const { client, basic } = await liveSession();
    for (const stream of [() => basic.getSendWriter(), () => basic.getSendStream()]) {
      const none = stream();
      none.end();
      await finished(none);
    }
    const empty = basic.getSendWriter();
    empty.write('');
    empty.end();
    basic.getSendStream().end(Buffer.alloc(0));
    await basic.sendText('next');
    await arrives(client, [
      ['text', true, ''],
      ['binary', true, ''],
      ['text', true, 'next'],
    ]);
  });

  it('[REM-9, EXT-8] what overflows the buffer of 8192 bytes leaves as a fragment', async () => {
    const { client, basic } = await liveSession();
    const stream = basic.getSendStream();
    stream.write(Buffer.alloc(8000));
    stream.write(Buffer.alloc(192));
    await sleep(30);
    expect(client.frames).toEqual([]);
    stream.write(Buffer.alloc(1));
    await arrives(client, [['binary', false, '8192 bytes']]);
    stream.end(Buffer.alloc(8192));
    await arrives(client, [
      ['binary', false, '8192 bytes'],
      ['continuation', false, '8192 bytes'],
      ['continuation', true, '\u0000'],
    ]);
  });

  it('[REM-9] flush sends what is buffered, and nothing if nothing is', async () => {
    const { client, basic } = await liveSession();
    for (const stream of [basic.getSendWriter()]) {
      expect(await stream.flush()).toBeUndefined();
      stream.write('a');
      await stream.flush();
      await stream.flush();
      await arrives(client, [['text', false, 'a']]);
      stream.write('');
      await stream.flush();
      stream.end();
    }
    await arrives(client, [
      ['text', false, 'a'],
      ['continuation', true, ''],
    ]);
    const unwritten = basic.getSendStream();
    await unwritten.flush();
    unwritten.end();
    await basic.sendText('next');
    await eventually(() => expect(client.frames).toHaveLength(3));
  });

  it.each(['writer', 'stream'] as const)(
    '[REM-9] after the end of a %s a write or a flush is IOException, which harms nothing',
    async (kind) => {
      const { client, basic, session } = await liveSession();
      const chunk = kind === 'writer' ? 'x' : Buffer.from('x');
      const stream: Writer | OutputStream = kind === 'writer' ? basic.getSendWriter() : basic.getSendStream();
      const events: unknown[] = [];
      stream.on('error', (error) => events.push(error));
      stream.end(chunk);
      const ended = { name: 'IOException', code: 'MARGAY_STREAM_ENDED', message: expect.stringContaining(session.getId()) };
      expect(await writing(stream, chunk)).toMatchObject(ended); // while it ends
      await eventually(() => expect(stream.closed).toBe(true));
      expect(await writing(stream, chunk)).toMatchObject(ended); // and when it has
      await expect(stream.flush()).rejects.toMatchObject(ended);
      stream.write(chunk as never); // nobody listens to this one
      stream.end();
      await eventually(() => expect(events).toHaveLength(3));
      for (const event of events) expect(event).toMatchObject(ended);
      await basic.sendText('next');
      await arrives(client, [
        [kind === 'writer' ? 'text' : 'binary', true, 'x'],
        ['text', true, 'next'],
      ]);
    },
  );

  it('[REM-9, LIF-11] no failure becomes an uncaughtException, listener or none', async () => {
    const { basic } = await liveSession();
    const caught: unknown[] = [];
    const onUncaught = (error: unknown) => caught.push(error);
    process.on('uncaughtException', onUncaught).on('unhandledRejection', onUncaught);
    const ended = basic.getSendWriter();
    ended.end('x');
    ended.write('late');
    void ended.flush();
    const broken = basic.getSendWriter();
    broken.write('\ud800x');
    broken.write('behind');
    broken.end();
    const destroyed = basic.getSendStream();
    destroyed.destroy(new Error('mine'));
    void destroyed.flush();
    destroyed.end(Buffer.alloc(1));
    await sleep(30);
    process.off('uncaughtException', onUncaught).off('unhandledRejection', onUncaught);
    expect(caught).toEqual([]);
  });

  it.each<[string, () => unknown]>([
    ['null', () => null],
    ['undefined', () => undefined],
    ['a number', () => 5],
    ['the other kind', () => Symbol('other')],
  ])('[REM-4] a chunk that is %s is thrown at the call', async (_name, make) => {
    const { client, basic } = await liveSession();
    const value = make();
    const wrong = expect.objectContaining({ name: 'IllegalArgumentException', code: 'MARGAY_ARGUMENT' });
    const writer = basic.getSendWriter();
    expect(() => writer.write((typeof value === 'symbol' ? Buffer.alloc(1) : value) as string)).toThrow(wrong);
    writer.end('fine');
    const stream = basic.getSendStream();
    expect(() => stream.write((typeof value === 'symbol' ? 'text' : value) as Buffer)).toThrow(wrong);
    stream.end();
    await arrives(client, [['text', true, 'fine']]);
  });
});

describe('text', () => {
  it('[REM-9, REM-6] a character is never split over fragments, and one split over writes is joined', async () => {
    const { client, basic } = await liveSession();
    const writer = basic.getSendWriter();
    const cat = '🐈';
    writer.write('x'.repeat(8190));
    writer.write(cat[0]);
    await writer.flush(); // half a character stays
    writer.write('');
    writer.write(cat[1]);
    writer.write('y'.repeat(8187) + cat);
    writer.end(cat.repeat(2000) + '你'.repeat(3000));
    await eventually(() => expect(client.frames.at(-1)?.fin).toBe(true));
    const decoder = new TextDecoder('utf-8', { fatal: true });
    const texts = client.frames.map(({ payload }) => decoder.decode(payload));
    expect(client.frames.every(({ payload }) => payload.length <= 8192)).toBe(true);
    expect(texts.join('') === 'x'.repeat(8190) + cat + 'y'.repeat(8187) + cat.repeat(2001) + '你'.repeat(3000)).toBe(true);
    expect(client.frames.map(({ payload }) => payload.length).slice(0, 3)).toEqual([8190, 8191, 8190]); // a cat is four bytes, and a half that is left over is carried on
  });

  it.each<[string, readonly string[]]>([
    ['in a write', ['a\ud800b']],
    ['between two writes', ['a\ud83d', 'b']],
    ['the second half alone', ['a', '\udc08']],
    ['at the end', ['a\ud83d']],
  ])(
    '[REM-9, REM-6] an unpaired surrogate %s fails the writer; nothing of its message was sent, and the session goes on',
    async (_name, chunks) => {
      const { client, basic, session } = await liveSession();
      await basic.sendText('before');
      const writer = basic.getSendWriter();
      const error = new Promise((resolve) => writer.once('error', resolve));
      for (const chunk of chunks) writer.write(chunk);
      writer.end();
      expect(await error).toMatchObject({ name: 'IllegalArgumentException', code: 'MARGAY_SURROGATE' });
      expect(await writing(writer, 'x')).toMatchObject({ code: 'MARGAY_SURROGATE' });
      await basic.sendText('after');
      await eventually(() => expect(client.texts).toEqual(['before', 'after']));
      expect(session.isOpen()).toBe(true);
    },
  );

  it('[REM-9] if a fragment had left already the message cannot be completed: 1011, behind what was sent', async () => {
    const { client, basic, heard } = await liveSession();
    await basic.sendText('before');
    const writer = basic.getSendWriter();
    writer.write('begun');
    await writer.flush();
    writer.write('\ud800x');
    expect(await client.closeFrame()).toMatchObject({ code: 1011 });
    expect(fragments(client).slice(0, 2)).toEqual([
      ['text', true, 'before'],
      ['text', false, 'begun'],
    ]);
    await eventually(() => expect(heard).toEqual([1006]));
  });
});
