/** One server, named on the command line: /bench/{one} echoes, /room/{one} tells everybody. Tells its port to its parent. */
import { createHash } from 'node:crypto';
import { createServer, type Socket } from 'node:net';
import { OnMessage, PathParam, ServerEndpoint, Session, serve } from 'margay';
import { WebSocket, WebSocketServer } from 'ws';

@ServerEndpoint('/bench/{one}')
class Echo {
  @OnMessage
  text(message: string, _session: Session, @PathParam('one') _one: string): string {
    return message;
  }
}

@ServerEndpoint('/bench/{one}')
class AsyncEcho {
  @OnMessage
  async text(message: string): Promise<string> {
    return message;
  }
}

/** As every Java example writes it. */
@ServerEndpoint('/bench/{one}')
class Room {
  @OnMessage
  text(message: string, session: Session): void {
    for (const peer of session.getOpenSessions()) void peer.getBasicRemote().sendText(message);
  }
}

async function margay(endpoint: new () => object): Promise<number> {
  const container = await serve({ endpoints: [endpoint], port: 0, host: '127.0.0.1' });
  return Number(new URL(container.url).port);
}

/** ws as its users write it. */
function ws(isRoom: boolean): Promise<number> {
  return new Promise((resolve) => {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false });
    server.on('connection', (socket) => {
      socket.on('error', console.error);
      socket.on('message', (data, isBinary) => {
        if (!isRoom) return socket.send(data.toString());
        for (const client of server.clients) if (client.readyState === WebSocket.OPEN) client.send(data, { binary: isBinary });
      });
    });
    server.on('listening', () => resolve((server.address() as { port: number }).port));
  });
}

/** The least JavaScript that still answers: a ready-made frame for each 64-byte request, whatever it says; the ceiling on node. */
function net(isRoom: boolean): Promise<number> {
  const sockets = new Set<Socket>();
  const REQUEST = 70; // bytes of a masked frame of 64
  return new Promise((resolve) => {
    const server = createServer({ noDelay: true }, (socket) => {
      let opened = false;
      let loose = 0;
      let frame: Buffer = Buffer.alloc(0);
      socket.on('error', () => {});
      socket.on('close', () => sockets.delete(socket));
      socket.on('data', (chunk) => {
        if (!opened) {
          const key = /Sec-WebSocket-Key: (.*)\r\n/i.exec(chunk.toString('latin1'))?.[1] ?? '';
          const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
          socket.write(
            `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
          );
          opened = true;
          sockets.add(socket);
          return;
        }
        if (frame.length === 0) frame = answerTo(chunk);
        const whole = Math.floor((loose + chunk.length) / REQUEST);
        loose = loose + chunk.length - whole * REQUEST;
        if (whole === 0) return;
        const answers = whole === 1 ? frame : Buffer.concat(Array.from({ length: whole }, () => frame));
        if (isRoom) for (const each of sockets) each.write(answers);
        else socket.write(answers);
      });
    });
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
  });
}

function answerTo(request: Buffer): Buffer {
  const answer = Buffer.alloc(66);
  answer[0] = 0x81;
  answer[1] = 64;
  for (let i = 0; i < 64; i++) answer[i + 2] = (request[i + 6] as number) ^ (request[2 + (i % 4)] as number);
  return answer;
}

const SERVERS: Record<string, () => Promise<number>> = {
  ws: () => ws(false),
  'ws-room': () => ws(true),
  margay: () => margay(Echo),
  'margay-async': () => margay(AsyncEcho),
  'margay-room': () => margay(Room),
  net: () => net(false),
  'net-room': () => net(true),
};

process.send?.(await (SERVERS[process.argv[2] as string] as () => Promise<number>)());
process.on('disconnect', () => process.exit());
