/** A message that is arriving: where its bytes go, and what the house hears of it. */
import { constants } from 'node:buffer';
import type { ChannelListener, Intake, MessageKind } from '../spi.js';
import { Gathering, keepable } from './gathering.js';
import { Utf8Check } from './utf8-check.js';

/** [SES-28] A part ends with its frame, or once this many bytes are there. */
const PART_SIZE = 8192;

export class IncomingMessage {
  readonly kind: MessageKind;
  readonly mode: Intake['mode'];
  readonly compressed: boolean;
  /** Bytes that are asked for; a whole message must also fit one string or Buffer, and of a skipped one nothing is held. [REL-8] */
  readonly limit: number;
  /** Bytes of payload, inflated, that have come or that the headers have announced. */
  size = 0;
  /** Compressed, without context and so small that one call inflates it; its compressed bytes so far. */
  fitsInOneGo = false;
  #squeezed: Gathering | null = null;
  readonly #utf8: Utf8Check | null;
  /** Made for the first bytes that have to wait for others. */
  #held: Gathering | null = null;
  #ascii = true;

  constructor(kind: MessageKind, intake: Intake, compressed: boolean) {
    this.kind = kind;
    this.mode = intake.mode;
    this.compressed = compressed;
    this.limit = limitOf(kind, intake);
    this.#utf8 = kind === 'text' ? new Utf8Check() : null;
  }

  get squeezed(): Gathering {
    this.#squeezed ??= new Gathering();
    return this.#squeezed;
  }

  /**
   * Takes the next bytes, which nobody writes to again. Calls the listener at most once, as the last thing. False: not UTF-8.
   * `ascii` if the bytes are known to be.
   */
  accept(listener: ChannelListener, bytes: Buffer, start: number, end: number, ascii: boolean, frameEnds: boolean, last: boolean): boolean {
    const utf8 = this.#utf8;
    if (utf8 !== null) {
      if (!(ascii ? utf8.pushAscii(end - start) : utf8.push(bytes, start, end))) return false;
      if (last && utf8.unfinished > 0) return false;
      if (!ascii) this.#ascii = false;
    }
    if (this.mode === 'whole') this.#whole(listener, bytes, start, end, last);
    else if (this.mode === 'parts') this.#part(listener, bytes, start, end, frameEnds, last);
    return true;
  }

  #whole(listener: ChannelListener, bytes: Buffer, start: number, end: number, last: boolean): void {
    if (last && this.#held === null) {
      if (this.kind === 'text') listener.onText(this.#decode(bytes, start, end));
      else listener.onBinary(keepable(bytes, start, end));
      return;
    }
    this.#hold(bytes, start, end);
    if (!last) return;
    const all = this.#release();
    if (this.kind === 'text') listener.onText(this.#decode(all, 0, all.length));
    else listener.onBinary(all);
  }

  #part(listener: ChannelListener, bytes: Buffer, start: number, end: number, frameEnds: boolean, last: boolean): void {
    const size = end - start + (this.#held?.length ?? 0);
    if (!frameEnds && size < PART_SIZE) {
      if (end > start) this.#hold(bytes, start, end);
      return;
    }
    let all = bytes;
    let from = start;
    let to = end;
    if (this.#held !== null) {
      this.#hold(bytes, start, end);
      all = this.#release();
      from = 0;
      to = all.length;
    }
    const cut = to - (this.#utf8?.unfinished ?? 0);
    if (cut < to) this.#hold(all, cut, to);
    if (cut === from && !last) return;
    if (this.kind === 'text') listener.onPart('text', this.#decode(all, from, cut), last);
    else listener.onPart('binary', all === bytes ? keepable(all, from, cut) : all, last);
  }

  #hold(bytes: Buffer, start: number, end: number): void {
    if (this.#held === null) this.#held = new Gathering();
    this.#held.add(bytes, start, end);
  }

  #release(): Buffer {
    const all = (this.#held as Gathering).take();
    this.#held = null;
    return all;
  }

  #decode(bytes: Buffer, start: number, end: number): string {
    return bytes.toString(this.#ascii ? 'latin1' : 'utf8', start, end);
  }
}

function limitOf(kind: MessageKind, { mode, limit }: Intake): number {
  if (mode === 'parts') return limit;
  return mode === 'whole' ? Math.min(limit, longest(kind)) : Number.POSITIVE_INFINITY;
}

/** What one string or one Buffer can hold at all. */
const longest = (kind: MessageKind): number => (kind === 'text' ? constants.MAX_STRING_LENGTH : constants.MAX_LENGTH);
