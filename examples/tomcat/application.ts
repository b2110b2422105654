/** The web application `/examples` as Tomcat has it: its classes are scanned, and one of them says which are deployed. */
import type { Application } from '../application.js';
import * as chat from '../chat/chat.js';
import * as drawboard from '../drawboard/drawboard.js';
import { EchoAnnotation } from '../echo/echo.js';
import * as config from './examples-config.js';

export const tomcat: Application = {
  contextPath: '/examples',
  scan: [config, chat, drawboard, { EchoAnnotation }],
  pages: {
    '/websocket/echoAnnotation': '/echo/page.html#echoAnnotation',
    '/websocket/chat': '/chat/page.html',
    '/websocket/drawboard': '/drawboard/page.html',
  },
};
