/** What has passed a session, and what waits to. */

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
