/** The handlers of one session: at most one for each native type, declared or added. [SES-21 to SES-25] */
import { IllegalArgumentException, IllegalStateException } from '../api/exceptions.js';
import type { MessageHandler as AddedHandler } from '../api/message-handler.js';
import { wrongArgument } from './failures.js';
import { objectionToReceiver } from './no-streams.js';
import { type Failures, guarded } from './path-values.js';
import type { Call, EndpointPlan, MessageHandler, Receiver } from './plan.js';

const NATIVES = ['text', 'binary', 'pong'] as const;

/** A handler that has a place. */
interface Registered {
  /** What getMessageHandlers shows of it. */
  readonly shown: AddedHandler;
  /** What was given to addMessageHandler; null for an annotated method. */
  readonly given: unknown;
  readonly receiver: Receiver;
}

/** Whose handlers they are. */
export interface HandlersOwner {
  /** A slot was filled or freed. */
  onHandlers(): void;
}

export class MessageHandlers {
  text: MessageHandler | null = null;
  binary: MessageHandler | null = null;
  pong: MessageHandler | null = null;
  readonly #plan: EndpointPlan;
  readonly #failures: Failures;
  readonly #owner: HandlersOwner;
  /** Made when somebody asks for the handlers, or changes them. */
  #registered: Registered[] | null = null;

  constructor(plan: EndpointPlan, failures: Failures, owner: HandlersOwner) {
    this.#plan = plan;
    this.#failures = failures;
    this.#owner = owner;
    for (const receiver of plan.receivers) this.#fill(guardedReceiver(receiver, failures));
  }

  /**
   * @throws IllegalArgumentException `MARGAY_ARGUMENT`, `MARGAY_HANDLER_TYPE`; IllegalStateException `MARGAY_HANDLER_TAKEN`;
   * UnsupportedOperationException for one that takes streams where there are none
   */
  add(args: readonly unknown[]): void {
    const [type, handler] = args.length === 1 ? [typeSaidBy(args[0]), args[0]] : args;
    const { call, partial } = readOf(handler);
    const receiver = this.#plan.adapt(type, partial, call);
    const objection = objectionToReceiver('addMessageHandler(type, handler): the handler', receiver);
    if (objection !== null) throw objection;
    for (const native of NATIVES) {
      const other = receiver[native] === null ? null : this[native];
      if (other !== null) throw handlerTaken(native, other, this.#plan.name);
    }
    const shown = typeof handler === 'function' ? { onMessage: handler as (message: unknown) => unknown } : (handler as AddedHandler);
    this.#list.push({ shown, given: handler, receiver });
    this.#fill(receiver);
    this.#owner.onHandlers();
  }

  /** Frees every slot it holds; null does nothing. @throws IllegalStateException `MARGAY_HANDLER_UNKNOWN` */
  remove(handler: unknown): void {
    if (handler === null || handler === undefined) return;
    const registered = this.#list;
    const held = registered.filter((each) => each.shown === handler || each.given === handler);
    if (held.length === 0) {
      const message =
        'removeMessageHandler(handler): the session has no such handler; pass what was added, or an element of getMessageHandlers()';
      throw new IllegalStateException(message, undefined, 'MARGAY_HANDLER_UNKNOWN');
    }
    for (const each of held) {
      registered.splice(registered.indexOf(each), 1);
      for (const native of NATIVES) if (each.receiver[native] !== null) this[native] = null;
    }
    this.#owner.onHandlers();
  }

  /** As they are now. */
  get all(): readonly AddedHandler[] {
    return this.#list.map(({ shown }) => shown);
  }

  get #list(): Registered[] {
    this.#registered ??= this.#plan.receivers.map((receiver) => ({
      shown: new DeclaredHandler(this.#plan.name, receiver.member),
      given: null,
      receiver: guardedReceiver(receiver, this.#failures),
    }));
    return this.#registered;
  }

  #fill(receiver: Receiver): void {
    for (const native of NATIVES) this[native] = receiver[native] ?? this[native];
  }
}

function guardedReceiver(receiver: Receiver, failures: Failures): Receiver {
  if (failures === null) return receiver;
  const { member, text, binary, pong } = receiver;
  return { member, text: guarded(text, failures), binary: guarded(binary, failures), pong: guarded(pong, failures) };
}

/** An annotated method, as getMessageHandlers shows it: something to remove. [SES-24] */
class DeclaredHandler {
  readonly #name: string;

  constructor(endpoint: string, member: string) {
    this.#name = `${endpoint}.${member}`;
  }

  onMessage(): never {
    throw new IllegalStateException(`${this.#name}() is called by the container; call the method itself`);
  }

  toString(): string {
    return `MessageHandler[${this.#name}]`;
  }
}

/** The type a handler tells itself. [SES-22] */
function typeSaidBy(handler: unknown): unknown {
  if (handler === null || handler === undefined) throw wrongArgument('addMessageHandler(handler)', `handler is ${String(handler)}`);
  const { type } = handler as { type?: unknown };
  if (type !== undefined) return type;
  throw new IllegalArgumentException(
    'addMessageHandler(handler): the handler tells no type; extend MessageHandler.Whole(Type) or MessageHandler.Partial(Type), or pass the type first',
    undefined,
    'MARGAY_HANDLER_TYPE',
  );
}

function readOf(handler: unknown): { readonly call: Call; readonly partial: boolean } {
  if (typeof handler === 'function') return { call: (message) => handler(message), partial: false };
  const { onMessage, partial } = (handler ?? {}) as { onMessage?: unknown; partial?: unknown };
  if (typeof onMessage !== 'function') {
    throw wrongArgument(
      'addMessageHandler(type, handler)',
      `handler is ${handler === null || handler === undefined ? String(handler) : 'without onMessage()'}`,
    );
  }
  const added = handler as { onMessage(message: unknown, last?: boolean): unknown };
  if (partial === true) return { call: (message, last) => added.onMessage(message, last), partial: true };
  return { call: (message) => added.onMessage(message), partial: false };
}

function handlerTaken(native: string, other: MessageHandler, endpoint: string): IllegalStateException {
  return new IllegalStateException(
    `${native} messages are taken by ${endpoint}.${other.member}() already; remove it first`,
    undefined,
    'MARGAY_HANDLER_TAKEN',
  );
}
