/** ws as its users write it: the control. */
import { type AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import type { Role } from './protocol.js';

export function ws(role: Role): Promise<number> {
  return new Promise((resolve) => {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: role === 'squeezed' });
    server.on('connection', (socket) => {
      socket.on('error', console.error);
      socket.on('message', (data, isBinary) => {
        if (role !== 'room') return socket.send(data.toString());
        for (const client of server.clients) if (client.readyState === WebSocket.OPEN) client.send(data, { binary: isBinary });
      });
    });
    server.on('listening', () => resolve((server.address() as AddressInfo).port));
  });
}
