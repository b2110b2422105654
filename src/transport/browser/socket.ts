/** A browser's WebSocket, as far as the engine uses it. */
import type { Bytes } from '../spi.js';

/** `new WebSocket(uri, subprotocols)`: a browser's own, or a class with the same interface. */
export type SocketClass = new (uri: string, subprotocols: string[]) => Socket;

export interface Socket {
  binaryType: string;
  readonly readyState: number;
  /** "" for none. */
  readonly protocol: string;
  /** As the header says; "" for none. */
  readonly extensions: string;
  /** Bytes of payloads that were sent and have not left. */
  readonly bufferedAmount: number;
  onopen: (() => void) | null;
  onmessage: ((event: Message) => void) | null;
  /** Says nothing; `onclose` follows. */
  onerror: (() => void) | null;
  /** The last event: the closing handshake, if there was one, is over, and so is TCP. */
  onclose: ((event: Closed) => void) | null;
  send(data: string | Bytes): void;
  close(code?: number, reason?: string): void;
}

export interface Message {
  readonly data: string | ArrayBuffer;
}

export interface Closed {
  /** The peer's; 1005 if its close frame was empty, 1006 if none came. */
  readonly code: number;
  readonly reason: string;
  /** Both have sent a close frame, behind all they sent before. */
  readonly wasClean: boolean;
}

/** `readyState` while messages may be sent. */
export const OPEN = 1;

export function nothing(): void {}
