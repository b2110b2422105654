/** A client's session over a socket, its server written by hand, and what its endpoint hears. */
import {
  ClientEndpointConfig,
  type CloseReason,
  type ConnectOptions,
  ContainerProvider,
  Endpoint,
  type EndpointConfig,
  type Session,
  type WebSocketContainer,
} from 'margay';
import { RawEnd } from './raw-end.js';

export interface LiveClientOptions {
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly config?: (builder: ClientEndpointConfig.Builder) => void;
  readonly options?: ConnectOptions;
  /** Default: a new client container. */
  readonly from?: WebSocketContainer;
  /** Before the endpoint's own handler is added. */
  readonly open?: (session: Session, config: EndpointConfig) => unknown;
  /** Each text; null: no handler is added. */
  readonly take?: ((message: string, session: Session) => unknown) | null;
  /** How the server answers. */
  readonly server?: Parameters<typeof RawEnd.listen>[0];
}

/** What the endpoint hears: texts as they are, errors by their code, the close by its code and phrase. */
export async function liveClient(how: LiveClientOptions = {}) {
  const { properties = {}, config: more, options = {}, open, take = () => {}, server = {} } = how;
  const heard: string[] = [];
  const errors: Error[] = [];
  class Live extends Endpoint {
    async onOpen(session: Session, config: EndpointConfig): Promise<void> {
      if (take !== null) {
        session.addMessageHandler(String, (message: string) => {
          heard.push(message);
          return take(message, session);
        });
      }
      await open?.(session, config);
    }

    override onError(_session: Session, error: Error): void {
      errors.push(error);
      heard.push(`error ${(error as { code?: string }).code}`);
    }

    override onClose(_session: Session, reason: CloseReason): void {
      heard.push(`close ${reason.getCloseCode().getCode()} ${reason.getReasonPhrase()}`.trim());
    }
  }
  const ends = await RawEnd.listen(server);
  const builder = ClientEndpointConfig.Builder.create();
  more?.(builder);
  const config = builder.build();
  for (const [name, value] of Object.entries(properties)) config.getUserProperties().set(name, value);
  const container = how.from ?? ContainerProvider.getWebSocketContainer();
  const session = await container.connectToServer(new Live(), config, ends.url, options);
  return { container, config, session, basic: session.getBasicRemote(), heard, errors, ends, end: await ends.next() };
}
