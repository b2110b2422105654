/** What the bench and a server's process say to each other over IPC. */

/** What a server does with what it is told. */
export type Role = 'echo' | 'room' | 'handshakes' | 'squeezed';

/** The first word: where it listens, or why it does not. */
export type Started = { readonly port: number } | { readonly refused: string };

export type Question = 'cpu' | 'memory';

/** µs since the process began. */
export interface Cpu {
  readonly user: number;
  readonly system: number;
}

/** Bytes, after collections. */
export interface Memory {
  /** In JavaScript's heap and in what it holds outside of it. */
  readonly held: number;
  readonly heap: number;
  readonly rss: number;
}
