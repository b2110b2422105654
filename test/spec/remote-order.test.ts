/** One order for all that a session sends, while encoders take their time. [REM-15, CLO-7, COD-2] */
import { describe, expect, it } from '@jest/globals';
import { Encoder, type RemoteEndpoint, type Writer } from 'margay';
import { watch } from '../support/deaf-peer.js';
import { eventually, gate, sleep } from '../support/eventually.js';
import { OPCODES } from '../support/frames.js';
import { liveSession, messages } from '../support/live-session.js';
import type { RawPeer } from '../support/raw-peer.js';

/** An object whose encoding ends when the test says so. */
class Slow {
  readonly gate = gate<string>();
}

let running = 0;
let most = 0;
class SlowText extends Encoder.Text(Slow) {
  async encode(slow: Slow): Promise<string> {
    most = Math.max(most, ++running);
    return slow.gate.promise.finally(() => running--);
  }
}
class SlowStream extends Encoder.TextStream(Slow) {
  async encode(slow: Slow, writer: Writer): Promise<void> {
    writer.write('stream:');
    await writer.flush();
    writer.write(await slow.gate.promise);
  }
}
class Quick {}
class QuickText extends Encoder.Text(Quick) {
  encode(): string {
    return 'quick';
  }
}

const encoders = [SlowText, QuickText];
const longer = () => sleep(30);

describe('behind an encoder at work', () => {
  it.each<[string, new () => Encoder, string[]]>([
    ['async', SlowText, ['done']],
    ['stream', SlowStream, ['stream:', 'done']],
  ])('[REM-15, D-05] whatever is sent waits, in the order of the calls: %s', async (_kind, encoder, own) => {
    const { client, basic, async } = await liveSession({}, { encoders: [encoder, QuickText], reply: (text) => `reply ${text}` });
    const slow = new Slow();
    const bytes = Buffer.from('bytes');
    const sent = [
      basic.sendText('before'),
      basic.sendObject(slow),
      basic.sendText('1'),
      async.sendBinary(bytes),
      basic.sendObject(new Quick()),
      async.sendObject(5),
      basic.sendText('a part', false),
      basic.sendText('and the last', true),
      basic.sendBinary(Buffer.alloc(20_000)),
    ].map(watch);
    bytes.fill(0); // ours again [REM-5]
    client.send({ opcode: OPCODES.text, payload: 'r' });
    const early = ['before', ...own.slice(0, -1)];
    await eventually(() => expect(messages(client)).toEqual(early));
    await longer();
    expect(messages(client)).toEqual(early);
    expect(sent.map(({ state }) => state)).toEqual(['sent', ...Array(8).fill('pending')]);
    slow.gate.open('done');
    const behind = ['1', 'bytes', 'quick', '5', 'a part', 'and the last', '20000 bytes', 'reply r'];
    await eventually(() => expect(messages(client)).toEqual(['before', ...own, ...behind]));
    await eventually(() => expect(sent.map(({ state }) => state)).toEqual(Array(9).fill('sent')));
  });

  it('[REM-15, REM-1] pings and pongs do not', async () => {
    const { client, basic, async } = await liveSession({}, { encoders });
    void basic.sendObject(new Slow());
    await basic.sendPing(Buffer.from('ping'));
    await async.sendPong(Buffer.from('pong'));
    await eventually(() => expect(messages(client)).toEqual(['ping', 'pong']));
  });

  it('[REM-15, COD-2] one encoder never has two calls at once, and its objects keep their order', async () => {
    [running, most] = [0, 0];
    const { client, basic, async } = await liveSession({}, { encoders });
    const slows = [new Slow(), new Slow(), new Slow()];
    for (const [i, slow] of slows.entries()) void [basic, async][i % 2]?.sendObject(slow);
    for (const i of [2, 1, 0]) slows[i]?.gate.open(String(i));
    await eventually(() => expect(messages(client)).toEqual(['0', '1', '2']));
    expect([running, most]).toEqual([0, 1]);
  });

  it('[REM-15] one that fails lets the others pass', async () => {
    const { client, basic } = await liveSession({}, { encoders });
    const [first, second] = [new Slow(), new Slow()];
    const failed = watch(basic.sendObject(first));
    void basic.sendObject(second);
    void basic.sendText('last');
    second.gate.open('second');
    first.gate.fail(new Error('mine'));
    await eventually(() => expect(messages(client)).toEqual(['second', 'last']));
    expect(failed.error).toMatchObject({ name: 'EncodeException' });
  });

  it('[REM-15, LIF-6] a reply that takes time holds the next message, and sends made meanwhile wait behind it', async () => {
    const slow = new Slow();
    const taken: string[] = [];
    const reply = (text: string) => {
      taken.push(text);
      return text === 'slow' ? slow : `reply ${text}`;
    };
    const { client, basic } = await liveSession({}, { encoders, reply });
    client.send({ opcode: OPCODES.text, payload: 'slow' }, { opcode: OPCODES.text, payload: 'next' });
    await eventually(() => expect(taken).toEqual(['slow']));
    void basic.sendText('meanwhile');
    await longer();
    expect([taken, messages(client)]).toEqual([['slow'], []]);
    slow.gate.open('slow reply');
    await eventually(() => expect(messages(client)).toEqual(['slow reply', 'meanwhile', 'reply next']));
  });

  it('[REM-15, REM-9] a writer may be opened and written meanwhile; its message takes its turn', async () => {
    const { client, basic } = await liveSession({}, { encoders });
    const slow = new Slow();
    void basic.sendObject(slow);
    const writer = basic.getSendWriter();
    writer.write('x'.repeat(20_000));
    const flushed = watch(writer.flush());
    writer.end('y');
    void basic.sendText('behind');
    await longer();
    expect([messages(client), flushed.state]).toEqual([[], 'pending']);
    slow.gate.open('object');
    await eventually(() => expect(messages(client)).toEqual(['object', '8192 bytes', '8192 bytes', '3616 bytes', 'y', 'behind']));
    expect(flushed.state).toBe('sent');
  });

  it('[REM-15, REM-2] batching takes its turn too', async () => {
    const { client, basic } = await liveSession({}, { encoders });
    const slow = new Slow();
    void basic.sendObject(slow);
    void basic.sendText('direct');
    void basic.setBatchingAllowed(true);
    void basic.sendText('held');
    expect(basic.getBatchingAllowed()).toBe(true);
    slow.gate.open('object');
    await eventually(() => expect(messages(client)).toEqual(['object', 'direct']));
    await longer();
    expect(messages(client)).toHaveLength(2);
    const second = new Slow();
    void basic.sendObject(second);
    const flushed = watch(basic.flushBatch());
    void basic.sendText('held on');
    second.gate.open('second');
    await eventually(() => expect(messages(client)).toEqual(['object', 'direct', 'held', 'second']));
    await longer();
    expect([messages(client).length, flushed.state]).toEqual([4, 'sent']);
    void basic.setBatchingAllowed(false);
    await eventually(() => expect(messages(client).at(-1)).toBe('held on'));
  });

  it('[REM-15, REM-8] the end of an encoder’s stream, or of one given up meanwhile, is not the end of a message in parts', async () => {
    const { client, basic } = await liveSession({}, { encoders: [SlowStream] });
    const slow = new Slow();
    const object = watch(basic.sendObject(slow));
    const writer = basic.getSendWriter();
    writer.end('given up');
    void basic.sendText('a part', false);
    const order = expect.objectContaining({ code: 'MARGAY_SEND_ORDER' });
    expect(() => basic.sendText('x')).toThrow(order);
    writer.destroy();
    expect(() => basic.sendText('x')).toThrow(order);
    slow.gate.open('done');
    await eventually(() => expect(object.state).toBe('sent'));
    expect(() => basic.sendText('x')).toThrow(order);
    void basic.sendText(' and the last', true);
    await eventually(() => expect(messages(client)).toEqual(['stream:', 'done', 'a part', ' and the last']));
  });

  it('[REM-15, REM-8] so does what an encoder sends itself, a message in parts too', async () => {
    const views: RemoteEndpoint.Basic[] = [];
    class Meddling extends Encoder.Text(Quick) {
      encode(): string {
        void views[0]?.sendText('of the', false);
        void views[0]?.sendText(' encoder', true);
        return 'object';
      }
    }
    class MeddlingLater extends Encoder.Text(Slow) {
      async encode(): Promise<string> {
        void views[0]?.sendText('and', false);
        await longer();
        return 'later';
      }
    }
    const { client, basic, async } = await liveSession({}, { encoders: [Meddling, MeddlingLater] });
    views.push(basic);
    void basic.sendObject(new Quick());
    void async.sendObject(new Slow());
    expect(() => basic.sendText('x')).toThrow(expect.objectContaining({ code: 'MARGAY_SEND_ORDER' }));
    void basic.sendText(' so on', true);
    await eventually(() => expect(messages(client)).toEqual(['object', 'of the', ' encoder', 'later', 'and', ' so on']));
  });

  it('[REM-15] with strict it is IllegalStateException, and a control frame is not', async () => {
    const { client, basic, async } = await liveSession({ strict: true }, { encoders });
    const slow = new Slow();
    const sent = watch(basic.sendObject(slow));
    const sends = [
      () => basic.sendText('x'),
      () => basic.sendBinary(Buffer.alloc(1), false),
      () => async.sendObject(new Quick()),
      () => basic.getSendWriter(),
      () => basic.getSendStream(),
    ];
    for (const send of sends) expect(send).toThrow(expect.objectContaining({ name: 'IllegalStateException', code: 'MARGAY_SEND_BUSY' }));
    await basic.sendPing(Buffer.from('ping'));
    slow.gate.open('object');
    await eventually(() => expect(sent.state).toBe('sent'));
    await basic.sendText('after');
    await eventually(() => expect(messages(client)).toEqual(['ping', 'object', 'after']));
  });

  it('[REM-17] without one a send makes no promise of its own, objects included', async () => {
    const { basic, async } = await liveSession({}, { encoders });
    const slow = new Slow();
    const object = basic.sendObject(slow);
    slow.gate.open('x');
    await object;
    const sent = [
      basic.sendText('a'),
      async.sendObject(new Quick()),
      basic.sendObject(5),
      async.flushBatch(),
      basic.setBatchingAllowed(true),
    ];
    expect(new Set(sent).size).toBe(1);
  });
});

describe('close()', () => {
  it('[CLO-7, REM-15] lets what was sent before go first: an encoder at work, and what waits behind it', async () => {
    const { client, session, basic, heard } = await liveSession({}, { encoders });
    const slow = new Slow();
    const sent = [basic.sendObject(slow), basic.sendText('behind')].map(watch);
    const closed = watch(session.close());
    await expect(basic.sendText('late')).rejects.toMatchObject({ code: 'MARGAY_SEND_CLOSED' });
    await eventually(() => expect(heard).toEqual([1000])); // onClose waits for no encoder
    expect(closed.state).toBe('pending');
    slow.gate.open('object');
    await client.closeFrame();
    expect(messages(client).slice(0, 2)).toEqual(['object', 'behind']);
    expect([...sent, closed].map(({ state }) => state)).toEqual(['sent', 'sent', 'sent']);
  });

  it.each<[string, new () => Encoder]>([
    ['async', SlowText],
    ['stream', SlowStream],
  ])(
    '[CLO-7, EXT-3, REM-14] but not for ever: what cannot leave within the close timeout fails with IOException: %s',
    async (_kind, encoder) => {
      const { client, session, basic } = await liveSession({ closeTimeout: 60 }, { encoders: [encoder] });
      const slow = new Slow();
      const sent = [basic.sendObject(slow), basic.sendText('behind')].map(watch);
      const closed = watch(session.close());
      await eventually(() => expect(sent.map(({ state }) => state)).toEqual(['failed', 'failed']));
      for (const { error } of sent) expect(error).toMatchObject({ name: 'IOException', code: 'MARGAY_SEND_FAILED' });
      expect(closed.state).toBe('sent');
      await client.ended();
      slow.gate.open('too late'); // and nothing comes of it
      await longer();
      expect(messages(client)).not.toContain('too late');
    },
  );

  it('[CLO-4, LIF-14] the answer to the peer’s close goes behind the reply of a handler before it', async () => {
    const slow = new Slow();
    const { client } = await liveSession({}, { encoders, reply: () => slow });
    client.send({ opcode: OPCODES.text, payload: 'x' }, { opcode: OPCODES.close, payload: Buffer.from([3, 232]) });
    await longer();
    expect(messages(client)).toEqual([]);
    slow.gate.open('reply');
    await client.closeFrame();
    expect(messages(client)[0]).toBe('reply');
  });

  it('[LIF-14, CLO-13] so does the end of our direction, when the peer has ended its own', async () => {
    const slow = new Slow();
    const { client, basic } = await liveSession({}, { encoders });
    const sent = watch(basic.sendObject(slow));
    client.end();
    await longer();
    slow.gate.open('last');
    await client.ended();
    expect([messages(client), sent.state]).toEqual([['last'], 'sent']);
  });

  it.each<[string, (client: RawPeer) => void, number]>([
    ['a frame that is illegal', (client) => client.send({ opcode: 3 }), 1002],
    ['text that is no UTF-8', (client) => client.send({ opcode: OPCODES.text, payload: Buffer.from([0xff]) }), 1007],
  ])('[CLO-11, CLO-15] %s: an encoder at work does not keep the code from the peer', async (_name, offend, code) => {
    const { client, basic } = await liveSession({}, { encoders });
    const sent = [basic.sendObject(new Slow()), basic.sendText('behind')].map(watch);
    offend(client);
    expect(await client.closeFrame()).toMatchObject({ code });
    expect(messages(client)).toHaveLength(1);
    for (const { error } of sent) expect(error).toMatchObject({ name: 'IOException', code: 'MARGAY_SEND_FAILED' });
  });

  it('[CLO-18, CLO-11] what was encoded in time leaves before it', async () => {
    const { client, basic } = await liveSession({ abnormalCloseSendTimeout: 5000 }, { encoders });
    const slow = new Slow();
    void basic.sendObject(slow);
    client.send({ opcode: 3 });
    await longer();
    slow.gate.open('object');
    expect(await client.closeFrame()).toMatchObject({ code: 1002 });
    expect(messages(client)[0]).toBe('object');
  });
});
