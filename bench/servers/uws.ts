/** uWebSockets.js: a server in C++ with an event loop of its own. */
import { peerPackage } from '../peers.js';
import type { Role } from './protocol.js';

const INSTALL = "see its documentation for how to install it, since it is not in npm's registry";
const ROOM = 'room';

export async function uws(role: Role): Promise<number> {
  const { App, us_socket_local_port } = await peerPackage('uWebSockets.js', INSTALL);
  return new Promise((resolve, reject) => {
    const app = App();
    app.ws('/*', {
      open: (socket: any) => role === 'room' && socket.subscribe(ROOM),
      message: (socket: any, message: ArrayBuffer, isBinary: boolean) => {
        if (role === 'room') app.publish(ROOM, message, isBinary);
        else socket.send(message, isBinary);
      },
    });
    app.listen('127.0.0.1', 0, (listening: unknown) => {
      if (listening === false) reject(new Error('it does not listen'));
      else resolve(us_socket_local_port(listening));
    });
  });
}
