/** What both directions of a connection with further extensions have in common. [EXT-16] */
import { types } from 'node:util';
import type { Frame, Transformation } from '../spi.js';

export type Direction = 'inbound' | 'outbound';

const RSV = { 1: 0x40, 2: 0x20, 3: 0x10 } as const;

/** The bits of a frame's first byte that the extensions use. */
export function claimedBy(transformations: readonly Transformation[]): number {
  return transformations.reduce((bits, { rsv }) => rsv.reduce((all: number, bit) => all | RSV[bit], bits), 0);
}

/** A frame as its first byte tells; the payload becomes the frame's own. */
export function frameOf(first: number, payload: Buffer): Frame {
  const has = (bit: number): boolean => (first & bit) !== 0;
  return { opcode: first & 0x0f, fin: has(0x80), rsv1: has(RSV[1]), rsv2: has(RSV[2]), rsv3: has(RSV[3]), payload };
}

/** The first byte of a frame. */
export function firstOf({ opcode, fin, rsv1, rsv2, rsv3 }: Frame): number {
  return (fin ? 0x80 : 0) | (rsv1 ? RSV[1] : 0) | (rsv2 ? RSV[2] : 0) | (rsv3 ? RSV[3] : 0) | opcode;
}

/** Gives the frame to one after the other; a promise from the first that answers with one. Throws, or rejects, as they do. */
export function pass(frame: Frame, transformations: readonly Transformation[], way: Direction, from = 0): Frame | Promise<Frame> {
  let current = frame;
  for (let i = from; i < transformations.length; i++) {
    const next = (transformations[i] as Transformation)[way](current);
    if (isThenable(next)) return Promise.resolve(next).then((later) => pass(checked(later), transformations, way, i + 1));
    current = checked(next);
  }
  return current;
}

/** What was thrown, as an error. */
export function errorOf(thrown: unknown): Error {
  return types.isNativeError(thrown) ? thrown : new Error('an extension threw what is no error', { cause: thrown });
}

/** Tells each that its connection is gone; what they throw then concerns nobody. */
export function closeAll(transformations: readonly Transformation[]): void {
  for (const each of transformations) {
    try {
      const closed: unknown = each.close?.();
      if (isThenable(closed)) closed.then(undefined, () => {});
    } catch {
      // nothing is left that it could cost
    }
  }
}

function checked(frame: Frame): Frame {
  const { opcode, payload } = (frame ?? {}) as Partial<Frame>;
  const isOpcode = Number.isInteger(opcode) && (opcode as number) >= 0 && (opcode as number) <= 0x0f;
  if (!isOpcode || !types.isUint8Array(payload)) throw new TypeError('an extension must answer with a frame: an opcode and bytes');
  return Buffer.isBuffer(payload) ? frame : { ...frame, payload: Buffer.from(payload as Uint8Array) };
}

export const isThenable = <T>(value: T | Promise<T>): value is Promise<T> =>
  typeof (value as Partial<Promise<T>> | null | undefined)?.then === 'function';
