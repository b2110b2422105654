/** The same echo without annotations: an Endpoint that adds two handlers to its session. [EX-E1] */
import { Endpoint, type EndpointConfig, MessageHandler, type Session } from 'margay';
import { report } from '../errors.js';
import { sendBack } from './send-back.js';

/** Its path is given to it where it is deployed: ../tomcat/examples-config.ts. */
export class EchoProgrammatic extends Endpoint {
  override onOpen(session: Session, _config: EndpointConfig): void {
    session.addMessageHandler(new EchoText(session));
    session.addMessageHandler(new EchoBinary(session));
  }

  override onError(_session: Session, error: Error): void {
    report('EchoProgrammatic', error);
  }
}

class EchoText extends MessageHandler.Partial(String) {
  readonly #session: Session;

  constructor(session: Session) {
    super();
    this.#session = session;
  }

  override onMessage(part: string, last: boolean): Promise<void> {
    return sendBack(this.#session, part, last);
  }
}

class EchoBinary extends MessageHandler.Partial(Buffer) {
  readonly #session: Session;

  constructor(session: Session) {
    super();
    this.#session = session;
  }

  override onMessage(part: Buffer, last: boolean): Promise<void> {
    return sendBack(this.#session, part, last);
  }
}
