/** A server in a process of its own that reads messages in every way and watches its memory. Run by flat-memory.test.ts; prints its port. */
import { setTimeout as after } from 'node:timers/promises';
import { InputStream, OnMessage, Reader, ServerEndpoint, serve } from '../../src/index.js';

/** ms without reading: longer than most of a message takes, compressed too, so that nothing but the pause keeps it out. */
const PAUSE = 1200;

/** Bytes of the process, and those that JavaScript holds: the process keeps what it once had, so one message more may not show there. */
const now = () => {
  const { rss, heapUsed, external } = process.memoryUsage();
  return { above: rss, held: heapUsed + external };
};

/** When the message began, and at most since. */
let before = now();
let most = before;
let looks = 0;

/** Now and then, and in the middle of everything. */
function look(): void {
  if (looks++ % 16 !== 0) return;
  // what V8 has only not thrown away yet does not count: the newer it is, the longer it waits
  if (process.memoryUsage().external > 24 * 2 ** 20) (globalThis as { gc?: () => void }).gc?.();
  const { above, held } = now();
  most = { above: Math.max(most.above, above), held: Math.max(most.held, held) };
}
setInterval(look, 5).unref();

function begin(): void {
  (globalThis as { gc?: () => void }).gc?.();
  before = now();
  most = before;
}

/** What is said at the end of a message. */
const report = (size: number): string => JSON.stringify({ size, above: most.above - before.above, held: most.held - before.held });

async function read(stream: AsyncIterable<string | Buffer>): Promise<string> {
  let size = 0;
  let hasPaused = false;
  begin();
  for await (const chunk of stream) {
    size += chunk.length;
    look();
    if (hasPaused) continue;
    hasPaused = true; // at the first chunk: later ones are as large as what waits
    await after(PAUSE);
  }
  return report(size);
}

@ServerEndpoint('/streams')
class Streams {
  @OnMessage text(reader: Reader): Promise<string> {
    return read(reader);
  }

  @OnMessage binary(stream: InputStream): Promise<string> {
    return read(stream);
  }
}

@ServerEndpoint('/parts')
class Parts {
  #size = 0;
  #count = 0;

  @OnMessage text(part: string, last: boolean): Promise<void> | string | undefined {
    return this.#take(part.length, last);
  }

  @OnMessage binary(part: Buffer, last: boolean): Promise<void> | string | undefined {
    return this.#take(part.length, last);
  }

  #take(size: number, last: boolean): Promise<void> | string | undefined {
    if (this.#size === 0) begin();
    this.#size += size;
    look();
    if (last) return report(this.#size);
    return ++this.#count === 20 ? after(PAUSE) : undefined;
  }
}

const container = await serve({ endpoints: [Streams, Parts], port: 0, host: '127.0.0.1', perMessageDeflate: true });
console.log(new URL(container.url).port);
