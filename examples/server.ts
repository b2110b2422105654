/** The examples as one server: pages and endpoints on one port, but for the relay's remote side, which has its own. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ServerContainer } from 'margay';
import { ChatAnnotation } from './chat/chat.js';
import { Echo, EchoAnnotation } from './echo/echo.js';
import { servePage } from './pages.js';
import { Access } from './relay/access.js';
import { RelayRemote, type Remote, startRemote } from './relay/remote.js';
import { ACCESS_PATH, serveAccess } from './relay/route.js';

/** Every endpoint, with the page that talks to it. */
const EXAMPLES = [
  { endpoint: Echo, page: '/echo/page.html' },
  { endpoint: EchoAnnotation, page: '/echo/page.html#parts' },
  { endpoint: ChatAnnotation, page: '/chat/page.html' },
];

/** An endpoint as a visitor finds it. */
export interface Example {
  readonly name: string;
  /** ws URL of the endpoint. */
  readonly socket: string;
  /** http URL of its page. */
  readonly page: string;
}

/** The running examples. */
export interface Examples {
  /** http URL of the index page, without a slash at the end. */
  readonly url: string;
  readonly list: readonly Example[];
  /** Says goodbye to every session, then lets go of the port. */
  close(): Promise<void>;
}

export interface StartOptions {
  readonly port?: number;
  /** Of the relay's remote side. */
  readonly relayPort?: number;
  readonly host?: string;
}

/** Starts all examples; port 0 picks a free one. Rejects with node's own error when it cannot listen, and nothing runs then. */
export async function start({ port = 8080, relayPort = 8095, host }: StartOptions = {}): Promise<Examples> {
  const remote = await startRemote({ port: relayPort, host });
  try {
    return await startBeside(remote, port, host);
  } catch (error) {
    await remote.close();
    throw error;
  }
}

async function startBeside(remote: Remote, port: number, host: string | undefined): Promise<Examples> {
  const container = new ServerContainer({
    // Anybody's page may talk to the examples: one opened from a file, one of Tomcat's own on another port. An application of
    // yours lists the origins of its pages here, or leaves the option out: then only pages of its own host and port get in.
    allowedOrigins: '*',
    perMessageDeflate: true,
  });
  const deployed = new Map<string, string>();
  for (const { endpoint } of EXAMPLES) await container.addEndpoint(endpoint);
  for (const { path, endpointClass } of container.endpoints) deployed.set(endpointClass.name, path);

  const server = createServer(answering(new Access(remote.port)));
  await container.attach(server);
  server.listen(port, host);
  await once(server, 'listening');

  const authority = `${hostOf(host)}:${(server.address() as AddressInfo).port}`;
  const attached = EXAMPLES.map(({ endpoint: { name }, page }) => ({
    name,
    socket: `ws://${authority}${deployed.get(name)}`,
    page: `http://${authority}${page}`,
  }));
  return {
    url: `http://${authority}`,
    list: [...attached, { name: RelayRemote.name, socket: remote.socket, page: `http://${authority}/relay/page.html` }],
    async close() {
      await Promise.all([container.close(), remote.close()]);
      server.close();
      server.closeAllConnections(); // browsers keep theirs open, for the next page
      await once(server, 'close');
    },
  };
}

/** Plain HTTP: pages, and the near side of the relay. */
function answering(access: Access): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    if (request.url === ACCESS_PATH) void serveAccess(access, request, response);
    else void servePage(request, response);
  };
}

/** What to write in a URL for it. */
function hostOf(host: string | undefined): string {
  if (host === undefined || host === '0.0.0.0' || host === '::') return 'localhost';
  return host.includes(':') ? `[${host}]` : host;
}
