/** The web.xml of what is older than JSR-356: which servlet answers where, and with what parameters. [TC7-9] */
import type { ContainerOptions } from 'margay';
import { ChatWebSocketServlet } from './chat.js';
import { EchoMessage } from './echo-message.js';
import { EchoStream } from './echo-stream.js';
import { SnakeWebSocketServlet } from './snake-web-socket-servlet.js';

export const servlets: NonNullable<ContainerOptions['servlets']> = [
  { urlPattern: '/websocket/tc7/chat', servlet: ChatWebSocketServlet },
  {
    urlPattern: '/websocket/tc7/echoMessage',
    servlet: EchoMessage,
    initParams: { byteBufferMaxSize: '2097152', charBufferMaxSize: '2097152' },
  },
  { urlPattern: '/websocket/tc7/echoStream', servlet: EchoStream },
  { urlPattern: '/websocket/tc7/snake', servlet: SnakeWebSocketServlet },
];
