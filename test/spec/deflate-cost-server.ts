/** A server in a process of its own that says what its connections cost. Run by deflate-cost.test.ts, which asks when they are idle. */
import { type ContainerOptions, OnMessage, ServerEndpoint, serve } from '../../src/index.js';
import { census } from '../support/census.js';
import { held } from '../support/memory.js';

/** Bytes. */
export interface Cost {
  readonly rss: number;
  /** What JavaScript holds; zlib's own memory shows in `rss` alone. */
  readonly held: number;
}

@ServerEndpoint('/echo')
class Echo {
  @OnMessage
  text(message: string): string {
    return message;
  }
}

async function cost(): Promise<Cost> {
  await held();
  const { rss, heapUsed, external } = process.memoryUsage();
  return { rss, held: heapUsed + external };
}

/** How many of zlib's there are. */
async function streams(): Promise<number> {
  const { InflateRaw: inflaters = 0, DeflateRaw: deflaters = 0 } = await census();
  return inflaters + deflaters;
}

const perMessageDeflate = JSON.parse(process.argv[2] ?? 'false') as ContainerOptions['perMessageDeflate'];
const container = await serve({ endpoints: [Echo], port: 0, host: '127.0.0.1', perMessageDeflate, maxTextMessageBufferSize: 1e6 });
process.on('message', async (question) => process.send?.(await (question === 'cost' ? cost() : streams())));
process.send?.(Number(new URL(container.url).port));
