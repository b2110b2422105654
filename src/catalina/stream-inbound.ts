/** The receiving half of a connection, for one connection: its messages come as streams. [TC7-2] */
import { IllegalArgumentException, IllegalStateException } from '../api/exceptions.js';
import type { PongMessage } from '../api/pong-message.js';
import type { InputStream, Reader } from '../api/streams.js';
import { type Handled, nameOf } from '../api/tokens.js';
import type { EndpointPlan, Opening } from '../runtime/plan.js';
import type { Channel } from '../transport/spi.js';
import { InboundConnection } from './inbound-connection.js';
import { type Callbacks, planOf } from './inbound-plan.js';
import { WsOutbound } from './ws-outbound.js';

/** Bytes, and UTF-16 units. */
const BUFFER_SIZE = 8192;

/**
 * One callback runs at a time. An IOException out of one closes the connection with 1002; whatever else it throws is logged and drops
 * the connection. [TC7-4]
 */
export abstract class StreamInbound {
  #outbound: WsOutbound | null = null;
  #isTaken = false;
  #byteBufferSize = BUFFER_SIZE;
  #charBufferSize = BUFFER_SIZE;

  /** Called when a binary message begins; the stream has all of it, also what is still to come. */
  protected abstract onBinaryData(stream: InputStream): Handled<void>;

  /** Called when a text message begins; the reader has all of it, also what is still to come. */
  protected abstract onTextData(reader: Reader): Handled<void>;

  /** The connection is open; no message is delivered before this has completed. */
  protected onOpen(_outbound: WsOutbound): Handled<void> {}

  /**
   * Called exactly once: 1000 when the peer has closed, whatever its code; 1002 and 1007 when what it sent could not be read, or a
   * callback threw an IOException; 1001 when the container closes; else 1006. [TC7-5]
   */
  protected onClose(_status: number): Handled<void> {}

  /** A pong that came between two messages. */
  protected onPong(_payload: Buffer): Handled<void> {}

  /** @throws IllegalStateException `MARGAY_STATE` before there is a connection, that is before `onOpen` */
  getWsOutbound(): WsOutbound {
    if (this.#outbound !== null) return this.#outbound;
    throw new IllegalStateException(`${nameOf(this.constructor)} has no connection yet; its outbound is there from onOpen() on`);
  }

  /** ms without a byte from the peer until the connection is closed; -1: as long as it likes. */
  getReadTimeout(): number {
    return -1;
  }

  getOutboundByteBufferSize(): number {
    return this.#byteBufferSize;
  }

  /** Bytes of a fragment; holds if it is set before there is an outbound. @throws IllegalArgumentException `MARGAY_ARGUMENT` */
  setOutboundByteBufferSize(size: number): void {
    this.#byteBufferSize = sizeOf('setOutboundByteBufferSize(size)', size);
  }

  getOutboundCharBufferSize(): number {
    return this.#charBufferSize;
  }

  /** UTF-16 units of a fragment; holds if it is set before there is an outbound. @throws IllegalArgumentException `MARGAY_ARGUMENT` */
  setOutboundCharBufferSize(size: number): void {
    this.#charBufferSize = sizeOf('setOutboundCharBufferSize(size)', size);
  }

  /** @internal How it is called. Once: an inbound serves one connection. */
  static planFor(inbound: object): EndpointPlan {
    if (!(inbound instanceof StreamInbound)) {
      throw new Error('createWebSocketInbound returned something else than a StreamInbound or MessageInbound; return a new one');
    }
    const name = nameOf(inbound.constructor);
    if (inbound.#isTaken) throw new Error(`createWebSocketInbound returned a ${name} that serves a connection already; return a new one`);
    inbound.#isTaken = true;
    return planOf(inbound.constructor, StreamInbound.#callbacks);
  }

  /** @internal */
  static connect(channel: Channel, opening: Opening): InboundConnection {
    const inbound = opening.endpoint as StreamInbound;
    const { settings } = opening;
    const own = settings.strict ? { ...opening, settings: { ...settings, strict: false } } : opening; // no writer is turned away [TC7-6]
    const connection = new InboundConnection(channel, own);
    inbound.#outbound = new WsOutbound(connection, inbound.#byteBufferSize, inbound.#charBufferSize);
    return connection;
  }

  /** In here its protected methods may be called. */
  static readonly #callbacks: Callbacks<StreamInbound> = {
    open: (inbound, connection) => {
      connection.setReadTimeout(inbound.getReadTimeout());
      return inbound.onOpen(inbound.#outbound as WsOutbound);
    },
    text: (inbound, reader) => inbound.onTextData(reader as Reader),
    binary: (inbound, stream) => inbound.onBinaryData(stream as InputStream),
    pong: (inbound, pong) => inbound.onPong((pong as PongMessage).getApplicationData()),
    close: (inbound, status) => inbound.onClose(status),
  };
}

/** @internal @throws IllegalArgumentException `MARGAY_ARGUMENT` */
export function sizeOf(call: string, size: number): number {
  if (Number.isInteger(size) && size > 0) return size;
  throw new IllegalArgumentException(`${call}: size is ${String(size)}; give a whole number above 0`);
}
