/** The remote with a time limit, and with handlers for those who like them. */
import type { Logger } from '../api/logger.js';
import type { RemoteEndpoint } from '../api/remote-endpoint.js';
import { type SendHandler, SendResult } from '../api/send-result.js';
import type { Session } from '../api/session.js';
import type { Bytes } from '../api/tokens.js';
import { wrongArgument } from './failures.js';
import type { Outbound } from './outbound.js';
import { LIMIT, Remote } from './remote.js';
import type { Sender } from './sender.js';

type Told = SendHandler | ((result: SendResult) => void);

export class RemoteAsync extends Remote implements RemoteEndpoint.Async {
  readonly #outbound: Outbound;
  readonly #sender: Sender;
  #timeout: number;

  constructor(outbound: Outbound, sender: Sender, timeout: number) {
    super(outbound, sender);
    this.#outbound = outbound;
    this.#sender = sender;
    this.#timeout = timeout;
  }

  protected get [LIMIT](): number {
    return this.#timeout;
  }

  getSendTimeout(): number {
    return this.#timeout;
  }

  setSendTimeout(ms: number): void {
    if (typeof ms !== 'number' || Number.isNaN(ms)) throw wrongArgument('setSendTimeout(ms)', `ms is ${String(ms)}`);
    if (!this.#sender.sending) throw wrongArgument('setSendTimeout(ms)', `session ${this.#sender.session.getId()} is closed`); // [REM-3]
    this.#timeout = ms;
    this.#outbound.sendTimeout = ms;
  }

  sendText(text: string): Promise<void>;
  sendText(text: string, handler: Told): void;
  sendText(text: string, ...told: [] | [Told]): Promise<void> | undefined {
    const tell = this.#teller('sendText(text, handler)', told);
    return tell(this.#outbound.text(text, 'sendText(text)', this.#timeout));
  }

  sendBinary(data: Bytes): Promise<void>;
  sendBinary(data: Bytes, handler: Told): void;
  sendBinary(data: Bytes, ...told: [] | [Told]): Promise<void> | undefined {
    const tell = this.#teller('sendBinary(data, handler)', told);
    return tell(this.#outbound.binary(data, 'sendBinary(data)', this.#timeout));
  }

  sendObject(data: unknown): Promise<void>;
  sendObject(data: unknown, handler: Told): void;
  sendObject(data: unknown, ...told: [] | [Told]): Promise<void> | undefined {
    const tell = this.#teller('sendObject(data, handler)', told);
    return tell(this.#outbound.object(data, 'sendObject(data)', this.#timeout));
  }

  /** Looks at the handler before anything is written, and tells it later, never inside the call. [REM-4, REM-13] */
  #teller(call: string, told: readonly unknown[]): (sent: Promise<void>) => Promise<void> | undefined {
    if (told.length === 0) return (sent) => sent;
    const onResult = callbackOf(told[0]);
    if (onResult === undefined) throw wrongArgument(call, `handler is ${String(told[0])}`);
    const { session, logger } = this.#sender;
    return (sent) => {
      void sent.then(
        () => tellSafely(onResult, new SendResult(session), session, logger),
        (error: Error) => tellSafely(onResult, new SendResult(session, error), session, logger),
      );
      return undefined;
    };
  }
}

function callbackOf(handler: unknown): ((result: SendResult) => void) | undefined {
  if (typeof handler === 'function') return handler as (result: SendResult) => void;
  if (typeof handler !== 'object' || handler === null) return undefined;
  const { onResult } = handler as Partial<SendHandler>;
  return typeof onResult === 'function' ? (result) => onResult.call(handler, result) : undefined;
}

function tellSafely(onResult: (result: SendResult) => unknown, result: SendResult, session: Session, logger: Logger): void {
  const failed = (err: unknown) => logger.error({ code: 'MARGAY_UNHANDLED_ERROR', session: session.getId(), err }, 'a SendHandler threw');
  try {
    Promise.resolve(onResult(result)).catch(failed);
  } catch (err) {
    failed(err);
  }
}
