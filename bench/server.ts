/** One echo server, named on the command line; tells its port to its parent. */
import { OnMessage, ServerEndpoint, serve } from 'margay';
import { WebSocketServer } from 'ws';

@ServerEndpoint('/echo')
class Echo {
  @OnMessage
  text(message: string): string {
    return message;
  }
}

@ServerEndpoint('/echo')
class AsyncEcho {
  @OnMessage
  async text(message: string): Promise<string> {
    return message;
  }
}

/** ws as its users write it, with a handler that gets a string as ours does. */
function bareWs(): Promise<number> {
  return new Promise((resolve) => {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1', path: '/echo', perMessageDeflate: false, clientTracking: false });
    server.on('connection', (socket) => socket.on('message', (data) => socket.send(data.toString())));
    server.on('listening', () => resolve((server.address() as { port: number }).port));
  });
}

async function margay(endpoint: new () => object): Promise<number> {
  const container = await serve({ endpoints: [endpoint], port: 0, host: '127.0.0.1' });
  return Number(new URL(container.url).port);
}

const name = process.argv[2];
process.send?.(name === 'ws' ? await bareWs() : await margay(name === 'margay' ? Echo : AsyncEcho));
process.on('disconnect', () => process.exit());
