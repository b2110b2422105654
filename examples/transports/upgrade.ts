/** The request that a WebSocket began with, brought to its endpoint in the way that Java brings an HttpSession there. */
import type { IncomingMessage } from 'node:http';
import { type HandshakeRequest, type HandshakeResponse, ServerEndpointConfig, type Session } from 'margay';
import { Exchange } from './exchange.js';
import { Trial } from './trial.js';
import { Visitor } from './visitor.js';

const PROPERTY = 'upgrade';

export class Upgrade {
  /** `http://127.0.0.1:8080`, from this machine. */
  readonly origin: string;

  /** Meters the connection and listens to it, if it is one that messages come by; it has not been answered yet. */
  constructor(request: IncomingMessage) {
    const { localAddress = '', localPort } = request.socket;
    this.origin = `http://${localAddress.includes(':') ? `[${localAddress}]` : localAddress}:${localPort}`;
    const [path, query] = (request.url ?? '').split('?');
    if (!path?.endsWith(SOCKET_PATH)) return;
    const asked = new URLSearchParams(query);
    const trial = Trial.of(asked.get('trial'));
    if (trial === null) return;
    const exchange = new Exchange(request.socket, trial.meters.websocket);
    Visitor.of(asked.get('page'))?.listen('websocket', request);
    request.socket.once('close', () => exchange.end());
  }

  static of(session: Session): Upgrade {
    return session.getUserProperties().get(PROPERTY) as Upgrade;
  }
}

/** Where messages come by. */
export const SOCKET_PATH = '/socket';

/** Gives each session its upgrade. */
export class WithUpgrade extends ServerEndpointConfig.Configurator {
  override modifyHandshake(config: ServerEndpointConfig, request: HandshakeRequest, _response: HandshakeResponse): void {
    config.getUserProperties().set(PROPERTY, request.getHttpSession());
  }
}
