/** The examples as one server: pages and endpoints on one port, but for the relay's remote side, which has its own. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ServerContainer } from 'margay';
import type { Application } from './application.js';
import { APPLICATIONS } from './applications.js';
import { servePage } from './pages.js';
import { Access } from './relay/access.js';
import { RelayRemote, type Remote, startRemote } from './relay/remote.js';
import { ACCESS_PATH, serveAccess } from './relay/route.js';

/** An endpoint as a visitor finds it. */
export interface Example {
  readonly name: string;
  /** ws URL of the endpoint, its variables in braces. */
  readonly socket: string;
  /** http URL of its page. */
  readonly page: string;
}

/** The running examples. */
export interface Examples {
  /** http URL of the index page, without a slash at the end. */
  readonly url: string;
  readonly list: readonly Example[];
  /** One for each application, without the relay's remote side: they count who is there. */
  readonly containers: readonly ServerContainer[];
  /** Says goodbye to every session, then lets go of the ports. */
  close(): Promise<void>;
}

export interface StartOptions {
  readonly port?: number;
  /** Of the relay's remote side. */
  readonly relayPort?: number;
  readonly host?: string;
}

/** An application and the container that it is deployed in. */
interface Deployed {
  readonly application: Application;
  readonly container: ServerContainer;
}

/** Starts all examples; port 0 picks a free one. Rejects with node's own error when it cannot listen, and nothing runs then. */
export async function start({ port = 8080, relayPort = 8095, host }: StartOptions = {}): Promise<Examples> {
  const remote = await startRemote({ port: relayPort, host });
  const deployed: Deployed[] = [];
  const stop = (): Promise<unknown> => Promise.all([remote.close(), ...deployed.map(({ container }) => container.close())]);
  try {
    for (const application of APPLICATIONS) deployed.push({ application, container: await deploy(application) });
    return await listen({ deployed, remote, stop }, port, host);
  } catch (error) {
    await stop();
    throw error;
  }
}

async function deploy({ contextPath, endpoints = [], scan, options }: Application): Promise<ServerContainer> {
  const container = new ServerContainer({
    contextPath,
    // Anybody's page may talk to the examples: one opened from a file, one of Tomcat's own on another port. An application of
    // yours lists the origins of its pages here, or leaves the option out: then only pages of its own host and port get in.
    allowedOrigins: '*',
    perMessageDeflate: true,
    ...options,
  });
  for (const endpoint of endpoints) await container.addEndpoint(endpoint);
  if (scan !== undefined) await container.scan({ modules: scan });
  return container;
}

interface Running {
  readonly deployed: readonly Deployed[];
  readonly remote: Remote;
  stop(): Promise<unknown>;
}

async function listen({ deployed, remote, stop }: Running, port: number, host: string | undefined): Promise<Examples> {
  const server = createServer(answering(deployed, new Access(remote.port)));
  for (const { container } of deployed) await container.attach(server);
  server.listen(port, host);
  await once(server, 'listening');

  const authority = `${hostOf(host)}:${(server.address() as AddressInfo).port}`;
  const url = `http://${authority}`;
  return {
    url,
    list: [
      ...deployed.flatMap((each) => listOf(each, authority)),
      { name: RelayRemote.name, socket: remote.socket, page: `${url}/relay/page.html` },
    ],
    containers: deployed.map(({ container }) => container),
    async close() {
      await stop();
      server.close();
      server.closeAllConnections(); // browsers keep theirs open, for the next page
      await once(server, 'close');
    },
  };
}

/** Endpoints, and the servlets that have a page: the others answer plain requests. */
function listOf({ application: { contextPath, pages, options }, container }: Deployed, authority: string): Example[] {
  const endpoints = container.endpoints.map(({ path, endpointClass: { name } }) => ({ name, path }));
  const servlets = (options?.servlets ?? []).map(({ urlPattern, servlet }) => ({
    name: (typeof servlet === 'function' ? servlet : servlet.constructor).name,
    path: urlPattern,
  }));
  return [...endpoints, ...servlets.filter(({ path }) => pages[path] !== undefined)].map(({ name, path }) => ({
    name,
    socket: `ws://${authority}${contextPath}${path}`,
    page: `http://${authority}${pages[path]}`,
  }));
}

/** Plain HTTP: what applications and their servlets answer themselves, the near side of the relay, and pages. */
function answering(deployed: readonly Deployed[], access: Access): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    if (deployed.some(({ application, container }) => application.answer?.(request, response, container))) return;
    if (deployed.some(({ container }) => container.handle(request, response))) return;
    if (request.url === ACCESS_PATH) void serveAccess(access, request, response);
    else void servePage(request, response);
  };
}

/** What to write in a URL for it. */
function hostOf(host: string | undefined): string {
  if (host === undefined || host === '0.0.0.0' || host === '::') return 'localhost';
  return host.includes(':') ? `[${host}]` : host;
}
