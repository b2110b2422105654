/** The frame that was made last: the same message again, to another socket, need not be encoded again. [REL-10] */
import { plainHeaderSize } from './frame-header.js';
import { atTurnEnd, type Block } from './turn-buffer.js';

/** A broadcast is a loop over sockets, so one is enough: the last. */
export class RecentFrame {
  text: string | null = null;
  bytes: Uint8Array | null = null;
  /** Its first byte. */
  first = 0;
  /** Where it lies in the turn's memory, if it does; at what age of the block. */
  block: Block | null = null;
  age = 0;
  start = 0;
  end = 0;
  /** In memory of its own, once somebody needs that: whoever does not read must not hold what belongs to the turn. */
  frame: Buffer | null = null;
}

const recent = new RecentFrame();

/** The text's frame, if it was the last to be made and is still there; a client's are masked anew each. */
export function recentText(first: number, text: string): RecentFrame | null {
  return recent.text === text && recent.first === first && isThere() ? recent : null;
}

/** The same for bytes, which their owner may have changed meanwhile: they are compared. */
export function recentBytes(first: number, bytes: Uint8Array): RecentFrame | null {
  const known = recent.bytes;
  if (known === null || known.buffer !== bytes.buffer || known.byteOffset !== bytes.byteOffset || known.length !== bytes.length)
    return null;
  return recent.first === first && isThere() && carries(recent, bytes) ? recent : null;
}

/** In memory of its own, for many to hold together. */
export function ownFrame(of: RecentFrame): Buffer {
  of.frame ??= Buffer.from((of.block as Block).bytes.subarray(of.start, of.end));
  return of.frame;
}

/** Told before it is committed: that may write it out at once, and then its place is free again. */
export function rememberRange(first: number, message: string | Uint8Array, block: Block, start: number, end: number): void {
  remember(first, message);
  recent.block = block;
  recent.age = block.age;
  recent.start = start;
  recent.end = end;
}

export function rememberFrame(first: number, message: string | Uint8Array, frame: Buffer): void {
  remember(first, message);
  recent.frame = frame;
}

/** What was sent in one turn is seldom sent in the next, and need not be kept for it. */
const forgetful = {
  isAsked: false,
  turnEnds(): void {
    forgetful.isAsked = false;
    recent.text = null;
    recent.bytes = null;
    recent.block = null;
    recent.frame = null;
  },
};

function remember(first: number, message: string | Uint8Array): void {
  const isText = typeof message === 'string';
  recent.text = isText ? message : null;
  recent.bytes = isText ? null : message;
  recent.first = first;
  recent.block = null;
  recent.frame = null;
  if (forgetful.isAsked) return;
  forgetful.isAsked = true;
  atTurnEnd(forgetful);
}

/** Its place in the turn's memory may be another's by now; a copy of its own stays. */
function isThere(): boolean {
  if (recent.block !== null && recent.block.age !== recent.age) recent.block = null;
  return recent.block !== null || recent.frame !== null;
}

/** The length, too, may be another by now: of what lies in a resizable buffer. */
function carries({ block, start, end, frame }: RecentFrame, bytes: Uint8Array): boolean {
  const [held, from, to] = frame === null ? [(block as Block).bytes, start, end] : [frame, 0, frame.length];
  const payload = from + plainHeaderSize(bytes.length);
  return payload + bytes.length === to && held.compare(bytes, 0, bytes.length, payload, to) === 0;
}
