/** How the runtime comes by streams: the door registers those of its platform. [D-02] */
import { IllegalStateException } from '../api/exceptions.js';
import type { InputStream, OutputStream, Reader, Writer } from '../api/streams.js';
import type { MessageKind } from '../transport/spi.js';

/** A message that is read while it arrives. */
export interface Incoming {
  /** What a handler is given. */
  readonly stream: Reader | InputStream;
  /** Adds what has come, and ends the stream behind the last part. False: it holds enough for now. */
  add(data: string | Buffer, last: boolean): boolean;
  /** Nothing more will come. */
  fail(error: Error): void;
}

/** Where an outgoing stream puts its message. */
export interface Sink {
  /** A fragment; its bytes are not touched before the promise settles. A promise while there is no room for more; rejects with IOException. */
  fragment(bytes: Uint8Array, last: boolean): Promise<void> | undefined;
  /** `end()` was called: nothing more is written. */
  ending(): void;
  /** It was ended without a write: there is no message. */
  nothing(): void;
  /** It was given up before its end. Does nothing once the last fragment is out. */
  abandoned(error: Error | null): void;
  /** What a write or a flush after the end fails with. */
  endedError(): Error;
}

/** The streams of a platform. */
export interface Streams {
  /** `onRoom` is called whenever there is room again, or nobody reads any more. */
  incoming(kind: MessageKind, onRoom: () => void): Incoming;
  writer(sink: Sink): Writer;
  outputStream(sink: Sink): OutputStream;
}

let registered: Streams | null = null;

export function setStreams(streams: Streams): void {
  registered = streams;
}

export function streams(): Streams {
  if (registered === null) throw new IllegalStateException('no streams are loaded; import margay');
  return registered;
}
