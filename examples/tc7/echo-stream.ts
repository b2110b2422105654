/** Tomcat 7's echo of streams: what is read is written, and nothing is held but a buffer of 8192. [EX-E4] */
import type { InputStream, Reader } from 'margay';
import { StreamInbound, WebSocketServlet } from 'margay/catalina';

export class EchoStream extends WebSocketServlet {
  protected override createWebSocketInbound(): StreamInbound {
    return new EchoStreamInbound();
  }
}

class EchoStreamInbound extends StreamInbound {
  /** Without a byte there is no message to end: an empty one is not answered. */
  protected override async onBinaryData(stream: InputStream): Promise<void> {
    const outbound = this.getWsOutbound();
    for await (const bytes of stream) {
      for (const byte of bytes) await outbound.writeBinaryData(byte);
    }
    await outbound.flush();
  }

  protected override async onTextData(reader: Reader): Promise<void> {
    const outbound = this.getWsOutbound();
    for await (const chars of reader) await outbound.writeTextData(chars);
    await outbound.flush();
  }
}
