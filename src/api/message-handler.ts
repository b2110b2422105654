/** A receiver of messages that is added to a session, rather than declared on a class. */
import type { TypeOf, TypeToken } from './tokens.js';

/** What `addMessageHandler` takes; what `onMessage` returns is awaited and ignored. [SES-21] */
export type MessageHandler<T = any> = MessageHandler.Whole<T> | MessageHandler.Partial<T>;

export declare namespace MessageHandler {
  /** Gets every message of its type whole. */
  interface Whole<T = any> {
    readonly partial?: false;
    onMessage(message: T): unknown;
  }
  /** Gets text or bytes in parts, as they arrive; `last` ends a message. [SES-28] */
  interface Partial<T = any> {
    readonly partial: true;
    onMessage(part: T, last: boolean): unknown;
  }
  /** Tells its type itself. [SES-22, D-35] */
  type Typed<T = any> = (Whole<T> | Partial<T>) & { readonly type: TypeToken };
}

abstract class WholeBase<T> implements MessageHandler.Whole<T> {
  abstract readonly type: TypeToken;
  readonly partial = false;
  abstract onMessage(message: T): unknown;
}

abstract class PartialBase<T> implements MessageHandler.Partial<T> {
  abstract readonly type: TypeToken;
  readonly partial = true;
  abstract onMessage(part: T, last: boolean): unknown;
}

/** What comes in parts. */
export type PartToken = StringConstructor | typeof Buffer | Uint8ArrayConstructor | ArrayBufferConstructor;

/** Base classes that set `type` and `partial`: `class Parts extends MessageHandler.Partial(String) { onMessage(part, last) { … } }`. */
export const MessageHandler = Object.freeze({
  Whole: <C extends TypeToken>(type: C): (abstract new () => WholeBase<TypeOf<C>> & { readonly type: C }) => {
    abstract class Typed extends WholeBase<TypeOf<C>> {
      readonly type = type;
    }
    return Typed;
  },
  Partial: <C extends PartToken>(type: C): (abstract new () => PartialBase<TypeOf<C>> & { readonly type: C }) => {
    abstract class Typed extends PartialBase<TypeOf<C>> {
      readonly type = type;
    }
    return Typed;
  },
});
