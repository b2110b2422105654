/** Legacy decorators on handlers: what compiles, and what the compiler refuses. */
import {
  bigint,
  binary,
  boolean,
  type CloseReason,
  closeReason,
  config,
  type EndpointConfig,
  error,
  Int,
  Long,
  last,
  number,
  OnClose,
  OnError,
  OnMessage,
  OnOpen,
  type PongMessage,
  pathParam,
  pong,
  ServerEndpoint,
  type Session,
  session,
  text,
} from 'margay';

@ServerEndpoint('/every/{form}')
export class EveryForm {
  @OnOpen bare() {}
  @OnOpen() called(_any: Date, _at: Map<string, string>) {}
  @OnOpen(pathParam('form'), session, config) bound(_form: string, _session: Session, _config: EndpointConfig) {}
  @OnOpen(session, pathParam('form', Int)) async awaited(_session: Session, _form: number) {}
  @OnClose close(_reason: CloseReason) {}
  @OnClose(closeReason, session) closeBound(_reason: CloseReason, _session: Session) {}
  @OnError fail(_error: Error) {}
  @OnError(session, error) failBound(_session: Session, _error: Error) {}
  @OnMessage plain(message: string) {
    return message;
  }
  @OnMessage() plainCalled(_message: number) {}
  @OnMessage({ maxMessageSize: 6 }) limited(_message: string) {}
  @OnMessage(text) boundText(_message: string) {}
  @OnMessage(text, last) parts(_part: string, _last: boolean) {}
  @OnMessage(binary) bytes(_message: Buffer) {}
  @OnMessage(pong) pongs(_message: PongMessage) {}
  @OnMessage(number) numbers(_message: number) {}
  @OnMessage(bigint) bigints(_message: bigint) {}
  @OnMessage(boolean) booleans(_message: boolean) {}
  @OnMessage(Int) ints(_message: number) {}
  @OnMessage(Long) longs(_message: bigint) {}
  @OnMessage({ maxMessageSize: 6 }, text, session) both(_message: string, _session: Session) {}
  @OnMessage(text, session) fewer(_message: string) {}
  @OnMessage(text) wider(_message: string | null) {}
  // biome-ignore lint/correctness/noUnusedPrivateClassMembers: the compiler is what is asked
  @OnMessage(text) private hidden(_message: string) {}
}

export class Refused {
  // @ts-expect-error the binding is a string
  @OnOpen(pathParam('uid'), session) wrongType(_uid: number, _session: Session) {}

  // @ts-expect-error the token makes it a number
  @OnOpen(pathParam('uid', Int)) wrongToken(_uid: string) {}

  // @ts-expect-error two parameters, one binding
  @OnOpen(session) tooFew(_session: Session, _more: string) {}

  // @ts-expect-error the order is that of the bindings
  @OnOpen(session, config) swapped(_config: EndpointConfig, _session: Session) {}

  // @ts-expect-error text is a string
  @OnMessage(text) bytesForText(_message: Buffer) {}

  // @ts-expect-error Long is a bigint
  @OnMessage(Long) numberForLong(_message: number) {}

  // @ts-expect-error a reason is not an error
  @OnError(error) reason(_reason: CloseReason) {}

  // @ts-expect-error there is no such option
  @OnMessage({ maxMesageSize: 6 }) slip(_message: string) {}

  // @ts-expect-error bytes are a number
  @OnMessage({ maxMessageSize: '6' }) spelled(_message: string) {}

  // @ts-expect-error a constructor is no binding
  @OnMessage(text, String) constructors(_message: string, _more: string) {}

  // @ts-expect-error a token is none of a path parameter's
  @OnOpen(pathParam('uid', Date)) dates(_uid: Date) {}

  // @ts-expect-error a field is no method
  @OnOpen field = 1;

  // @ts-expect-error nor does @OnClose take options
  @OnClose({ maxMessageSize: 1 }) options() {}
}

// @ts-expect-error the path is required
@ServerEndpoint()
export class NoPath {}

// @ts-expect-error here too
@ServerEndpoint({ subprotocols: ['chat'] })
export class NoValue {}

// @ts-expect-error there is no such option
@ServerEndpoint({ value: '/x', alowedOrigins: '*' })
export class Slip {}

// @ts-expect-error a list of names
@ServerEndpoint({ value: '/x', subprotocols: 'chat' })
export class NoList {}

// @ts-expect-error a configurator extends ServerEndpointConfig.Configurator
@ServerEndpoint({ value: '/x', configurator: Date })
export class NoConfigurator {}

export class OnAMethod {
  // @ts-expect-error it belongs on a class
  @ServerEndpoint('/x') method() {}
}
