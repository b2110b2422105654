/** How a session comes by streams: the door registers node's, so that nothing else in this room knows them. [D-02] */
import { IllegalStateException } from '../api/exceptions.js';
import type { InputStream, OutputStream, Reader, Writer } from '../api/streams.js';
import type { MessageKind } from '../transport/spi.js';

/** Where an outgoing stream puts its message. */
export interface Sink {
  /** A fragment; its bytes are not touched before the promise, if there is one, settles: while there is no room for more. Rejects with IOException. */
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

/** A message that is read while it arrives. */
export interface Incoming {
  /** What a handler is given. */
  readonly stream: Reader | InputStream;
  /** Adds what has come, and ends the stream behind the last part. False: it holds enough for now. */
  add(data: string | Buffer, last: boolean): boolean;
  /** Nothing more will come. */
  fail(error: Error): void;
}

/** The makers of streams. */
export interface Streams {
  /** A Reader or an InputStream; `onRoom` is called whenever there is room again, or nobody reads any more. */
  incoming(kind: MessageKind, onRoom: () => void): Incoming;
  writer(sink: Sink): Writer;
  outputStream(sink: Sink): OutputStream;
}

const registered: Partial<Streams> = {};

/** What is given is added to what is there. */
export function setStreams(makers: Partial<Streams>): void {
  Object.assign(registered, makers);
}

/** Whether they are those that are registered. */
export const isMadeBy = ({ incoming }: Streams): boolean => registered.incoming === incoming;

/** @throws IllegalStateException if no door has registered that kind */
export function maker<K extends keyof Streams>(kind: K): Streams[K] {
  const made = registered[kind];
  if (made === undefined) throw new IllegalStateException('no streams are loaded; import margay');
  return made as Streams[K];
}
