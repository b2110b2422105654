/** What the compiler knows of clients: the forms of @ClientEndpoint and of connectToServer, and what it refuses. */
import {
  ClientEndpoint,
  ClientEndpointConfig,
  type ConnectOptions,
  ContainerProvider,
  Decoder,
  Encoder,
  Endpoint,
  type HandshakeResponse,
  ServerEndpointConfig,
  type Session,
  type WebSocketContainer,
} from 'margay';

class Tick {}
class TickDecoder extends Decoder.Text(Tick) {
  decode(): Tick {
    return new Tick();
  }
}
class TickEncoder extends Encoder.Text(Tick) {
  encode(): string {
    return '';
  }
}
class Hooks extends ClientEndpointConfig.Configurator {
  override beforeRequest(headers: Map<string, string[]>): void {
    headers.set('X-Ann', ['yes']);
  }
  override async afterResponse(response: HandshakeResponse): Promise<void> {
    response.getHeaders().get('set-cookie');
  }
}

@ClientEndpoint
export class Bare {}

@ClientEndpoint()
export class Called {}

@ClientEndpoint({ subprotocols: ['v2'], decoders: [TickDecoder], encoders: [TickEncoder], configurator: Hooks })
export class Optioned {}

@ClientEndpoint({ subprotocols: undefined })
export class Named {
  constructor(readonly name: string) {}
}

// @ts-expect-error there is no such option
@ClientEndpoint({ subprotocol: ['v2'] })
export class Unknown {}

// @ts-expect-error a path is a server's
@ClientEndpoint('/talk')
export class Path {}

// @ts-expect-error an encoder is no decoder
@ClientEndpoint({ decoders: [TickEncoder] })
export class Swapped {}

// @ts-expect-error the class is listed, not an object of it
@ClientEndpoint({ decoders: [new TickDecoder()] })
export class Made {}

// @ts-expect-error the hooks are those of a server
@ClientEndpoint({ configurator: ServerEndpointConfig.Configurator })
export class Wrong {}

export class Misplaced {
  // @ts-expect-error it is for classes
  @ClientEndpoint
  method(): void {}
}

export class Talk extends Endpoint {
  onOpen(_session: Session): void {}
}

export async function connects(container: WebSocketContainer, config: ClientEndpointConfig, options: ConnectOptions): Promise<void> {
  const session: Session = await container.connectToServer(Bare, 'ws://localhost/');
  await session.close();
  await container.connectToServer(new Named('ann'), new URL('wss://localhost/'), { timeout: 1000 });
  await container.connectToServer(Named, 'ws://localhost/', options);
  await container.connectToServer(Talk, null, 'ws://localhost/');
  await container.connectToServer(new Talk(), config, new URL('ws://localhost/'), { reconnect: { attempts: 3 }, heartbeat: {} });
  await ContainerProvider.getWebSocketContainer().connectToServer(Talk, config, 'ws://localhost/', { proxy: false });
  // @ts-expect-error what is connected is an object or a class
  await container.connectToServer('Bare', 'ws://localhost/');
  // @ts-expect-error nowhere
  await container.connectToServer(Bare);
  // @ts-expect-error the configuration of a server
  await container.connectToServer(Talk, ServerEndpointConfig.Builder.create(Bare, '/').build(), 'ws://localhost/');
  // @ts-expect-error an annotated class has its configuration
  await container.connectToServer(Bare, config, 'ws://localhost/');
  // @ts-expect-error there is no such option
  await container.connectToServer(Bare, 'ws://localhost/', { timout: 5 });
  // @ts-expect-error a name without a password
  await container.connectToServer(Bare, 'ws://localhost/', { auth: { username: 'ann' } });
  // @ts-expect-error a proxy is somewhere, or there is none
  await container.connectToServer(Bare, 'ws://localhost/', { proxy: true });
}

// @ts-expect-error a builder is not made by hand
export const builder = new ClientEndpointConfig.Builder();
// @ts-expect-error an encoder is no decoder
export const swapped = ClientEndpointConfig.Builder.create().decoders([TickEncoder]);
export const asType: ClientEndpointConfig.Configurator = new Hooks();
