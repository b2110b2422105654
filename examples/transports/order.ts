/** What a page may ask of the laboratory, within bounds. */
import { DecodeException, Decoder } from 'margay';

export interface SweepOrder {
  /** 1, 10, 100, 1000: clients in the last step; each step has ten times those before. */
  readonly upTo: number;
  /** Messages per second. */
  readonly perSecond: number;
  /** ms between two polls. */
  readonly every: number;
  /** That each step is measured for. */
  readonly seconds: number;
}

interface Asks {
  readonly source: { readonly perSecond?: number; readonly text?: string };
  readonly sweep: SweepOrder;
  readonly cancel: object;
  /** The page wants to compare clocks; `asked` comes back as it is. */
  readonly clock: { readonly asked: number };
}

/** In characters. */
const LONGEST_TEXT = 200;

export class Order<K extends keyof Asks = keyof Asks> {
  readonly what: K;
  readonly asks: Asks[K];

  constructor(what: K, asks: Asks[K]) {
    this.what = what;
    this.asks = asks;
  }

  is<W extends keyof Asks>(what: W): this is Order<W> {
    return (this.what as string) === what;
  }
}

/** `{"do":"sweep","upTo":100,"perSecond":1,"every":1000,"seconds":5}` */
export class OrderDecoder extends Decoder.Text(Order) {
  decode(text: string): Order {
    const asked = read(text);
    const number = (name: string, least: number, most: number): number => {
      const value = asked[name];
      if (typeof value === 'number' && value >= least && value <= most) return value;
      throw new DecodeException(text.slice(0, 200), `${name} is a number from ${least} to ${most}`);
    };
    switch (asked['do']) {
      case 'source':
        return new Order('source', {
          ...('perSecond' in asked && { perSecond: number('perSecond', 0.1, 20) }),
          ...('text' in asked && { text: [...String(asked['text'])].slice(0, LONGEST_TEXT).join('').toWellFormed() }),
        });
      case 'sweep':
        return new Order('sweep', {
          upTo: 10 ** Math.round(Math.log10(number('upTo', 1, 1000))),
          perSecond: number('perSecond', 0.1, 20),
          every: number('every', 50, 10_000),
          seconds: number('seconds', 0.2, 30),
        });
      case 'cancel':
        return new Order('cancel', {});
      case 'clock':
        return new Order('clock', { asked: number('asked', 0, Number.MAX_SAFE_INTEGER) });
      default:
        throw new DecodeException(text.slice(0, 200), 'do is source, sweep, cancel or clock');
    }
  }
}

function read(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {}
  throw new DecodeException(text.slice(0, 200), 'an order is an object in JSON');
}
