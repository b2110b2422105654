/** What somebody has published. */
export interface Post {
  /** Larger than that of every post before it, also of those from before the server was started anew. */
  readonly id: number;
  readonly author: string;
  readonly text: string;
  /** The author's own name for it. */
  readonly ref: string;
  /** When it was published, in ms since 1970. */
  readonly at: number;
}
