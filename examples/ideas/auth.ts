/** Who may connect: nobody known gets a 401, somebody without the role a 403, and neither reaches the endpoint. */
import type { IncomingMessage } from 'node:http';
import { OnError, OnMessage, OnOpen, type Principal, ServerEndpoint, Session, serve } from 'margay';
import { report } from '../errors.js';
import { program, type Running } from './program.js';

/** A real server keeps no tokens in its source. */
const PEOPLE: ReadonlyMap<string, Principal> = new Map([
  ['otto-s-token', { name: '奥托', roles: ['keeper'] }],
  ['mila-s-token', { name: 'Mila', roles: ['visitor'] }],
]);

/** From a header, or from the cookie that a browser sends along: its WebSocket lets no page set headers. */
function authenticate({ headers }: IncomingMessage): Principal | null {
  const token = /^Bearer (\S+)$/i.exec(headers.authorization ?? '')?.[1] ?? /(?:^|;\s*)token=([^;]*)/.exec(headers.cookie ?? '')?.[1];
  return PEOPLE.get(token ?? '') ?? null;
}

@ServerEndpoint({ value: '/enclosure', rolesAllowed: ['keeper'] })
export class Enclosure {
  @OnOpen
  open(session: Session): Promise<void> {
    return session.getBasicRemote().sendText(`Welcome, ${session.getUserPrincipal()?.name}`);
  }

  @OnMessage
  feed(food: string): string {
    return `The margay eats ${food}`;
  }

  @OnError
  failed(error: Error): void {
    report('Enclosure', error);
  }
}

export const start = (port: number): Promise<Running> =>
  serve({ endpoints: [Enclosure], authenticate, challenge: 'Bearer realm="enclosure"', port });

await program(import.meta.url, start);
