/** Streams that are given up, cut off, slowed down and compressed. [REM-9] */
import { Readable, type Writable } from 'node:stream';
import { finished, pipeline } from 'node:stream/promises';
import { describe, expect, it } from '@jest/globals';
import { OnOpen, ServerEndpoint, Session, Writer } from 'margay';
import { watch } from '../support/deaf-peer.js';
import { eventually, sleep } from '../support/eventually.js';
import { arrives, fragments, liveSession } from '../support/live-session.js';
import { start } from '../support/start.js';

/** Writes, and tells how that went. */
const writing = (stream: Writable, chunk: unknown) =>
  new Promise<Error | null | undefined>((resolve) => void stream.write(chunk as string, (error) => resolve(error)));

describe('giving up', () => {
  it('[REM-9] a stream destroyed before anything of it left leaves no trace', async () => {
    const { client, basic } = await liveSession();
    const stream = basic.getSendStream();
    stream.write(Buffer.from('never'));
    stream.destroy();
    await basic.sendText('next');
    await arrives(client, [['text', true, 'next']]);
    await expect(stream.flush()).rejects.toMatchObject({ code: 'MARGAY_STREAM_ENDED' });
  });

  it('[REM-9] a source that fails half-way ends the session with 1011', async () => {
    const { client, basic, heard } = await liveSession();
    const source = Readable.from(
      (function* () {
        yield Buffer.alloc(10_000);
        throw new Error('the disk is gone');
      })(),
    );
    await expect(pipeline(source, basic.getSendStream())).rejects.toThrow('the disk is gone');
    expect(await client.closeFrame()).toMatchObject({ code: 1011 });
    await eventually(() => expect(heard).toEqual([1006]));
  });

  it('[REM-9, CLO-7] a close cuts off a stream that is not ended; its writes fail with IOException', async () => {
    const { client, session, basic } = await liveSession();
    const writer = basic.getSendWriter();
    writer.write('begun');
    await writer.flush();
    writer.write('never');
    const error = new Promise((resolve) => writer.once('error', resolve));
    void session.close();
    const closed = { name: 'IOException', code: 'MARGAY_SEND_CLOSED', message: expect.stringContaining(session.getId()) };
    expect(await error).toMatchObject(closed);
    expect(await writing(writer, 'x')).toMatchObject(closed);
    await expect(writer.flush()).rejects.toMatchObject(closed);
    await client.closeFrame();
    expect(fragments(client).slice(0, -1)).toEqual([['text', false, 'begun']]);
  });

  it('[REM-9, REM-3] one that is asked for after the close has failed already', async () => {
    const { client, session, basic, heard } = await liveSession();
    void session.close();
    for (const stream of [basic.getSendWriter(), basic.getSendStream()]) {
      expect(await writing(stream, stream instanceof Writer ? 'x' : Buffer.alloc(1))).toMatchObject({ code: 'MARGAY_SEND_CLOSED' });
      await expect(stream.flush()).rejects.toMatchObject({ code: 'MARGAY_SEND_CLOSED' });
    }
    await client.closeFrame();
    await eventually(() => expect(heard).toEqual([1000]));
  });

  it('[REM-9, REM-14] a connection that is lost destroys a stream at rest', async () => {
    const { client, basic } = await liveSession();
    const writer = basic.getSendWriter();
    writer.write('begun');
    await writer.flush();
    const error = new Promise((resolve) => writer.once('error', resolve));
    client.reset();
    expect(await error).toMatchObject({ name: 'IOException', code: 'MARGAY_SEND_FAILED' });
  });

  it.each(['open', 'ended'])('[REM-9, REM-14] a connection that is lost fails a stream that is %s', async (state) => {
    const { client, basic } = await liveSession();
    client.stopReading();
    const stream = basic.getSendStream();
    stream.write(Buffer.alloc(32 * 2 ** 20));
    if (state === 'ended') stream.end();
    const done = watch(finished(stream));
    await sleep(50);
    expect(done.state).toBe('pending');
    client.reset();
    await eventually(() => expect(done.error).toMatchObject({ name: 'IOException', code: 'MARGAY_SEND_FAILED' }));
  });
});

describe('a slow peer', () => {
  it('[REM-9, REM-7] slows the writer down: memory holds the mark and a buffer, not the message', async () => {
    const { client, basic } = await liveSession();
    client.stopReading();
    const stream = basic.getSendStream();
    let taken = 0;
    const source = new Readable({
      read() {
        taken++;
        this.push(taken > 4096 ? null : Buffer.alloc(16_384));
      },
    });
    const piped = watch(pipeline(source, stream));
    await sleep(150);
    const before = taken;
    expect(before).toBeLessThan(2048); // what the kernel took, 64 KiB and a few
    client.read();
    await eventually(() => expect(piped.state).toBe('sent'));
    await eventually(() => expect(client.bytes.length).toBeGreaterThan(4096 * 16_384));
    expect(client.frames.filter(({ fin }) => fin)).toHaveLength(1);
  });

  it('[REM-9, REM-15] what is sent after end() waits behind the stream, however slow', async () => {
    const { client, basic, session } = await liveSession();
    client.stopReading();
    const stream = basic.getSendStream();
    stream.write(Buffer.alloc(16 * 2 ** 20)); // more than the kernel takes
    stream.end();
    const behind = [basic.sendText('behind'), session.getAsyncRemote().sendBinary(Buffer.from('too'))].map(watch);
    const second = basic.getSendWriter();
    second.end('second');
    await sleep(60);
    expect(behind.map(({ state }) => state)).toEqual(['pending', 'pending']);
    client.read();
    await eventually(() => expect(behind.map(({ state }) => state)).toEqual(['sent', 'sent']));
    await finished(second);
    await eventually(() => expect(fragments(client).slice(-3)).toEqual([['text', true, 'behind'], ['binary', true, 'too'], ['text', true, 'second']])); // biome-ignore format: one line
  });

  it('[REM-9, CLO-7] an ended stream leaves before the close frame', async () => {
    const { client, basic, session } = await liveSession();
    client.stopReading();
    basic.getSendStream().end(Buffer.alloc(4 * 2 ** 20));
    const behind = watch(basic.sendText('behind'));
    void session.close();
    await sleep(30);
    client.read();
    await client.closeFrame();
    expect(behind.state).toBe('sent');
    expect(fragments(client).slice(-2).map(([opcode]) => opcode)).toEqual(['text', 'close']); // biome-ignore format: one line
  });
});

describe('with permessage-deflate', () => {
  it.each([true, { serverNoContextTakeover: false }])(
    '[REM-9, EXT-14] a stream may use its buffer again at once: %j',
    async (perMessageDeflate) => {
      const { dial, session } = await withCompression(perMessageDeflate);
      const peer = await dial('/deflated', { perMessageDeflate: true });
      const stream = (await session()).getBasicRemote().getSendStream();
      const parts = Array.from({ length: 12 }, (_, i) => Buffer.alloc(8192, i));
      for (const part of parts) stream.write(part);
      stream.end();
      expect((await peer.next()) as Buffer).toHaveLength(12 * 8192);
      expect(Buffer.concat(parts).equals(peer.received[0] as Buffer)).toBe(true);
    },
  );
});

async function withCompression(perMessageDeflate: boolean | object) {
  let own: Session | undefined;
  @ServerEndpoint('/deflated')
  class Deflated {
    @OnOpen open(session: Session): void {
      own = session;
    }
  }
  const started = await start(Deflated, { perMessageDeflate });
  const session = () =>
    eventually(() => {
      expect(own).toBeDefined();
      return own as Session;
    });
  return { ...started, session };
}
