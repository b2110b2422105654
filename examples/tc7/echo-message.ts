/** Tomcat 7's echo of whole messages: a servlet makes an inbound for each connection, and its parameters say what fits. [EX-E4] */
import { MessageInbound, type StreamInbound, WebSocketServlet } from 'margay/catalina';

export class EchoMessage extends WebSocketServlet {
  #byteBufferMaxSize = 0;
  #charBufferMaxSize = 0;

  override init(): void {
    this.#byteBufferMaxSize = Number(this.getInitParameter('byteBufferMaxSize') ?? 2_097_152);
    this.#charBufferMaxSize = Number(this.getInitParameter('charBufferMaxSize') ?? 2_097_152);
  }

  protected override createWebSocketInbound(): StreamInbound {
    return new EchoMessageInbound(this.#byteBufferMaxSize, this.#charBufferMaxSize);
  }
}

class EchoMessageInbound extends MessageInbound {
  constructor(byteBufferMaxSize: number, charBufferMaxSize: number) {
    super();
    this.setByteBufferMaxSize(byteBufferMaxSize);
    this.setCharBufferMaxSize(charBufferMaxSize);
  }

  protected override onBinaryMessage(message: Buffer): Promise<void> {
    return this.getWsOutbound().writeBinaryMessage(message);
  }

  protected override onTextMessage(message: string): Promise<void> {
    return this.getWsOutbound().writeTextMessage(message);
  }
}
