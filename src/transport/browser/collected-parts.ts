/** The parts of a message that is being sent: a browser sends whole messages, so they wait for the last one. */
import type { Bytes } from '../spi.js';

const encoder = new TextEncoder();

export class CollectedParts {
  readonly #parts: (string | Uint8Array)[] = [];

  /** Bytes are copied: they are the caller's again. */
  add(part: string | Bytes): void {
    this.#parts.push(typeof part === 'string' ? part : copyOf(part));
  }

  /** Of a text message. @throws TypeError for bytes that are no UTF-8 */
  get text(): string {
    if (this.#parts.every((part) => typeof part === 'string')) return this.#parts.join('');
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(this.bytes);
  }

  get bytes(): Uint8Array {
    const parts = this.#parts.map((part) => (typeof part === 'string' ? encoder.encode(part) : part));
    const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const part of parts) {
      whole.set(part, at);
      at += part.length;
    }
    return whole;
  }
}

export function copyOf(bytes: Bytes): Uint8Array {
  const view = ArrayBuffer.isView(bytes) ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength) : new Uint8Array(bytes);
  return view.slice();
}
