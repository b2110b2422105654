/** A WebSocket as a page has it, whose other end is the test. */
import type { Closed, Socket, SocketClass } from '../../src/transport/browser/socket.js';
import type { Bytes } from '../../src/transport/spi.js';

export class PageSocket implements Socket {
  readonly uri: string;
  readonly subprotocols: readonly string[];
  binaryType = 'blob';
  readyState = 0;
  protocol = '';
  extensions = '';
  bufferedAmount = 0;
  onopen: Socket['onopen'] = null;
  onmessage: Socket['onmessage'] = null;
  onerror: Socket['onerror'] = null;
  onclose: Socket['onclose'] = null;
  /** What was sent, and has "left" once the test says so. */
  readonly sent: (string | Bytes)[] = [];
  /** Each call of close, by its arguments. */
  readonly closes: unknown[][] = [];

  constructor(uri: string, subprotocols: readonly string[]) {
    this.uri = uri;
    this.subprotocols = subprotocols;
  }

  send(data: string | Bytes): void {
    this.sent.push(data);
    this.bufferedAmount += typeof data === 'string' ? Buffer.byteLength(data) : data.byteLength;
  }

  close(...args: unknown[]): void {
    this.closes.push(args);
    if (this.readyState < 2) this.readyState = 2;
  }

  /** The server has answered 101. */
  opens(): void {
    this.readyState = 1;
    this.onopen?.();
  }

  brings(...messages: (string | readonly number[])[]): void {
    for (const each of messages) this.onmessage?.({ data: typeof each === 'string' ? each : Uint8Array.from(each).buffer });
  }

  /** The last event; without a code: no close frame came. */
  closed({ code, reason, wasClean }: Partial<Closed> = {}): void {
    this.readyState = 3;
    this.onclose?.({ code: code ?? 1006, reason: reason ?? '', wasClean: wasClean ?? code !== undefined });
  }
}

/** A class of such sockets, and all that were made of it. */
export function pageSockets(): { readonly socketClass: SocketClass; readonly made: PageSocket[] } {
  const made: PageSocket[] = [];
  class Recorded extends PageSocket {
    constructor(uri: string, subprotocols: string[]) {
      super(uri, subprotocols);
      made.push(this);
    }
  }
  return { socketClass: Recorded, made };
}

/** Every microtask that is due, and those that they bring. */
export const microtasks = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
