/** A private message. */
export interface Message {
  /** Larger than that of every message before it, also of those from before the server was started anew. */
  readonly id: number;
  readonly from: string;
  readonly to: string;
  readonly text: string;
  /** The writer's own name for it. */
  readonly ref: string;
  /** When it was written, in ms since 1970. */
  readonly at: number;
}
