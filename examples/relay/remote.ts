/** The remote side: answers whoever writes, and lets the one that is registered as userSever/8080 read along. [EX-R1] */
import { Int, OnClose, OnError, OnMessage, OnOpen, PathParam, ServerContainer, ServerEndpoint, Session } from 'margay';
import { report } from '../errors.js';

/** Who reads along. The spelling is the wire's. */
const READER = keyOf('userSever', 8080);

@ServerEndpoint('/websocket/{relationId}/{userCode}')
export class RelayRemote {
  private static readonly sessions = new Map<string, Session>();

  @OnOpen
  open(session: Session, @PathParam('relationId') relationId: string, @PathParam('userCode', Int) userCode: number): void {
    RelayRemote.sessions.set(keyOf(relationId, userCode), session);
  }

  /** Whoever writes does not wait for the one that reads along: `slowPeer` bounds what waits for it. */
  @OnMessage
  text(text: string, @PathParam('userCode', Int) _userCode: number): string {
    void RelayRemote.sessions.get(READER)?.getAsyncRemote().sendText(text);
    return `Got your message (${text}).Thanks !`;
  }

  /** A newer session under the same key stays reachable: Java's `remove(key, session)`. */
  @OnClose
  close(session: Session, @PathParam('relationId') relationId: string, @PathParam('userCode', Int) userCode: number): void {
    const key = keyOf(relationId, userCode);
    if (RelayRemote.sessions.get(key) === session) RelayRemote.sessions.delete(key);
  }

  @OnError
  failed(error: Error, @PathParam('userCode', Int) userCode: number): void {
    report(`RelayRemote ${userCode}`, error);
  }
}

/** The number first: a relation may have any character in it. */
function keyOf(relationId: string, userCode: number): string {
  return `${userCode}/${relationId}`;
}

/** A server of its own, on a port of its own. */
export interface Remote {
  readonly port: number;
  /** ws URL of the endpoint, its variables in braces. */
  readonly socket: string;
  close(): Promise<void>;
}

/** Port 0 picks a free one. Rejects with an Error that names RELAY_PORT when the port is taken. */
export async function startRemote({ port, host }: { port: number; host: string | undefined }): Promise<Remote> {
  const container = new ServerContainer({
    contextPath: '/testWebsocket',
    allowedOrigins: '*', // anybody may try it, as with the other examples
  });
  await container.addEndpoint(RelayRemote);
  try {
    const listening = await container.listen({ port, ...(host === undefined ? {} : { host }) });
    const [{ path } = { path: '' }] = container.endpoints;
    return { port: listening.port, socket: container.url.replace('http', 'ws') + path, close: () => container.close() };
  } catch (error) {
    const { cause } = error as { cause?: NodeJS.ErrnoException };
    if (cause?.code !== 'EADDRINUSE') throw error;
    const words = `Port ${port}, on which the relay's remote side listens, is taken; choose another: RELAY_PORT=8096 npm start`;
    throw new Error(words, { cause: error });
  }
}
