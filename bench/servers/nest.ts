/** A gateway of Nest with its ws adapter, as Nest's documentation has it; decorators are called, since its packages may not be there. */
import type { AddressInfo } from 'node:net';
import { peerPackage } from '../peers.js';
import type { Role } from './protocol.js';

const INSTALL = 'npm install --no-save @nestjs/common @nestjs/core @nestjs/platform-express @nestjs/websockets @nestjs/platform-ws';
const EVENT = 'text';

export async function nest(role: Role): Promise<number> {
  const { SubscribeMessage, WebSocketGateway, WebSocketServer } = await peerPackage('@nestjs/websockets', INSTALL);
  const { WsAdapter } = await peerPackage('@nestjs/platform-ws', INSTALL);
  const { NestFactory } = await peerPackage('@nestjs/core', INSTALL);
  await peerPackage('@nestjs/platform-express', INSTALL); // which Nest loads by itself, or ends the process
  const { Module } = await peerPackage('@nestjs/common', INSTALL);

  class Gateway {
    server: any;

    text(_client: unknown, data: string): { event: string; data: string } | undefined {
      if (role !== 'room') return { event: EVENT, data };
      const news = JSON.stringify({ event: EVENT, data });
      for (const client of this.server.clients) if (client.readyState === 1) client.send(news);
      return undefined;
    }
  }
  WebSocketServer()(Gateway.prototype, 'server');
  const method = Object.getOwnPropertyDescriptor(Gateway.prototype, 'text');
  SubscribeMessage(EVENT)(Gateway.prototype, 'text', method);
  WebSocketGateway({ path: '/bench/one' })(Gateway);

  class Application {}
  Module({ providers: [Gateway] })(Application);
  const application = await NestFactory.create(Application, { logger: false });
  application.useWebSocketAdapter(new WsAdapter(application));
  await application.listen(0, '127.0.0.1');
  return (application.getHttpServer().address() as AddressInfo).port;
}
