/**
 * What a load generator is told and what it says: a line of words each way, the same for load.c and for main.ts beside this file.
 *
 *     echo plain 8080 64 8 1024    kind, dialect, port, connections, depth, bytes: opens them; all six words, 0 where none is meant
 *     run 1000                     for so many ms
 *     close                        drops them by reset
 *
 * Each line has one answer, in JSON. Whatever is not as it should be ends the process with 1 and a sentence on stderr.
 */
export interface Load {
  /** `idle` and `squeezed` are never run; the second exchanges a compressed message on each connection. */
  readonly kind: 'echo' | 'fan-out' | 'room' | 'idle' | 'squeezed' | 'handshakes';
  /** How the server's own protocol wraps a text. */
  readonly dialect: DialectName;
  readonly connections: number;
  /** Messages in flight on each connection, or of the one that sends; senders of a room; templates of handshakes. */
  readonly depth: number;
  /** Of an echo; bytes. */
  readonly size: number;
}

export type DialectName = 'plain' | 'nest' | 'socket.io';

/** How many are open. */
export interface Opened {
  readonly open: number;
}

/** What came where it should in one run. */
export interface Outcome {
  readonly count: number;
  /** A second. */
  readonly rate: number;
  /** Of an echo with one message in flight, µs. */
  readonly p50?: number;
  readonly p99?: number;
}

export const lineOf = ({ kind, dialect, connections, depth, size }: Load, port: number): string =>
  `${kind} ${dialect} ${port} ${connections} ${depth} ${size}`;

/** @throws Error if that is no load */
export function loadOf(line: string): { readonly load: Load; readonly port: number } {
  const [kind, dialect, port, connections, depth, size] = line.split(' ');
  if (size === undefined) throw new Error('a line that is not understood');
  const load = { kind, dialect, connections: Number(connections), depth: Number(depth), size: Number(size) } as Load;
  return { load, port: Number(port) };
}
