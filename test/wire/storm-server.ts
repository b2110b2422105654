/** A process of its own that echoes: run by byte-storm.test.ts. Prints a port, then a line for each that it reads. */
import { createInterface } from 'node:readline';
import { type ContainerOptions, OnError, OnMessage, ServerEndpoint, serve } from '../../src/index.js';

/** What node had to say. */
const warnings: string[] = [];
process.on('warning', ({ name, message }) => warnings.push(`${name}: ${message}`));

@ServerEndpoint('/echo')
class Echo {
  @OnMessage
  text(message: string): string {
    return message;
  }
  @OnMessage
  binary(message: Buffer): Buffer {
    return message;
  }
  @OnError
  error(_error: Error): void {}
}

const quiet = (): void => {};
const options: ContainerOptions = {
  perMessageDeflate: true,
  closeTimeout: 500,
  lingerTimeout: 500,
  logger: { debug: quiet, info: quiet, warn: quiet, error: quiet },
};
const container = await serve({ ...options, endpoints: [Echo], port: 0, host: '127.0.0.1' });
console.log(new URL(container.url).port);

for await (const _line of createInterface({ input: process.stdin })) {
  const sockets = process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap').length;
  console.log(JSON.stringify({ warnings, sockets }));
}
