/** A session to which handlers can be added, its peer written by hand. */
import { type Decoder, Endpoint, ServerEndpointConfig, type Session } from 'margay';
import { eventually } from './eventually.js';
import { RawPeer } from './raw-peer.js';
import { start } from './start.js';

/** As JavaScript may call it. */
type Add = (type: unknown, handler?: unknown) => void;

export async function opened(decoders: readonly (new () => Decoder)[] = [], onOpen: (session: Session) => unknown = () => {}) {
  let own: Session | undefined;
  const failures: Error[] = [];
  class Adding extends Endpoint {
    async onOpen(session: Session): Promise<void> {
      own = session;
      await onOpen(session);
    }

    override onError(_session: Session, error: Error): void {
      failures.push(error);
    }
  }
  const server = await start(ServerEndpointConfig.Builder.create(Adding, '/adding').decoders(decoders).build());
  const peer = await RawPeer.open(server, '/adding');
  const session = await eventually(() => own ?? Promise.reject(new Error('not open')));
  const add = ((...args: [never, never]) => session.addMessageHandler(...args)) as Add;
  /** Waits until the peer's frames so far have been read. */
  const read = async () => {
    const { length } = peer.pongs;
    peer.ping();
    await peer.ponged(length + 1);
  };
  return { server, peer, session, failures, add, read };
}
