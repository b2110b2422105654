/** What has passed a connection, as far as it has its halves yet. [EXT-15] */
import type { ChannelCounters } from '../spi.js';
import type { Reader } from './paced-reader.js';
import type { Sending } from './sending.js';

export function countersOf(sending: Sending | null, reader: Reader | null): ChannelCounters {
  return {
    messagesSent: sending?.writer.messagesSent ?? 0,
    messagesReceived: reader?.messagesReceived ?? 0,
    framesSent: sending?.writer.framesSent ?? 0,
    framesReceived: reader?.framesReceived ?? 0,
    bytesSent: sending?.queue.bytesQueued ?? 0,
    bytesReceived: reader?.bytesReceived ?? 0,
  };
}
