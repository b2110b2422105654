/** Connects through the client's door, and lets go of the sessions behind the test. */
import { afterEach, expect } from '@jest/globals';
import {
  ClientEndpointConfig,
  type ConnectOptions,
  ContainerProvider,
  DeploymentException,
  Endpoint,
  type Extension,
  type HandshakeResponse,
  type Session,
  type SSLContext,
  type WebSocketContainer,
} from 'margay';

/** Does nothing of its own. */
export class Quiet extends Endpoint {
  override onOpen(): void {}
}

/** What a configuration is built of. */
export interface Written {
  readonly subprotocols?: readonly string[];
  readonly extensions?: readonly Extension[];
  readonly configurator?: ClientEndpointConfig.Configurator;
  readonly sslContext?: SSLContext;
  /** Behind `org.apache.tomcat.websocket.`, unless they have a dot. */
  readonly properties?: Readonly<Record<string, unknown>>;
}

export function configured({ subprotocols, extensions, configurator, sslContext, properties = {} }: Written): ClientEndpointConfig {
  const config = ClientEndpointConfig.Builder.create()
    .preferredSubprotocols(subprotocols ?? null)
    .extensions(extensions ?? null)
    .configurator(configurator ?? null)
    .sslContext(sslContext ?? null)
    .build();
  for (const [key, value] of Object.entries(properties)) {
    config.getUserProperties().set(key.includes('.') ? key : `org.apache.tomcat.websocket.${key}`, value);
  }
  return config;
}

/** `name; a=1; b` as a configuration has it; null for a bare name. */
export function extension(name: string, parameters: Readonly<Record<string, string | null>> = {}): Extension {
  const list = Object.entries(parameters).map(([key, value]) => ({ getName: () => key, getValue: () => value }));
  return { getName: () => name, getParameters: () => list };
}

const open = new Set<Session>();

afterEach(() => {
  for (const session of open) if (session.isOpen()) void session.close();
  open.clear();
});

/** The built-in container connects, unless another is given; no proxy of the environment comes between. */
export async function connect(
  uri: string | URL,
  written: Written = {},
  options: ConnectOptions = {},
  container: WebSocketContainer = ContainerProvider.getWebSocketContainer(),
): Promise<Session> {
  const session = await container.connectToServer(Quiet, configured(written), uri, { proxy: false, ...options });
  open.add(session);
  return session;
}

/** What a connect fails with. */
export async function refusal(connecting: Promise<Session>): Promise<DeploymentException> {
  const outcome = await connecting.then(
    () => 'it was connected',
    (error: unknown) => error,
  );
  expect(outcome).toBeInstanceOf(DeploymentException);
  return outcome as DeploymentException;
}

/** What hooks have seen, one line for each call. */
export class Diary extends ClientEndpointConfig.Configurator {
  readonly requests: Map<string, string[]>[] = [];
  readonly responses: ReadonlyMap<string, readonly string[]>[] = [];
  readonly calls: string[] = [];

  override beforeRequest(headers: Map<string, string[]>): void | Promise<void> {
    this.requests.push(headers);
    this.calls.push('before');
  }

  override afterResponse(response: HandshakeResponse): void | Promise<void> {
    this.responses.push(response.getHeaders());
    this.calls.push(response.getHeaders().size === 0 ? 'after nothing' : 'after an answer');
  }
}
