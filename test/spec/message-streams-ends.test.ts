/** Messages that are read while they arrive, and never arrive completely. [D-02, ANN-18, LIF-11] */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import {
  CloseReason,
  Decoder,
  EOFException,
  InputStream,
  OnClose,
  OnError,
  OnMessage,
  OnOpen,
  Reader,
  ServerEndpoint,
  Session,
} from 'margay';
import { eventually, gate } from '../support/eventually.js';
import { OPCODES } from '../support/frames.js';
import { RawPeer } from '../support/raw-peer.js';
import { type Started, start } from '../support/start.js';

const { text, binary, continuation } = OPCODES;

interface Cut {
  readonly by: string;
  run(on: { peer: RawPeer; session: Session; server: Started }): unknown;
  /** What @OnError hears besides the EOFException, and what @OnClose is told. */
  readonly error?: string;
  readonly code: number;
}

const CUTS: readonly Cut[] = [
  { by: "the peer's close frame", run: ({ peer }) => peer.close(4001, 'bye'), code: 4001 },
  { by: 'the end of the stream', run: ({ peer }) => peer.end(), code: 1006 },
  { by: 'a reset', run: ({ peer }) => peer.reset(), error: 'MARGAY_CONNECTION_LOST', code: 1006 },
  { by: 'another message in its middle', run: ({ peer }) => peer.text('another'), error: 'MARGAY_PROTOCOL', code: 1002 },
  {
    by: 'what is no UTF-8',
    run: ({ peer }) => peer.send({ opcode: continuation, payload: Buffer.from([0xff]) }),
    error: 'MARGAY_UTF8',
    code: 1007,
  },
  { by: 'our own close', run: ({ session }) => void session.close(), code: 1000 },
  { by: 'container.close()', run: ({ server }) => void server.container.close(), code: 1001 },
];

/** A session that writes down what happens, and reads as it is told. */
async function reading(read: (stream: Reader | InputStream) => unknown) {
  const trace: unknown[] = [];
  let own: Session | undefined;
  @ServerEndpoint('/cut')
  class CutOff {
    @OnOpen open(session: Session): void {
      own = session;
    }

    @OnMessage text(reader: Reader): unknown {
      trace.push('begin');
      return read(reader);
    }

    @OnMessage binary(stream: InputStream): unknown {
      trace.push('begin');
      return read(stream);
    }

    @OnError error(error: Error): void {
      trace.push((error as Error & { code?: string }).code ?? error.message);
    }

    @OnClose close(reason: CloseReason): void {
      trace.push(reason.getCloseCode().getCode());
    }
  }
  const server = await start(CutOff);
  const peer = await RawPeer.open(server, '/cut');
  const session = await eventually(() => own ?? Promise.reject(new Error('not open')));
  return { server, peer, session, trace };
}

describe.each(CUTS)('a message cut off by $by', ({ run, error, code }) => {
  const others = error === undefined ? [] : [error];

  it('[D-02, LIF-14] fails the read that waits with EOFException MARGAY_EOF; unhandled it goes to onError, before @OnClose', async () => {
    const failures: unknown[] = [];
    const on = await reading(async (stream) => {
      try {
        for await (const chunk of stream as AsyncIterable<string | Buffer>) on.trace.push(String(chunk));
      } catch (failure) {
        failures.push(failure);
        throw failure;
      }
    });
    on.peer.send({ opcode: text, fin: false, payload: 'half' });
    await eventually(() => expect(on.trace).toEqual(['begin', 'half']));
    run(on);
    await eventually(() => expect(on.trace.at(-1)).toBe(code));
    expect(on.trace.slice(2).sort()).toEqual([code, 'MARGAY_EOF', ...others].sort());
    expect(failures).toEqual([expect.any(EOFException)]);
    expect((failures[0] as Error).message).toMatch(/^the message was cut off: /);
  });

  it('[ANN-18, LIF-11] is no error for a handler that does not read', async () => {
    const hold = gate();
    const on = await reading(() => hold.promise);
    on.peer.send({ opcode: text, fin: false, payload: 'half' });
    await eventually(() => expect(on.trace).toEqual(['begin']));
    run(on);
    await eventually(() => expect(on.session.isOpen()).toBe(code === 4001 || (code === 1006 && error === undefined)));
    hold.open();
    await eventually(() => expect(on.trace).toEqual(['begin', ...others, code]));
  });
});

it('[LIF-14, ANN-18] a message that is complete is read to its end, whoever closes meanwhile', async () => {
  for (const close of [
    (peer: RawPeer) => peer.close(4001),
    (peer: RawPeer) => peer.end(),
    (_peer: RawPeer, session: Session) => void session.close(),
  ]) {
    const hold = gate();
    const on = await reading(async (stream) => {
      await hold.promise;
      let size = 0;
      for await (const chunk of stream as AsyncIterable<Buffer>) size += chunk.length;
      on.trace.push(size);
    });
    on.peer.send({ opcode: binary, payload: Buffer.alloc(300_000) });
    await eventually(() => expect(on.trace).toEqual(['begin']));
    on.peer.ping();
    const whole = on.peer.ponged(); // waits until the rest is asked for
    hold.open();
    await whole;
    close(on.peer, on.session);
    await eventually(() => expect(on.trace).toEqual(['begin', 300_000, expect.any(Number)]));
  }
});

it('[LIF-14] a message cut off before its handler was called fails when it is read', async () => {
  const hold = gate();
  let calls = 0;
  const on = await reading(async (stream) => {
    if (++calls === 1) return hold.promise;
    for await (const chunk of stream as AsyncIterable<string>) on.trace.push(chunk);
  });
  on.peer.send({ opcode: text, payload: 'first' }, { opcode: text, fin: false, payload: 'second' });
  on.peer.close(4001);
  await eventually(() => expect(on.trace).toEqual(['begin']));
  hold.open();
  await eventually(() => expect(on.trace).toEqual(['begin', 'begin', 'MARGAY_EOF', 4001]));
});

it('[ANN-15, REL-8] an explicit maxMessageSize holds for what a stream decoder reads, and for no Reader', async () => {
  class Lines {
    lines: string[] = [];
  }
  const failures: unknown[] = [];
  class LinesDecoder extends Decoder.TextStream(Lines) {
    async decode(reader: Reader): Promise<Lines> {
      const lines = new Lines();
      try {
        for await (const chunk of reader) lines.lines.push(...chunk.split('\n'));
      } catch (failure) {
        failures.push(failure);
        throw failure;
      }
      return lines;
    }
  }
  @ServerEndpoint({ value: '/lines', decoders: [LinesDecoder] })
  class Counting {
    @OnMessage({ maxMessageSize: 6 }) text({ lines }: Lines): string {
      return String(lines.length);
    }

    @OnError error(error: Error): void {
      failures.push((error as Error & { code?: string }).code);
    }
  }
  @ServerEndpoint('/free')
  class Free {
    @OnMessage({ maxMessageSize: 6 }) async text(reader: Reader): Promise<string> {
      let size = 0;
      for await (const chunk of reader) size += chunk.length;
      return String(size);
    }
  }
  const server = await start([Counting, Free]);
  const peer = await RawPeer.open(server, '/lines');
  peer.text('a\nb\nc\n');
  expect(await peer.received(1)).toEqual(['4']);
  peer.send({ opcode: text, fin: false, payload: 'a\nb' }, { opcode: continuation, payload: '\nc\nd' });
  expect((await peer.closeFrame())?.code).toBe(1009);
  await eventually(() => expect(failures).toEqual([expect.any(EOFException), 'MARGAY_DECODE', 'MARGAY_TOO_BIG']));
  const free = await RawPeer.open(server, '/free');
  free.text('seven..');
  expect(await free.received(1)).toEqual(['7']);
});

it('[LIF-11, D-02] no stream that is cut off, and no handler that reads it in whichever way, raises anything in the process', async () => {
  const script = fileURLToPath(new URL('./hostile-streams.js', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [script], { timeout: 14_000 });
  expect(JSON.parse(stdout)).toEqual({ escaped: [], closed: expect.any(Number), expected: expect.any(Number) });
  const { closed, expected } = JSON.parse(stdout) as { closed: number; expected: number };
  expect(closed).toBe(expected);
  expect(expected).toBeGreaterThan(30);
});

describe('an endpoint without @OnError', () => {
  class Whole {}
  class Slow extends Decoder.TextStream(Whole) {
    async decode(reader: Reader): Promise<Whole> {
      for await (const _piece of reader);
      return new Whole();
    }
  }

  @ServerEndpoint({ value: '/quiet', decoders: [Slow] })
  class Quiet {
    @OnMessage text(_whole: Whole): void {}

    @OnMessage async binary(stream: InputStream): Promise<void> {
      for await (const piece of stream) if (piece[0] === 0x21) throw new EOFException('its own');
    }
  }

  it.each([
    ['a decoder', text],
    ['a handler', binary],
  ])('[D-20, LIF-10] a peer that leaves in the middle of a message that %s reads is no error line', async (_what, opcode) => {
    const server = await start(Quiet);
    const peer = await RawPeer.open(server, '/quiet');
    peer.send({ opcode, fin: false, payload: 'half' });
    peer.close(1001);
    await eventually(() => expect(server.log.map(({ code, level }) => [code, level])).toContainEqual(['MARGAY_UNHANDLED_ERROR', 'debug']));
    expect(server.log.filter(({ level }) => level === 'error')).toEqual([]);
  });

  it('[LIF-10] an EOFException of the application is one', async () => {
    const server = await start(Quiet);
    const peer = await RawPeer.open(server, '/quiet');
    peer.send({ opcode: binary, payload: '!' });
    await eventually(() => expect(server.log.filter(({ level }) => level === 'error')).toHaveLength(1));
  });
});
