/** A server in a process of its own that says what its connections cost. Run by deflate-cost.test.ts, which asks when they are idle. */
import { createHook } from 'node:async_hooks';
import { type ContainerOptions, OnMessage, ServerEndpoint, serve } from '../../src/index.js';
import { held } from '../support/memory.js';

/** Bytes. */
export interface Cost {
  readonly rss: number;
  /** What JavaScript holds; zlib's own memory shows in `rss` alone. */
  readonly held: number;
  /** How many of zlib's streams there are. */
  readonly streams: number;
}

const streams = new Set<number>();
createHook({
  init: (id, type) => void (type === 'ZLIB' && streams.add(id)),
  destroy: (id) => void streams.delete(id),
}).enable();

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
  return { rss, held: heapUsed + external, streams: streams.size };
}

const perMessageDeflate = JSON.parse(process.argv[2] ?? 'false') as ContainerOptions['perMessageDeflate'];
const container = await serve({ endpoints: [Echo], port: 0, host: '127.0.0.1', perMessageDeflate, maxTextMessageBufferSize: 1e6 });
process.on('message', async () => process.send?.(await cost()));
process.send?.(Number(new URL(container.url).port));
