/** Objects instead of text: a decoder makes them of what comes, an encoder makes text of what is returned. */
import { DecodeException, Decoder, Encoder, OnError, OnMessage, ServerEndpoint, Session, serve } from 'margay';
import { report } from '../errors.js';
import { program, type Running } from './program.js';

class Order {
  constructor(
    readonly article: string,
    readonly count: number,
  ) {}
}

class Receipt {
  constructor(
    readonly order: Order,
    readonly total: number,
  ) {}
}

/** `{"article":"茶","count":3}` */
class OrderDecoder extends Decoder.Text(Order) {
  override decode(text: string): Order {
    const { article, count } = JSON.parse(text) as Order;
    if (typeof article !== 'string' || !Number.isInteger(count) || count < 1) throw new RangeError('an order has an article and a count');
    return new Order(article, count);
  }
}

class ReceiptEncoder extends Encoder.Text(Receipt) {
  override encode({ order, total }: Receipt): string {
    return JSON.stringify({ ...order, total: total.toFixed(2) });
  }
}

const PRICE = 2.5;

@ServerEndpoint({ value: '/orders', decoders: [OrderDecoder], encoders: [ReceiptEncoder] })
export class Shop {
  @OnMessage
  order(order: Order): Receipt {
    return new Receipt(order, order.count * PRICE);
  }

  /** What cannot be decoded ends here, with its reason as the cause; the session goes on. */
  @OnError
  async failed(session: Session, error: Error): Promise<void> {
    if (error instanceof DecodeException) await session.getBasicRemote().sendText(`no order: ${(error.cause as Error).message}`);
    else report('Shop', error);
  }
}

export const start = (port: number): Promise<Running> => serve({ endpoints: [Shop], port });

await program(import.meta.url, start);
