/** Four ways to hear what is new, side by side: three over HTTP, one over a WebSocket, and a WebSocket that tells of them. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Application } from '../application.js';
import { pathOf } from '../http.js';
import { Asked } from './asked.js';
import { Lab } from './lab.js';
import { longPoll } from './long-polling.js';
import { poll } from './polling.js';
import { MessageSocket } from './socket.js';
import { stream } from './streaming.js';
import type { Transport } from './transport.js';
import { SOCKET_PATH, Upgrade } from './upgrade.js';

const CONTEXT_PATH = '/transports';
const PAGE = '/transports/page.html';

const ROUTES = new Map<string, readonly [Transport, (asked: Asked) => void]>([
  [`${CONTEXT_PATH}/poll`, ['polling', poll]],
  [`${CONTEXT_PATH}/long-poll`, ['long-polling', longPoll]],
  [`${CONTEXT_PATH}/events`, ['streaming', stream]],
]);

export const transports: Application = {
  contextPath: CONTEXT_PATH,
  endpoints: [Lab, MessageSocket],
  pages: { '/lab': PAGE, [SOCKET_PATH]: PAGE },
  options: {
    httpSession: (request) => new Upgrade(request),
    perMessageDeflate: false, // the answers over HTTP are not compressed either
  },
  answer(request: IncomingMessage, response: ServerResponse): boolean {
    const route = ROUTES.get(pathOf(request));
    if (route === undefined) return false;
    const asked = Asked.of(route[0], request, response);
    if (asked !== null) route[1](asked);
    return true;
  },
};
