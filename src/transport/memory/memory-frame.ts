/** What travels between two memory channels: the frames of a WebSocket, as values. */
import type { Bytes, MessageKind, Prepared } from '../spi.js';

/** A data message, or a part of one. */
export interface DataFrame {
  readonly sort: 'data';
  readonly kind: MessageKind;
  readonly data: string | Buffer;
  readonly first: boolean;
  readonly last: boolean;
  /** Several channels hold the same buffer: whoever delivers it copies it. */
  readonly isShared: boolean;
  /** Bytes of the payload. */
  readonly size: number;
}

export interface ControlFrame {
  readonly sort: 'ping' | 'pong';
  readonly data: Buffer;
  readonly size: number;
}

export interface CloseFrame {
  readonly sort: 'close';
  readonly code: number | undefined;
  readonly phrase: string;
  readonly size: number;
}

/** The end of one direction; no frame, but it travels behind them. */
export interface StreamEnd {
  readonly sort: 'end';
  readonly size: 0;
}

export type MemoryFrame = DataFrame | ControlFrame | CloseFrame | StreamEnd;

export const END: StreamEnd = { sort: 'end', size: 0 };

/** A message encoded once: here, copied once. */
export class MemoryMessage implements Prepared {
  readonly frame: DataFrame;

  constructor(message: string | Bytes) {
    const kind = typeof message === 'string' ? 'text' : 'binary';
    this.frame = dataFrame(kind, message, true, true, true);
  }

  get kind(): MessageKind {
    return this.frame.kind;
  }

  get size(): number {
    return this.frame.size;
  }
}

/** Copies bytes, whatever their size: the caller may touch them at once. */
export function dataFrame(kind: MessageKind, data: string | Bytes, first: boolean, last: boolean, isShared = false): DataFrame {
  if (typeof data === 'string') return { sort: 'data', kind, data, first, last, isShared, size: Buffer.byteLength(data) };
  const copy = copyOf(data);
  return { sort: 'data', kind, data: copy, first, last, isShared, size: copy.length };
}

export function controlFrame(sort: 'ping' | 'pong', bytes: Bytes): ControlFrame {
  const data = copyOf(bytes);
  return { sort, data, size: data.length };
}

export function closeFrame(code: number | undefined, phrase: string): CloseFrame {
  return { sort: 'close', code, phrase, size: code === undefined ? 0 : 2 + Buffer.byteLength(phrase) };
}

/** Bytes this frame would take on a wire: what a client sends is masked. */
export function wireLength(frame: MemoryFrame, isMasked: boolean): number {
  if (frame.sort === 'end') return 0;
  const extended = frame.size < 126 ? 0 : frame.size < 65536 ? 2 : 8;
  return 2 + extended + (isMasked ? 4 : 0) + frame.size;
}

function copyOf(bytes: Bytes): Buffer {
  return Buffer.from(ArrayBuffer.isView(bytes) ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength) : new Uint8Array(bytes));
}
