/** A server in a process of its own, ours or ws's, that says what its connections cost. Run by idle-cost.test.ts. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import { CloseReason, OnClose, OnMessage, OnOpen, PathParam, ServerEndpoint, Session, serve } from '../../src/index.js';
import { type Census, census } from '../support/census.js';
import { held } from '../support/memory.js';

/** Bytes that JavaScript holds, and objects by class. */
export interface Stock {
  readonly held: number;
  /** Connections that are there. */
  readonly sockets: number;
  readonly census: Census;
}

@ServerEndpoint('/talk/{room}')
export class Talk {
  @OnOpen open(_session: Session, @PathParam('room') _room: string): void {}

  @OnMessage text(message: string): string {
    return message;
  }

  @OnClose close(_reason: CloseReason): void {}
}

async function ours(perMessageDeflate: boolean): Promise<number> {
  const container = await serve({ endpoints: [Talk], port: 0, host: '127.0.0.1', perMessageDeflate });
  return Number(new URL(container.url).port);
}

/** As most write it. */
async function theirs(): Promise<number> {
  const server = createServer();
  const sockets = new WebSocketServer({ server });
  sockets.on('connection', (socket) => {
    socket.on('message', (data) => socket.send(String(data)));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return (server.address() as AddressInfo).port;
}

process.on('message', async (counts: boolean) => {
  const bytes = await held();
  const sockets = process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;
  process.send?.({ held: bytes, sockets, census: counts ? await census() : {} } satisfies Stock);
});
const whose = process.argv[2];
process.send?.(await (whose === 'ws' ? theirs() : ours(whose === 'compressed')));
