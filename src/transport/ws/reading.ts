/** The reading half of a channel: a reader for what was agreed on. */
import type { ChannelListener, Transformation } from '../spi.js';
import { FrameReader } from './frame-reader.js';
import { inflateOptions } from './inflate.js';
import type { Reader, ReaderOwner } from './paced-reader.js';
import type { WsChannelOptions } from './sending.js';
import { TransformingReader } from './transforming-reader.js';

/** How the frames of a server's peer are to look, and those of a client's, without compression. */
const OF_CLIENTS = Object.freeze({ isServer: true, deflate: null });
const OF_SERVERS = Object.freeze({ isServer: false, deflate: null });

/** Transformations that have been closed meanwhile are not among those given. */
export function readerFor(
  { isServer, deflate }: WsChannelOptions,
  transformations: readonly Transformation[],
  listener: ChannelListener,
  owner: ReaderOwner,
): Reader {
  const plain = isServer ? OF_CLIENTS : OF_SERVERS;
  const parsing = deflate === null ? plain : { isServer, deflate: inflateOptions(deflate, isServer) };
  return transformations.length === 0
    ? new FrameReader(listener, owner, parsing)
    : new TransformingReader(listener, owner, { ...parsing, transformations });
}
