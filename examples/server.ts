/** The examples as one server: pages and endpoints on one port. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ServerContainer } from 'margay';
import { ChatAnnotation } from './chat/chat.js';
import { Echo, EchoAnnotation } from './echo/echo.js';
import { servePage } from './pages.js';

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

/** Starts all examples; port 0 picks a free one. Rejects with node's own error when it cannot listen. */
export async function start({ port = 8080, host }: { port?: number; host?: string } = {}): Promise<Examples> {
  const container = new ServerContainer({
    // Anybody's page may talk to the examples: one opened from a file, one of Tomcat's own on another port. An application of
    // yours lists the origins of its pages here, or leaves the option out: then only pages of its own host and port get in.
    allowedOrigins: '*',
    perMessageDeflate: true,
  });
  const deployed = new Map<string, string>();
  for (const { endpoint } of EXAMPLES) await container.addEndpoint(endpoint);
  for (const { path, endpointClass } of container.endpoints) deployed.set(endpointClass.name, path);

  const server = createServer((request, response) => void servePage(request, response));
  await container.attach(server);
  server.listen(port, host);
  await once(server, 'listening');

  const authority = `${hostOf(host)}:${(server.address() as AddressInfo).port}`;
  return {
    url: `http://${authority}`,
    list: EXAMPLES.map(({ endpoint: { name }, page }) => ({
      name,
      socket: `ws://${authority}${deployed.get(name)}`,
      page: `http://${authority}${page}`,
    })),
    async close() {
      await container.close();
      server.close();
      server.closeAllConnections(); // browsers keep theirs open, for the next page
      await once(server, 'close');
    },
  };
}

/** What to write in a URL for it. */
function hostOf(host: string | undefined): string {
  if (host === undefined || host === '0.0.0.0' || host === '::') return 'localhost';
  return host.includes(':') ? `[${host}]` : host;
}
