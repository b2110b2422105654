/** Servlets on a server, the container's own or the application's, with what they do given as functions. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach } from '@jest/globals';
import { type ContainerOptions, type Handled, type LogFields, ServerContainer } from 'margay';
import { HttpServlet, type HttpServletRequest, type HttpServletResponse } from 'margay/catalina';
import { start } from './start.js';

export type Answer = (request: HttpServletRequest, response: HttpServletResponse) => Handled<void>;

export const servers = new Set<{ server: Server; container: ServerContainer }>();
afterEach(async () => {
  for (const { server, container } of servers) {
    await container.close();
    server.close();
    server.closeAllConnections();
  }
  servers.clear();
});

export interface Site {
  readonly url: string;
  readonly port: number;
  readonly container: ServerContainer;
  readonly log: readonly (LogFields & { level: string })[];
}

/** On a server of the container's own. */
export async function own(options: ContainerOptions): Promise<Site> {
  const { container, port, log } = await start([], options);
  return { container, port, log, url: container.url };
}

/** On one of the application's, which answers the rest with 404. */
export async function attached(options: ContainerOptions): Promise<Site> {
  const log: (LogFields & { level: string })[] = [];
  const write = (level: string) => (fields: LogFields) => void log.push({ ...fields, level });
  const logger = { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
  const container = new ServerContainer({ logger, shutdownTimeout: 1000, ...options });
  const server = createServer((request, response) => {
    if (!container.handle(request, response)) response.writeHead(404).end("the application's own");
  });
  servers.add({ server, container });
  await container.attach(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { container, port, log, url: container.url };
}

export const doing = (get: Answer | null, post: Answer | null = null) =>
  get === null && post === null
    ? new (class Bare extends HttpServlet {})()
    : get === null
      ? new (class Posting extends HttpServlet {
          protected override doPost(request: HttpServletRequest, response: HttpServletResponse) {
            return post?.(request, response);
          }
        })()
      : new (class Doing extends HttpServlet {
          protected override doGet(request: HttpServletRequest, response: HttpServletResponse) {
            return get(request, response);
          }
          protected override doPost(request: HttpServletRequest, response: HttpServletResponse) {
            return (post ?? get)(request, response);
          }
        })();

/** At `/app/s`. */
export const at = (servlet: HttpServlet, options: ContainerOptions = {}): ContainerOptions => ({
  contextPath: '/app',
  servlets: [{ urlPattern: '/s/*', servlet }],
  ...options,
});
/** A request that posts them. */
export const form = (fields: Record<string, string>) => ({ method: 'POST', body: new URLSearchParams(fields) });
export const hello: Answer = (request, response) => {
  response.setContentType('text/html;charset=UTF-8');
  response.getWriter().println(`Hello ${request.getParameter('name')}`);
};
