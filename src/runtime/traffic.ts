/** What has passed a session, and what waits to. */
import type { Channel } from '../transport/spi.js';

/** Counts of one session; bytes are those of frames, headers included. Readable after the close too. [EXT-15] */
export interface SessionStatistics {
  readonly messagesSent: number;
  readonly messagesReceived: number;
  /** Control frames included, those of the heartbeat too. */
  readonly framesSent: number;
  readonly framesReceived: number;
  readonly bytesSent: number;
  readonly bytesReceived: number;
  /** Sent, but not taken by the kernel yet. */
  readonly bytesWaiting: number;
  /** Messages refused because the peer was too slow for what waited already. */
  readonly sendsDropped: number;
}

/** Member by member: a copy of an object with more members is no cheap thing in V8, and this is made for each session that ends. */
export function statisticsOf(channel: Channel, sendsDropped: number): SessionStatistics {
  const { messagesSent, messagesReceived, framesSent, framesReceived, bytesSent, bytesReceived } = channel.counters;
  const bytesWaiting = channel.bufferedAmount;
  return { messagesSent, messagesReceived, framesSent, framesReceived, bytesSent, bytesReceived, bytesWaiting, sendsDropped };
}
