/** How the runtime comes by streams: the door registers those of its platform. [D-02] */
import { IllegalStateException } from '../api/exceptions.js';
import type { InputStream, Reader } from '../api/streams.js';
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

/** The streams of a platform. */
export interface Streams {
  /** `onRoom` is called whenever there is room again, or nobody reads any more. */
  incoming(kind: MessageKind, onRoom: () => void): Incoming;
}

let registered: Streams | null = null;

export function setStreams(streams: Streams): void {
  registered = streams;
}

export function streams(): Streams {
  if (registered === null) throw new IllegalStateException('no streams are loaded; import margay');
  return registered;
}
