/** How a session comes by streams: the door registers node's, so that nothing else in this room knows them. [D-02] */
import { IllegalStateException } from '../api/exceptions.js';
import type { OutputStream, Writer } from '../api/streams.js';

/** Where an outgoing stream puts its message. */
export interface Sink {
  /** A fragment, copied during the call. A promise while there is no room for more; it rejects with an IOException. */
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

/** The makers of streams, one for each of the JSR's four names. */
export interface Streams {
  writer(sink: Sink): Writer;
  outputStream(sink: Sink): OutputStream;
}

const registered: Partial<Streams> = {};

/** What is given is added to what is there. */
export function setStreams(makers: Partial<Streams>): void {
  Object.assign(registered, makers);
}

/** @throws IllegalStateException if no door has registered that kind */
export function maker<K extends keyof Streams>(kind: K): Streams[K] {
  const made = registered[kind];
  if (made === undefined) throw new IllegalStateException('no streams are loaded; import margay');
  return made as Streams[K];
}
