/** The API that Tomcat had before JSR-356, and as much of the Servlet API as such applications were made of. */
export { MessageInbound } from './catalina/message-inbound.js';
export { StreamInbound } from './catalina/stream-inbound.js';
export { WebSocketServlet } from './catalina/web-socket-servlet.js';
export { WsOutbound } from './catalina/ws-outbound.js';
export { HttpServlet } from './servlet/http-servlet.js';
export type { Cookie, HttpServletRequest } from './servlet/http-servlet-request.js';
export type { HttpServletResponse, PrintWriter } from './servlet/http-servlet-response.js';
export type { ServletConfig } from './servlet/servlet-config.js';
export type { ServletContext } from './servlet/servlet-context.js';
