/** What every container offers, whichever side it is on. */
import type { Extension } from './extension.js';

/** Defaults for the sessions of a container; a change holds for sessions made later. [CON-5] */
export interface WebSocketContainer {
  /** ms, -1 at first; 0 or less: none. */
  getDefaultAsyncSendTimeout(): number;
  setAsyncSendTimeout(ms: number): void;
  /** ms, 0 at first: never. */
  getDefaultMaxSessionIdleTimeout(): number;
  setDefaultMaxSessionIdleTimeout(ms: number): void;
  /** Bytes, 1048576 at first. */
  getDefaultMaxTextMessageBufferSize(): number;
  setDefaultMaxTextMessageBufferSize(bytes: number): void;
  /** Bytes, 1048576 at first. */
  getDefaultMaxBinaryMessageBufferSize(): number;
  setDefaultMaxBinaryMessageBufferSize(bytes: number): void;
  getInstalledExtensions(): ReadonlySet<Extension>;
}
