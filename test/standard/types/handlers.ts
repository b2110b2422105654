/** Standard decorators on handlers: what compiles, and what the compiler refuses. */
import {
  binary,
  type CloseReason,
  closeReason,
  config,
  type EndpointConfig,
  error,
  Int,
  Long,
  last,
  OnClose,
  OnError,
  OnMessage,
  OnOpen,
  PathParam,
  pathParam,
  ServerEndpoint,
  type Session,
  session,
  text,
} from 'margay';

@ServerEndpoint('/every/{form}')
export class EveryForm {
  @OnOpen bare(_session: Session) {}
  @OnOpen() called(_session: Session) {}
  @OnOpen nothing() {}
  @OnOpen(pathParam('form'), session, config) bound(_form: string, _session: Session, _config: EndpointConfig) {}
  @OnOpen(session, pathParam('form', Int)) async awaited(_session: Session, _form: number) {}
  @OnClose close(_reason: CloseReason) {}
  @OnClose(session, closeReason) closeBound(_session: Session, _reason: CloseReason) {}
  @OnError fail(_error: Error, _session: Session) {}
  @OnError() failCalled(_error: Error) {}
  @OnError(error) failBound(_error: Error) {}
  @OnMessage(text) text(message: string) {
    return message;
  }
  @OnMessage(binary, last) parts(_part: Buffer, _last: boolean) {}
  @OnMessage(Long) long(_message: bigint) {}
  @OnMessage({ maxMessageSize: 6 }, text, session) both(_message: string, _session: Session) {}
  @OnMessage(text, session) fewer(_message: string) {}
  @OnMessage without() {} // refused when it is deployed: it says nothing of its payload
}

@ServerEndpoint({ value: '/sub', subprotocols: ['chat'], strict: true })
export class Sub extends EveryForm {}

export class Refused {
  // @ts-expect-error bare, nothing says what the parameter is
  @OnMessage bare(_message: string) {}

  // @ts-expect-error called, neither
  @OnMessage() called(_message: string) {}

  // @ts-expect-error nor do options alone
  @OnMessage({ maxMessageSize: 6 }) options(_message: string) {}

  // @ts-expect-error bare, @OnOpen gives a session
  @OnOpen reason(_reason: CloseReason) {}

  // @ts-expect-error and nothing else
  @OnOpen more(_session: Session, _config: EndpointConfig) {}

  // @ts-expect-error bare, @OnClose gives the reason
  @OnClose closing(_session: Session) {}

  // @ts-expect-error bare, @OnError gives the error first
  @OnError() failing(_session: Session) {}

  // @ts-expect-error a static method is no handler
  @OnOpen static open(_session: Session) {}

  // @ts-expect-error with bindings neither
  @OnMessage(text) static message(_message: string) {}

  // @ts-expect-error nor is a private one
  @OnOpen #hidden(_session: Session) {}

  // @ts-expect-error nor an accessor
  @OnOpen get open() {
    return () => {};
  }

  // @ts-expect-error nor a field
  @OnOpen field = () => {};

  // @ts-expect-error the binding is a string
  @OnOpen(pathParam('uid')) wrongType(_uid: number) {}

  // @ts-expect-error two parameters, one binding
  @OnOpen(session) tooFew(_session: Session, _more: string) {}

  // @ts-expect-error text is a string
  @OnMessage(text) bytes(_message: Buffer) {}

  // @ts-expect-error standard decorators do not stand on parameters
  @OnOpen parameter(@PathParam('uid') _session: Session) {}

  // @ts-expect-error it belongs on a class
  @ServerEndpoint('/x') method() {}

  use() {
    return this.#hidden;
  }
}

// @ts-expect-error the path is required
@ServerEndpoint({})
export class NoPath {}
