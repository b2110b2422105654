/** Binds a method to the errors of the endpoint's callbacks and of its connection. */
import type { Session } from '../api/session.js';
import type { ArgumentsOf, Bindings } from './bindings.js';
import type { BareHandler, BoundHandler } from './handler-types.js';
import { type Application, isApplication, writeHandler } from './write.js';

/** `@OnError`, `@OnError()`, `@OnError(...bindings)`. */
export interface OnErrorDecorator extends BareHandler<[error: Error, session: Session]> {
  (): BareHandler<[error: Error, session: Session]>;
  <B extends Bindings>(...bindings: B): BoundHandler<ArgumentsOf<B>>;
}

export const OnError: OnErrorDecorator = ((...args: unknown[]) => {
  if (isApplication(args)) return writeHandler('error', null, null, args as unknown as Application);
  return (...application: Application) => writeHandler('error', null, args.length > 0 ? args : null, application);
}) as OnErrorDecorator;
