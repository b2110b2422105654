/** The socket of the pages that wait for notices, as it was written for Tomcat 7: an inbound for each page. [EX-N2] */
import { UnsupportedOperationException } from 'margay';
import { MessageInbound, WebSocketServlet } from 'margay/catalina';

/** The attribute of the servlet context under which both servlets find the pages: a Set of their inbounds. */
export const CONNECTIONS = 'connections';

class NotifyMessageInbound extends MessageInbound {
  readonly #connections: Set<MessageInbound>;

  constructor(connections: Set<MessageInbound>) {
    super();
    this.#connections = connections;
  }

  protected override onOpen(): void {
    this.#connections.add(this);
  }

  /** However it ended: what is in the set can be written to. */
  protected override onClose(_status: number): void {
    this.#connections.delete(this);
  }

  /** Pages only listen. What a callback throws that is no IOException drops the connection. [EX-N3, TC7-4] */
  protected override onTextMessage(_message: string): void {
    throw new UnsupportedOperationException('a page that waits for notices sends no text');
  }

  protected override onBinaryMessage(_message: Buffer): void {
    throw new UnsupportedOperationException('a page that waits for notices sends no binary');
  }
}

export class NotifyWebSocketServlet extends WebSocketServlet {
  readonly #connections = new Set<MessageInbound>();

  override init(): void {
    this.getServletContext().setAttribute(CONNECTIONS, this.#connections);
  }

  protected override createWebSocketInbound(): MessageInbound {
    return new NotifyMessageInbound(this.#connections);
  }
}
