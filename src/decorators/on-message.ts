/** Binds a method to one native type of message: text, binary or pong. */
import { isBinding } from '../api/binding.js';
import type { ArgumentsOf, Bindings } from './bindings.js';
import type { BareHandler, BoundHandler } from './handler-types.js';
import { type Application, isApplication, writeHandler } from './write.js';

/** What an @OnMessage may say beyond its parameters. */
export interface OnMessageOptions {
  /** Bytes a whole message may have, -1 for no limit of its own; a longer one ends the session with 1009. [ANN-15] */
  readonly maxMessageSize?: number | undefined;
}

/** `@OnMessage`, `@OnMessage()`, `@OnMessage(options)`, `@OnMessage(...bindings)`, `@OnMessage(options, ...bindings)`. */
export interface OnMessageDecorator extends BareHandler<[]> {
  (): BareHandler<[]>;
  <B extends Bindings>(...bindings: B): BoundHandler<ArgumentsOf<B>>;
  <B extends Bindings>(options: OnMessageOptions, ...bindings: B): BoundHandler<ArgumentsOf<B>>;
  (options: OnMessageOptions): BareHandler<[]>;
}

export const OnMessage: OnMessageDecorator = ((...args: unknown[]) => {
  if (isApplication(args)) return writeHandler('message', null, null, args as unknown as Application);
  const hasOptions = args.length > 0 && !isBinding(args[0]);
  const bindings = hasOptions ? args.slice(1) : args;
  return (...application: Application) =>
    writeHandler('message', hasOptions ? args[0] : null, bindings.length > 0 ? bindings : null, application);
}) as OnMessageDecorator;
