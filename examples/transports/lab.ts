/** The page's own connection: what it asks of the laboratory, and what it is told. */
import { DecodeException, OnClose, OnError, OnMessage, OnOpen, ServerEndpoint, Session } from 'margay';
import { report } from '../errors.js';
import { now } from './clock.js';
import { cancelSweep, changeSource, enter, leave, startSweep } from './laboratory.js';
import { Order, OrderDecoder } from './order.js';
import { Upgrade, WithUpgrade } from './upgrade.js';
import { Visitor } from './visitor.js';

@ServerEndpoint({
  value: '/lab',
  configurator: WithUpgrade,
  decoders: [OrderDecoder],
  maxTextMessageBufferSize: 4096,
  slowPeer: { mark: 65_536, patience: 5000, cap: 1_048_576, policy: 'close' },
})
export class Lab {
  #visitor!: Visitor;
  #base!: string;

  @OnOpen
  open(session: Session): void {
    this.#visitor = new Visitor(session);
    this.#base = `${Upgrade.of(session).origin}${session.getRequestURI().pathname.replace(/\/lab$/, '')}`;
    enter(this.#visitor);
  }

  @OnMessage
  order(order: Order): void {
    if (order.is('clock')) this.#tell({ type: 'clock', asked: order.asks.asked, at: now() });
    else if (order.is('source')) changeSource(order.asks);
    else if (order.is('cancel')) cancelSweep();
    else if (order.is('sweep') && !startSweep(this.#visitor, order.asks, this.#base)) {
      this.#tell({ type: 'refused', why: 'A sweep is running; there is one at a time, for all who have this page open.' });
    }
  }

  @OnClose
  close(): void {
    leave(this.#visitor);
  }

  @OnError
  failed(error: Error): void {
    if (error instanceof DecodeException) this.#tell({ type: 'refused', why: error.message });
    else report('Lab', error);
  }

  #tell(said: object): void {
    this.#visitor.tell(JSON.stringify(said));
  }
}
