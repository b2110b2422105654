/** Messages held back in a batch, and what lets them go. [REM-2, REM-3, REM-12, EXT-8] */
import { describe, expect, it } from '@jest/globals';
import { CloseReason, IllegalArgumentException, OnMessage, OnOpen, type RemoteEndpoint, ServerEndpoint, Session } from 'margay';
import { LARGE, watch, withDeafPeer } from '../support/deaf-peer.js';
import { eventually, sleep } from '../support/eventually.js';
import { OPCODES } from '../support/frames.js';
import { RawPeer } from '../support/raw-peer.js';
import { start } from '../support/start.js';

/** A session with batching on, whose peer reads. */
async function batching(options: Parameters<typeof start>[1] = {}) {
  let session: Session | undefined;
  @ServerEndpoint('/batch')
  class Batching {
    @OnOpen open(own: Session): void {
      session = own;
    }

    @OnMessage text(message: string): string {
      return `reply to ${message}`;
    }
  }
  const started = await start(Batching, options);
  const client = await RawPeer.open({ port: started.port }, '/batch');
  await eventually(() => expect(session).toBeDefined());
  const own = session as Session;
  const [basic, async] = [own.getBasicRemote(), own.getAsyncRemote()];
  await basic.setBatchingAllowed(true);
  return { ...started, client, session: own, basic, async };
}

/** Longer than a turn of the loop, in which what is not held back leaves. */
const longer = () => sleep(40);

describe('batching', () => {
  it('[REM-2] is off at first, and one state for both views', async () => {
    const { session } = await withDeafPeer();
    const views: RemoteEndpoint[] = [session.getBasicRemote(), session.getAsyncRemote()];
    const states = () => views.map((view) => view.getBatchingAllowed());
    expect(states()).toEqual([false, false]);
    for (const view of views) {
      expect(await view.setBatchingAllowed(true)).toBeUndefined();
      expect(states()).toEqual([true, true]);
      await view.setBatchingAllowed(false);
      expect(states()).toEqual([false, false]);
    }
  });

  it('[REM-2] a send has succeeded when it is in the batch, and nothing leaves; flushBatch writes all of it, in order', async () => {
    const { client, basic, async } = await batching();
    const sent = [
      basic.sendText('1'),
      async.sendText('2'),
      basic.sendText('3', false),
      basic.sendText('4', true),
      async.sendBinary(Buffer.from('5')),
    ];
    expect(new Set(sent).size).toBe(1); // the promise of sends that succeed at once
    await Promise.all(sent);
    await longer();
    expect(client.frames).toEqual([]);
    await basic.flushBatch();
    await eventually(() => expect(client.frames.map(({ payload }) => payload.toString())).toEqual(['1', '2', '3', '4', '5']));
    expect(client.frames.map(({ opcode, fin }) => [opcode, fin])).toEqual([
      [OPCODES.text, true],
      [OPCODES.text, true],
      [OPCODES.text, false],
      [OPCODES.continuation, true],
      [OPCODES.binary, true],
    ]);
  });

  it('[REM-2, REM-5] what the caller changes afterwards does not change the batch', async () => {
    const { client, basic, async } = await batching();
    const bytes = Buffer.from('abc');
    const array = new Uint8Array([0x67, 0x68]).buffer;
    void basic.sendBinary(bytes);
    void async.sendBinary(array);
    void basic.sendBinary(bytes.subarray(1), true);
    bytes.fill(0);
    new Uint8Array(array).fill(0);
    await async.flushBatch();
    await eventually(() => expect(client.frames.map(({ payload }) => payload.toString())).toEqual(['abc', 'gh', 'bc']));
  });

  it('[REM-2, EXT-8] beyond 8192 bytes the batch is written, and the next one begins empty', async () => {
    const { client, basic } = await batching();
    const message = 'é'.repeat(500); // 1000 bytes, and 4 of a header
    for (let i = 0; i < 8; i++) void basic.sendText(message);
    await longer();
    expect(client.frames).toHaveLength(0);
    void basic.sendText(message);
    await eventually(() => expect(client.frames).toHaveLength(9));
    void basic.sendText(message);
    await longer();
    expect(client.frames).toHaveLength(9);
  });

  it('[REM-2] messages without a byte fill it too', async () => {
    const { client, basic } = await batching();
    for (let i = 0; i < 4096; i++) void basic.sendText('');
    await longer();
    expect(client.frames).toHaveLength(0);
    void basic.sendText('');
    await eventually(() => expect(client.frames).toHaveLength(4097));
  });

  it('[REM-2, REM-7] a large message leaves at once, behind what was held, and settles as ever', async () => {
    const { session, client } = await withDeafPeer();
    const basic = session.getBasicRemote();
    await basic.setBatchingAllowed(true);
    await basic.sendText('held');
    const text = watch(basic.sendText('x'.repeat(LARGE)));
    const bytes = watch(basic.sendBinary(Buffer.alloc(20_000)));
    await longer();
    expect([text.state, bytes.state]).toEqual(['pending', 'pending']);
    client.read();
    await eventually(() => expect([text.state, bytes.state]).toEqual(['sent', 'sent']));
    await eventually(() => expect(client.frames.map(({ payload }) => payload.length)).toEqual([4, LARGE, 20_000]));
  });

  it('[REM-2] turning it off flushes first', async () => {
    const { client, basic, async } = await batching();
    void basic.sendText('held');
    void async.setBatchingAllowed(false);
    void async.sendText('direct');
    await eventually(() => expect(client.texts).toEqual(['held', 'direct']));
  });

  it('[REM-2] turning it on twice keeps what is held', async () => {
    const { client, basic, async } = await batching();
    void basic.sendText('1');
    await async.setBatchingAllowed(true);
    void basic.sendText('2');
    await async.flushBatch();
    await eventually(() => expect(client.texts).toEqual(['1', '2']));
  });

  it.each<['sendPing' | 'sendPong', number]>([
    ['sendPing', OPCODES.ping],
    ['sendPong', OPCODES.pong],
  ])('[REM-2, REM-1] %s takes the batch along', async (send, opcode) => {
    const { client, basic } = await batching();
    void basic.sendText('held');
    void basic[send](Buffer.alloc(1));
    await eventually(() => expect(client.frames.map((each) => each.opcode)).toEqual([OPCODES.text, opcode]));
  });

  it('[REM-2] the pongs that answer pings do not wait for it, and leave it where it is', async () => {
    const { client, basic } = await batching();
    void basic.sendText('held');
    client.send({ opcode: OPCODES.ping, payload: 'x' });
    await eventually(() => expect(client.frames.map(({ opcode }) => opcode)).toEqual([OPCODES.pong]));
  });

  it('[REM-2] what handlers return is held back too', async () => {
    const { client, basic } = await batching();
    client.send({ opcode: OPCODES.text, payload: 'a' }, { opcode: OPCODES.text, payload: 'b' });
    await longer();
    expect(client.frames).toEqual([]);
    await basic.flushBatch();
    await eventually(() => expect(client.texts).toEqual(['reply to a', 'reply to b']));
  });

  it('[REM-2] so are the fragments of a stream', async () => {
    const { client, basic } = await batching();
    const writer = basic.getSendWriter();
    writer.write('ab');
    await writer.flush();
    writer.end('c');
    await longer();
    expect(client.frames).toEqual([]);
    await basic.flushBatch();
    await eventually(() => expect(client.frames.map(({ payload, fin }) => [payload.toString(), fin])).toEqual([['ab', false], ['c', true]])); // biome-ignore format: one line
  });

  it('[REM-2, CLO-7] closing flushes first', async () => {
    const { client, session, basic } = await batching();
    void basic.sendText('held');
    await session.close();
    await client.closeFrame();
    expect(client.frames.map(({ opcode }) => opcode)).toEqual([OPCODES.text, OPCODES.close]);
  });

  it('[REM-2, CLO-4] so does the answer to the peer’s close', async () => {
    const { client, basic } = await batching();
    void basic.sendText('held');
    client.send({ opcode: OPCODES.close, payload: Buffer.from([3, 232]) });
    await client.closeFrame();
    expect(client.frames.map(({ opcode }) => opcode)).toEqual([OPCODES.text, OPCODES.close]);
  });

  it('[REM-2, CLO-14] so does the container when it stops', async () => {
    const { client, container, basic } = await batching();
    void basic.sendText('held');
    const closed = container.close();
    expect((await client.closeFrame())?.code).toBe(CloseReason.CloseCodes.GOING_AWAY.getCode());
    expect(client.texts).toEqual(['held']);
    client.end();
    await closed;
  });

  it('[REM-2, LIF-14] so does the end of the stream, when the peer leaves without a close frame', async () => {
    const { client, basic } = await batching();
    void basic.sendText('held');
    client.end();
    await client.ended();
    expect(client.texts).toEqual(['held']);
  });

  it('[REM-2, REM-3] after close: set is IllegalArgumentException, flush rejects with IOException, get answers', async () => {
    const { session, basic, async } = await batching();
    void session.close();
    for (const view of [basic, async]) {
      expect(() => view.setBatchingAllowed(false)).toThrow(IllegalArgumentException);
      await expect(view.flushBatch()).rejects.toMatchObject({ name: 'IOException', code: 'MARGAY_SEND_CLOSED' });
      expect(view.getBatchingAllowed()).toBe(true);
    }
  });

  it.each([null, undefined, 1, 'true'])('[REM-4] setBatchingAllowed(%j) is IllegalArgumentException', async (wrong) => {
    const { basic } = await batching();
    expect(() => basic.setBatchingAllowed(wrong as never)).toThrow(expect.objectContaining({ code: 'MARGAY_ARGUMENT' }));
    expect(basic.getBatchingAllowed()).toBe(true);
  });

  it('[REM-2, REM-15] with strict: what is in the batch is sent, and nothing overlaps', async () => {
    const { client, basic, async } = await batching({ strict: true });
    void basic.sendText('1');
    void async.sendText('2');
    await basic.flushBatch();
    await eventually(() => expect(client.texts).toEqual(['1', '2']));
  });

  it('[REM-12, REM-2] the send timeout holds for the flush, not for what is in the batch', async () => {
    const { session, trace } = await withDeafPeer();
    const async = session.getAsyncRemote();
    void session.getBasicRemote().sendText('x'.repeat(LARGE)); // nothing leaves any more
    async.setSendTimeout(60);
    await async.setBatchingAllowed(true);
    await async.sendText('held');
    await sleep(120);
    expect(session.isOpen()).toBe(true);
    const flushed = watch(async.flushBatch());
    await eventually(() => expect(flushed.error).toMatchObject({ name: 'SocketTimeoutException', code: 'MARGAY_SEND_TIMEOUT' }));
    await eventually(() => expect(trace).toEqual([1006]));
  });
});
