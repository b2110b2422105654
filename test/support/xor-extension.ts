/** An extension that writes every payload over with a byte, and says so with a bit. */
import type { ExtensionFactory, Frame, Handled, Transformation } from '../../src/transport/spi.js';

export interface XorOptions {
  readonly key?: number;
  readonly rsv?: 1 | 2 | 3;
  /** Answers later, and sooner for shorter frames: whoever keeps no order shows it. */
  readonly slow?: boolean;
}

export class Xor implements Transformation {
  readonly rsv: readonly (1 | 2 | 3)[];
  readonly parameters: Transformation['parameters'];
  readonly seen: string[] = [];
  closed = 0;
  /** A payload that is refused, in clear. */
  refuses: string | null = null;
  readonly #key: number;
  readonly #slow: boolean;

  constructor({ key = 0x5a, rsv = 2, slow = false }: XorOptions = {}) {
    this.#key = key;
    this.#slow = slow;
    this.rsv = [rsv];
    this.parameters = [{ getName: () => 'key', getValue: () => String(key) }];
  }

  inbound(frame: Frame): Handled<Frame> {
    if (!frame[this.#bit]) throw new Error('a frame without the bit');
    return this.#answer('in', { ...frame, [this.#bit]: false, payload: this.turn(frame.payload) });
  }

  outbound(frame: Frame): Handled<Frame> {
    return this.#answer('out', { ...frame, [this.#bit]: true, payload: this.turn(frame.payload) });
  }

  close(): void {
    this.closed++;
  }

  turn(bytes: Uint8Array): Buffer {
    return Buffer.from(bytes.map((byte) => byte ^ this.#key));
  }

  get #bit(): 'rsv1' | 'rsv2' | 'rsv3' {
    return `rsv${this.rsv[0] as 1 | 2 | 3}`;
  }

  #answer(way: 'in' | 'out', frame: Frame): Handled<Frame> {
    const clear = way === 'in' ? frame.payload : this.turn(frame.payload);
    this.seen.push(`${way} ${frame.opcode} ${clear.length > 20 ? clear.length : clear}`);
    if (this.refuses !== null && clear.toString() === this.refuses) {
      if (!this.#slow) throw new Error('refused');
      return Promise.reject(new Error('refused'));
    }
    if (!this.#slow) return frame;
    return new Promise((resolve) => setTimeout(resolve, Math.min(8, frame.payload.length), frame));
  }
}

/** Offered as `xor`, or `xor; key=7`; a key that is no byte is declined. */
export function xor(
  options: XorOptions & { readonly name?: string } = {},
): ExtensionFactory & { readonly made: Xor[]; readonly asked: unknown[] } {
  const made: Xor[] = [];
  const asked: unknown[] = [];
  return {
    name: options.name ?? 'xor',
    made,
    asked,
    build(offers, isServer) {
      asked.push([isServer, offers.map((offer) => offer.map((each) => [each.getName(), each.getValue()]))]);
      for (const offer of offers) {
        const key = Number(offer.find((each) => each.getName() === 'key')?.getValue() ?? options.key ?? 0x5a);
        if (!(key >= 0 && key <= 255)) continue;
        made.push(new Xor({ ...options, key }));
        return made.at(-1) as Xor;
      }
      return null;
    },
  };
}
