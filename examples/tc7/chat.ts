/** Tomcat 7's chat: the servlet knows everybody, and an inbound is a guest. [EX-C1] */
import { UnsupportedOperationException } from 'margay';
import { MessageInbound, type StreamInbound, WebSocketServlet } from 'margay/catalina';
import { escapeHtml } from '../chat/escape-html.js';

export class ChatWebSocketServlet extends WebSocketServlet {
  readonly guests = new Set<MessageInbound>();
  #arrivals = 0;

  protected override createWebSocketInbound(): StreamInbound {
    return new ChatMessageInbound(`Guest${++this.#arrivals}`, this.guests);
  }
}

class ChatMessageInbound extends MessageInbound {
  readonly #name: string;
  readonly #guests: Set<MessageInbound>;

  constructor(name: string, guests: Set<MessageInbound>) {
    super();
    this.#name = name;
    this.#guests = guests;
  }

  protected override onOpen(): void {
    this.#guests.add(this);
    this.#tell(`* ${this.#name} has joined.`);
  }

  protected override onClose(): void {
    this.#guests.delete(this);
    this.#tell(`* ${this.#name} has disconnected.`);
  }

  protected override onTextMessage(message: string): void {
    this.#tell(`${this.#name}: ${escapeHtml(message)}`);
  }

  protected override onBinaryMessage(): void {
    throw new UnsupportedOperationException('The chat is for text.'); // which drops the connection [EX-C5]
  }

  /** Nobody waits for a send, and none that fails is told: whoever reads too slowly for long is closed by the container. */
  #tell(line: string): void {
    for (const guest of this.#guests) void guest.getWsOutbound().writeTextMessage(line);
  }
}
