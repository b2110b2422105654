/** What the server and the process that makes load say to each other, over node's IPC. */
import type { Lines } from '../heads.js';
import type { Transport } from '../transport.js';

export type LoadOrder =
  /** Answered once all clients are connected and know where they stand. */
  | {
      readonly do: 'open';
      readonly transport: Transport;
      readonly clients: number;
      /** `http://127.0.0.1:8080/transports` */
      readonly base: string;
      readonly trial: string;
      /** ms between two polls. */
      readonly every: number;
      /** Of the visitor's browser; empty: node's own. */
      readonly lines: Lines;
    }
  /** What was delivered so far does not count; from now on it does. */
  | { readonly do: 'count' }
  /** Answered with a `Tally`. */
  | { readonly do: 'report' }
  | { readonly do: 'close' };

export interface Tally {
  readonly delivered: number;
  /** Messages that a client did not get, and those that came twice or in the wrong order. */
  readonly missed: number;
  readonly disordered: number;
  /** ms from the moment a message was made until a client had it; null without any. */
  readonly delay: { readonly mean: number; readonly p50: number; readonly p99: number } | null;
}

/** To each order, one; `recent` comes by itself. */
export type LoadAnswer =
  | { readonly done: 'open' | 'count' | 'close' }
  | { readonly done: 'report'; readonly tally: Tally }
  | { readonly done: 'recent' /** ms, the mean of half a second's messages. */; readonly delay: number }
  | { readonly failed: string };
