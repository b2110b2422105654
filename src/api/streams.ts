/** Messages as streams: the JSR's four names, as brands on node's own streams. [D-02] */
import type { Readable, Writable } from 'node:stream';
import { KIND } from './kind.js';

/** Marks the objects handed out, across two installed copies of margay; its value is the stream's name. */
export const STREAM: unique symbol = Symbol.for('margay/stream') as never;

function isStream(value: unknown, name: string): boolean {
  return typeof value === 'object' && value !== null && (value as { [STREAM]?: string })[STREAM] === name;
}

/**
 * A text message while it arrives: a node `Readable` of strings, never splitting a character; async-iterable. Cut off by the
 * peer it fails with EOFException `MARGAY_EOF`. What is unread when the handler settles is thrown away. [ANN-18]
 */
export abstract class Reader {
  static readonly [KIND]: string = 'Reader';

  static [Symbol.hasInstance](value: unknown): boolean {
    return isStream(value, 'Reader');
  }
}

export interface Reader extends Readable {
  readonly [STREAM]?: 'Reader';
  [Symbol.asyncIterator](): ReturnType<Readable['iterator']> & AsyncIterableIterator<string>;
}

/** A binary message while it arrives: a node `Readable` of Buffers; otherwise as `Reader`. */
export abstract class InputStream {
  static readonly [KIND]: string = 'InputStream';

  static [Symbol.hasInstance](value: unknown): boolean {
    return isStream(value, 'InputStream');
  }
}

export interface InputStream extends Readable {
  readonly [STREAM]?: 'InputStream';
  [Symbol.asyncIterator](): ReturnType<Readable['iterator']> & AsyncIterableIterator<Buffer>;
}

/**
 * A text message being sent: a node `Writable` of strings. `end()` finishes the message; without any write there is none. A
 * write after the end fails with IOException `MARGAY_STREAM_ENDED`. [REM-9]
 */
export abstract class Writer {
  static readonly [KIND]: string = 'Writer';

  static [Symbol.hasInstance](value: unknown): boolean {
    return isStream(value, 'Writer');
  }
}

export interface Writer extends Writable {
  readonly [STREAM]?: 'Writer';
  /** Sends what is buffered as a fragment; nothing if nothing is. Rejects with IOException after the end. */
  flush(): Promise<void>;
}

/** A binary message being sent: a node `Writable` of Bytes, text is refused; otherwise as `Writer`. */
export abstract class OutputStream {
  static readonly [KIND]: string = 'OutputStream';

  static [Symbol.hasInstance](value: unknown): boolean {
    return isStream(value, 'OutputStream');
  }
}

export interface OutputStream extends Writable {
  readonly [STREAM]?: 'OutputStream';
  /** Sends what is buffered as a fragment; nothing if nothing is. Rejects with IOException after the end. */
  flush(): Promise<void>;
}
