/** A socket whose peer reads when the test says so. */
import { Duplex } from 'node:stream';

export class SlowSocket extends Duplex {
  /** What the kernel has taken, as it was when it was taken. */
  readonly taken: Buffer[] = [];
  /** The sizes of single writes. */
  readonly writes: number[] = [];
  /** Takes at once what it is given. */
  prompt = true;
  #pending: { chunks: Buffer[]; callback: () => void } | null = null;

  override _write(chunk: Buffer, _encoding: string, callback: () => void): void {
    this.#offer([chunk], callback);
  }

  override _writev(chunks: { chunk: Buffer }[], callback: () => void): void {
    this.#offer(
      chunks.map(({ chunk }) => chunk),
      callback,
    );
  }

  override _read(): void {}

  get bytes(): Buffer {
    return Buffer.concat(this.taken);
  }

  /** The peer reads what was written last. False if there was nothing. */
  readOut(): boolean {
    const pending = this.#pending;
    if (pending === null) return false;
    this.#pending = null;
    for (const chunk of pending.chunks) this.taken.push(Buffer.from(chunk));
    pending.callback();
    return true;
  }

  #offer(chunks: Buffer[], callback: () => void): void {
    if (chunks.every(({ length }) => length === 0)) return callback(); // there is always room for nothing
    this.writes.push(chunks.reduce((sum, { length }) => sum + length, 0));
    this.#pending = { chunks, callback };
    if (this.prompt) this.readOut();
  }
}
