/** The web application `/examples` as Tomcat has it: its classes are scanned, and one of them says which are deployed. */
import type { Application } from '../application.js';
import * as chat from '../chat/chat.js';
import * as drawboard from '../drawboard/drawboard.js';
import * as echoAnnotation from '../echo/echo-annotation.js';
import * as echoAsync from '../echo/echo-async-annotation.js';
import * as echoProgrammatic from '../echo/echo-programmatic.js';
import * as echoStream from '../echo/echo-stream-annotation.js';
import * as snake from '../snake/snake-annotation.js';
import { servlets } from '../tc7/servlets.js';
import * as config from './examples-config.js';

export const tomcat: Application = {
  contextPath: '/examples',
  scan: [config, chat, drawboard, echoAnnotation, echoAsync, echoProgrammatic, echoStream, snake],
  options: { servlets },
  pages: {
    '/websocket/chat': '/chat/page.html',
    '/websocket/drawboard': '/drawboard/page.html',
    '/websocket/echoAnnotation': '/echo/page.html#echoAnnotation',
    '/websocket/echoAsyncAnnotation': '/echo/page.html#echoAsyncAnnotation',
    '/websocket/echoProgrammatic': '/echo/page.html#echoProgrammatic',
    '/websocket/echoStreamAnnotation': '/echo/page.html#echoStreamAnnotation',
    '/websocket/snake': '/snake/page.html',
    '/websocket/tc7/chat': '/chat/page.html#tc7',
    '/websocket/tc7/echoMessage': '/echo/page.html#tc7/echoMessage',
    '/websocket/tc7/echoStream': '/echo/page.html#tc7/echoStream',
    '/websocket/tc7/snake': '/snake/page.html#tc7',
  },
};
