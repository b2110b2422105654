/** Socket.IO over its WebSocket transport. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { peerPackage } from '../peers.js';
import type { Role } from './protocol.js';

const EVENT = 'text';

export async function socketIo(role: Role): Promise<number> {
  const { Server } = await peerPackage('socket.io');
  const http = createServer();
  const io = new Server(http, { transports: ['websocket'] });
  io.on('connection', (socket: any) => {
    socket.on(EVENT, (data: string) => {
      if (role === 'room') io.emit(EVENT, data);
      else socket.emit(EVENT, data);
    });
  });
  return new Promise((resolve) => {
    http.listen(0, '127.0.0.1', () => resolve((http.address() as AddressInfo).port));
  });
}
