/** margay as its users write it: annotated endpoints, with a Session and a path parameter, and everything switched on that is by default. */
import { broadcast, OnMessage, PathParam, type ServeOptions, ServerEndpoint, Session, serve } from 'margay';
import type { Role } from './protocol.js';

const TEMPLATES = 20;

@ServerEndpoint('/bench/{one}')
export class Echo {
  @OnMessage
  text(message: string, _session: Session, @PathParam('one') _one: string): string {
    return message;
  }
}

@ServerEndpoint('/bench/{one}')
export class AsyncEcho {
  @OnMessage
  async text(message: string, _session: Session, @PathParam('one') _one: string): Promise<string> {
    return message;
  }
}

/** As every Java example writes it. */
@ServerEndpoint('/bench/{one}')
export class Room {
  @OnMessage
  text(message: string, session: Session, @PathParam('one') _one: string): void {
    for (const peer of session.getOpenSessions()) void peer.getBasicRemote().sendText(message);
  }
}

@ServerEndpoint('/bench/{one}')
export class BroadcastRoom {
  @OnMessage
  text(message: string, session: Session, @PathParam('one') _one: string): void {
    void broadcast(session.getOpenSessions(), message);
  }
}

export function echoAt(path: string): new () => object {
  @ServerEndpoint(path)
  class EchoThere {
    @OnMessage
    text(message: string, _session: Session, @PathParam('one') _one: string): string {
      return message;
    }
  }
  return EchoThere;
}

export function margay(role: Role): Promise<number> {
  if (role === 'room') return listen({ endpoints: [Room] });
  if (role === 'squeezed') return listen({ endpoints: [Echo], perMessageDeflate: true });
  if (role === 'handshakes') return listen({ endpoints: Array.from({ length: TEMPLATES }, (_, i) => echoAt(`/t${i}/{one}`)) });
  return listen({ endpoints: [Echo] });
}

export const margayAsync = (): Promise<number> => listen({ endpoints: [AsyncEcho] });
export const margayBroadcast = (): Promise<number> => listen({ endpoints: [BroadcastRoom] });
export const margayWorkers = (): Promise<number> => listen({ endpoints: [Echo], workers: 2 } as ServeOptions);

async function listen(options: ServeOptions): Promise<number> {
  const container = await serve({ port: 0, host: '127.0.0.1', ...options });
  return Number(new URL(container.url).port);
}
