/** Express, Fastify, plain node:http and an endpoint on one port. Each of the three can tell all who listen at the endpoint. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import express from 'express';
import fastify from 'fastify';
import { broadcast, OnMessage, openSessions, ServerContainer, ServerEndpoint } from 'margay';
import { program, type Running } from './program.js';

@ServerEndpoint('/news')
export class News {
  @OnMessage
  ask(_question: string): string {
    return 'Wait for it';
  }
}

export async function start(port: number): Promise<Running> {
  const container = new ServerContainer({ contextPath: '/live' });
  await container.addEndpoint(News);

  /** How many it reached. */
  const tell = async (text: string): Promise<{ sent: number }> => {
    const { sent } = await broadcast(openSessions(container, News), text);
    return { sent };
  };

  const app = express();
  app.get('/express/:text', async (request, response) => void response.json(await tell(`Express: ${request.params.text}`)));

  const other = fastify();
  other.get<{ Params: { text: string } }>('/fastify/:text', (request) => tell(`Fastify: ${request.params.text}`));
  await other.ready();

  const server = createServer(async (request, response) => {
    const [path = '', query] = (request.url ?? '').split('?');
    if (path.startsWith('/express/')) app(request, response);
    else if (path.startsWith('/fastify/')) other.routing(request, response);
    else if (path === '/node') response.end(JSON.stringify(await tell(`node: ${new URLSearchParams(query).get('text')}`)));
    else response.writeHead(404).end();
  });
  await container.attach(server); // upgrades to /live/news are the container's; others would be left to a listener of yours
  server.listen(port);
  await once(server, 'listening');
  return {
    url: container.url,
    async close() {
      await container.close();
      await other.close();
      server.close();
      server.closeAllConnections();
    },
  };
}

await program(import.meta.url, start);
