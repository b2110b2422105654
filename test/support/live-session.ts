/** A session over a socket, its peer written by hand, and what its endpoint hears. */
import { expect } from '@jest/globals';
import {
  CloseReason,
  type Encoder,
  OnClose,
  OnError,
  OnMessage,
  OnOpen,
  ServerEndpoint,
  ServerEndpointConfig,
  Session,
  text,
} from 'margay';
import { eventually } from './eventually.js';
import { OPCODES } from './frames.js';
import { type RawOptions, RawPeer } from './raw-peer.js';
import { start } from './start.js';

export interface LiveOptions {
  readonly encoders?: readonly (new () => Encoder)[];
  /** What @OnMessage returns for a text. */
  readonly reply?: (message: string) => unknown;
  /** How the client connects. */
  readonly client?: RawOptions;
}

export async function liveSession(
  options: Parameters<typeof start>[1] = {},
  { encoders = [], reply = () => {}, client: how = {} }: LiveOptions = {},
) {
  /** Errors that @OnError was told, and the code of the close. */
  const heard: unknown[] = [];
  let own: Session | undefined;
  @ServerEndpoint('/live')
  class Live {
    @OnOpen open(session: Session): void {
      own = session;
    }

    @OnMessage(text) answer(message: string): unknown {
      return reply(message);
    }

    @OnError error(error: Error): void {
      heard.push(error);
    }

    @OnClose close(reason: CloseReason): void {
      heard.push(reason.getCloseCode().getCode());
    }
  }
  const started = await start(ServerEndpointConfig.Builder.create(Live, '/live').encoders(encoders).build(), options);
  const client = await RawPeer.open({ port: started.port }, '/live', how);
  await eventually(() => expect(own).toBeDefined());
  const session = own as Session;
  return { ...started, client, heard, session, basic: session.getBasicRemote(), async: session.getAsyncRemote() };
}

export type Fragment = readonly [opcode: keyof typeof OPCODES, fin: boolean, payload: string];

/** The frames so far; long payloads by their length. */
export const fragments = (client: RawPeer): Fragment[] =>
  client.frames.map(({ opcode, fin, payload }) => {
    const name = Object.entries(OPCODES).find(([, value]) => value === opcode)?.[0] as keyof typeof OPCODES;
    return [name, fin, payload.length > 100 ? `${payload.length} bytes` : payload.toString()];
  });

export const arrives = (client: RawPeer, expected: readonly Fragment[]): Promise<void> =>
  eventually(() => expect(fragments(client)).toEqual(expected));

/** The payloads of whole messages so far, in their order. */
export const messages = (client: RawPeer): string[] => fragments(client).map(([, , payload]) => payload);
