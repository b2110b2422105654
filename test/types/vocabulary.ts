/** The JSR's types as users meet them. */
import {
  CloseReason,
  type ContainerOptions,
  EndpointConfig,
  HandshakeRequest,
  type HandshakeResponse,
  type KindToken,
  PongMessage,
  type RemoteEndpoint,
  SendResult,
  ServerContainer,
  ServerEndpointConfig,
  Session,
  type TypeOf,
} from 'margay';

export class Checking extends ServerEndpointConfig.Configurator {
  override checkOrigin(origin: string | null, request?: HandshakeRequest) {
    return origin === null || super.checkOrigin(origin, request);
  }

  override async modifyHandshake(_config: ServerEndpointConfig, _request: HandshakeRequest, response: HandshakeResponse) {
    response.getHeaders().set(HandshakeRequest.SEC_WEBSOCKET_PROTOCOL, ['chat']);
  }

  override getEndpointInstance<T extends object>(type: new () => T): T {
    return new type();
  }
}
export const asType: ServerEndpointConfig.Configurator = new Checking();

const { CloseCodes } = CloseReason;
export const codes: CloseReason.CloseCodes = CloseCodes;
export const code: CloseReason.CloseCode = CloseCodes.getCloseCode(4000);
export const reasons = [new CloseReason(CloseCodes.GOING_AWAY), new CloseReason(code, 'bye'), new CloseReason(code, null)];

// @ts-expect-error a bare number is no close code
export const number = new CloseReason(1000);
// @ts-expect-error there is none of that name
export const nameless = CloseCodes.NORMAL;
// @ts-expect-error the constants are not to be changed
CloseCodes.TOO_BIG = CloseCodes.GOING_AWAY;

// @ts-expect-error a session is not made by hand
export const session = new Session();
// @ts-expect-error nor is a config
export const config = new EndpointConfig();
// @ts-expect-error nor a pong
export const pong = new PongMessage();

export async function sends(remote: RemoteEndpoint.Async, basic: RemoteEndpoint.Basic): Promise<void> {
  const promise: Promise<void> = remote.sendText('a');
  remote.sendText('a', (result) => result.isOK());
  remote.sendBinary(new ArrayBuffer(1), { onResult: (result: SendResult) => void result.getException() });
  await Promise.all([promise, basic.sendText('part', false), basic.sendBinary(new Uint8Array(1)), basic.sendPing(Buffer.alloc(1))]);
  // @ts-expect-error with a handler there is no promise
  const none: Promise<void> = remote.sendText('a', () => {});
  // @ts-expect-error parts are the Basic remote's
  await remote.sendText('a', false);
  // @ts-expect-error text is a string
  await basic.sendText(1);
  // @ts-expect-error bytes are no list of numbers
  await basic.sendBinary([1, 2]);
  // @ts-expect-error nor is data left out
  await basic.sendPing();
  await none;
}

export function reads(live: Session): void {
  const properties: Map<string, unknown> = live.getUserProperties();
  properties.set('a', 1);
  // @ts-expect-error path parameters are to be read
  live.getPathParameters().set('a', 'b');
  // @ts-expect-error a reason, not a code
  void live.close(1000);
  // @ts-expect-error a principal may be missing
  live.getUserPrincipal().name;
}

export const values: [TypeOf<StringConstructor>, TypeOf<BigIntConstructor>, TypeOf<KindToken<bigint>>, TypeOf<typeof Date>] = [
  '',
  1n,
  1n,
  new Date(),
];
// @ts-expect-error a Number is a number
export const wrong: TypeOf<NumberConstructor> = '1';

export const options: ContainerOptions = { contextPath: '/app', allowedOrigins: undefined, perMessageDeflate: { level: 1 } };
// @ts-expect-error there is no such option
export const slip: ContainerOptions = { alowedOrigins: '*' };
// @ts-expect-error a port is given to listen or serve
export const container = new ServerContainer({ port: 80 });
