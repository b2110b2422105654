/** A slow handler stops the sender, through TCP, and only as long as it must. [LIF-8, ANN-18] */
import { setTimeout as after } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { type Class, InputStream, OnMessage, OnOpen, PongMessage, Reader, resume, ServerEndpoint, Session, suspend } from 'margay';
import { eventually, gate } from '../support/eventually.js';
import { frame, OPCODES } from '../support/frames.js';
import { RawPeer } from '../support/raw-peer.js';
import { start } from '../support/start.js';

const { text, binary, continuation } = OPCODES;
const MiB = 2 ** 20;
/** More than the kernel takes for a server that does not read. */
const LARGE = 24 * MiB;
const CHUNK = Buffer.alloc(MiB / 4, 'x');
const NO_MASK = Buffer.alloc(4);

/** Writes until no room has come for a while, or all is written; how much that was. */
async function writeUntilStuck({ socket }: RawPeer, most: number): Promise<number> {
  let written = 0;
  while (written < most) {
    written += CHUNK.length;
    if (socket.write(CHUNK)) continue;
    const drained = new Promise((resolve) => socket.once('drain', () => resolve(true)));
    if (!(await Promise.race([drained, after(600, false)]))) return written;
  }
  return written;
}

interface Slow {
  readonly what: string;
  endpoint(hold: Promise<void>, tell: (size: number) => void): Class;
  /** The headers behind which the bytes are the payload. */
  readonly header: Buffer;
}

const SLOW: readonly Slow[] = [
  {
    what: 'a Reader that is not read',
    header: frame({ opcode: text, length: LARGE, mask: NO_MASK }),
    endpoint: (hold, tell) => {
      @ServerEndpoint('/slow')
      class SlowReader {
        @OnMessage async text(reader: Reader): Promise<void> {
          await hold;
          for await (const chunk of reader) tell(chunk.length);
        }
      }
      return SlowReader;
    },
  },
  {
    what: 'an InputStream of which one chunk was read',
    header: frame({ opcode: binary, length: LARGE, mask: NO_MASK }),
    endpoint: (hold, tell) => {
      @ServerEndpoint('/slow')
      class SlowStream {
        @OnMessage async binary(stream: InputStream): Promise<void> {
          for await (const chunk of stream) {
            await hold;
            tell(chunk.length);
          }
        }
      }
      return SlowStream;
    },
  },
  {
    what: 'a handler of parts that has not settled',
    header: frame({ opcode: binary, length: LARGE, mask: NO_MASK }),
    endpoint: (hold, tell) => {
      @ServerEndpoint('/slow')
      class SlowParts {
        @OnMessage async binary(part: Buffer, _last: boolean): Promise<void> {
          await hold;
          tell(part.length);
        }
      }
      return SlowParts;
    },
  },
  {
    what: 'a session that is suspended',
    header: frame({ opcode: text, length: LARGE, mask: NO_MASK }),
    endpoint: (hold, tell) => {
      @ServerEndpoint('/slow')
      class Suspended {
        @OnOpen open(session: Session): void {
          suspend(session);
          void hold.then(() => resume(session));
        }

        @OnMessage text(part: string, _last: boolean): void {
          tell(part.length);
        }
      }
      return Suspended;
    },
  },
];

describe.each(SLOW)('$what', ({ endpoint, header }) => {
  it('[LIF-8, SES-28, EXT-1] stops the sender, and all of the message comes once it goes on', async () => {
    const hold = gate();
    let received = 0;
    const server = await start(
      endpoint(hold.promise, (size) => {
        received += size;
      }),
    );
    const peer = await RawPeer.open(server, '/slow');
    peer.send(header);
    const written = await writeUntilStuck(peer, LARGE);
    expect(written).toBeLessThan(16 * MiB);
    expect(received).toBeLessThan(MiB);
    hold.open();
    expect((await writeUntilStuck(peer, LARGE - written)) + written).toBe(LARGE);
    await eventually(() => expect(received).toBe(LARGE));
  });
});

describe('what waits', () => {
  it('[LIF-8] behind a message that is being read does not keep its rest from being read, and is bounded', async () => {
    const trace: string[] = [];
    let pongs = 0;
    @ServerEndpoint('/pongs')
    class Pongs {
      @OnMessage async text(reader: Reader): Promise<string> {
        trace.push('begin');
        let size = 0;
        for await (const chunk of reader) size += chunk.length;
        return String(size);
      }

      @OnMessage pong(_pong: PongMessage): void {
        pongs++;
      }
    }
    const server = await start(Pongs, { backlog: { events: 10 } });
    const peer = await RawPeer.open(server, '/pongs');
    peer.send({ opcode: text, fin: false, payload: 'a' });
    await eventually(() => expect(trace).toEqual(['begin']));
    peer.send(...Array.from({ length: 500 }, () => ({ opcode: OPCODES.pong })));
    peer.send({ opcode: continuation, fin: false, payload: Buffer.alloc(300_000, 'b') }, { opcode: continuation, payload: 'c' });
    expect(await peer.received(1)).toEqual(['300002']);
    peer.send({ opcode: text, payload: 'next' });
    expect(await peer.received(2)).toEqual(['300002', '4']);
    expect(pongs).toBeGreaterThanOrEqual(10);
    expect(pongs).toBeLessThanOrEqual(20);
  });

  it('[LIF-8] together with a message that has begun does not keep its rest from being read once its turn has come', async () => {
    const hold = gate();
    const trace: string[] = [];
    @ServerEndpoint('/begun')
    class Begun {
      @OnMessage async binary(_bytes: Buffer): Promise<void> {
        trace.push('binary');
        await hold.promise;
      }

      @OnMessage async text(reader: Reader): Promise<void> {
        trace.push('text');
        let size = 0;
        for await (const chunk of reader) size += chunk.length;
        trace.push(String(size));
      }

      @OnMessage pong(_pong: PongMessage): void {
        trace.push('pong');
      }
    }
    const server = await start(Begun, { backlog: { events: 3 } });
    const peer = await RawPeer.open(server, '/begun');
    peer.send({ opcode: binary }, { opcode: text, fin: false, payload: 'a' }, { opcode: OPCODES.pong }, { opcode: OPCODES.pong });
    await eventually(() => expect(trace).toEqual(['binary']));
    peer.send({ opcode: continuation, payload: 'b' });
    hold.open();
    await eventually(() => expect(trace).toEqual(['binary', 'text', '2', 'pong', 'pong']));
  });

  it('[LIF-8] counts with its bytes, though they lie in streams', async () => {
    const hold = gate();
    const trace: number[] = [];
    @ServerEndpoint('/heavy')
    class Heavy {
      @OnMessage async binary(stream: InputStream): Promise<void> {
        trace.push(0);
        await hold.promise;
        for await (const chunk of stream) trace.push((trace.pop() ?? 0) + chunk.length);
      }
    }
    const server = await start(Heavy, { backlog: { bytes: 100_000 } });
    const peer = await RawPeer.open(server, '/heavy');
    const message = (size: number) => [
      { opcode: binary, fin: false, payload: Buffer.alloc(size / 2) },
      { opcode: continuation, payload: Buffer.alloc(size / 2) },
    ];
    peer.send(...message(40_000), ...message(40_000), { opcode: OPCODES.ping, payload: 'light' });
    expect(await peer.ponged(1)).toEqual(['light']);
    // The ping behind what is too much is not read before room has been made; the one before it is.
    peer.send(...message(60_000), ...message(60_000), { opcode: OPCODES.ping, payload: 'heavy' });
    await after(100);
    expect(peer.pongs).toEqual(['light']);
    hold.open();
    expect(await peer.ponged(2)).toEqual(['light', 'heavy']);
    await eventually(() => expect(trace).toEqual([40_000, 40_000, 60_000, 60_000]));
  });
});
