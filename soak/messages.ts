/** What the server's process and the driver say to each other. */

/** What is asked of the server: a sample, after a collection or not. */
export interface Question {
  readonly collect: boolean;
}

export interface Sample {
  /** Bytes. */
  readonly rss: number;
  readonly heapUsed: number;
  readonly external: number;
  /** Open descriptors of the process, and what keeps it busy. */
  readonly descriptors: number;
  readonly handles: Readonly<Record<string, number>>;
  /** Of all containers together. */
  readonly sessions: number;
  readonly opened: number;
  readonly errors: number;
  readonly messages: number;
  readonly closed: Readonly<Record<string, number>>;
  readonly refused: Readonly<Record<string, number>>;
  readonly slowPeer: { readonly close: number; readonly drop: number; readonly wait: number };
  /** What was logged or reported because of peers, by code. */
  readonly logged: Readonly<Record<string, number>>;
  /** ms that the event loop was held since the last sample, at most. */
  readonly held: number;
}

export interface Ports {
  readonly examples: number;
  readonly arena: number;
}

export type Answer =
  | ({ readonly what: 'ports' } & Ports)
  | { readonly what: 'sample'; readonly sample: Sample }
  | { readonly what: 'closed'; readonly id: string; readonly code: number };
