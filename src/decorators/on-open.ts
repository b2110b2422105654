/** Binds a method to the moment a connection opens. */
import type { Session } from '../api/session.js';
import type { ArgumentsOf, Bindings } from './bindings.js';
import type { BareHandler, BoundHandler } from './handler-types.js';
import { type Application, isApplication, writeHandler } from './write.js';

/** `@OnOpen`, `@OnOpen()`, `@OnOpen(...bindings)`. */
export interface OnOpenDecorator extends BareHandler<[session: Session]> {
  (): BareHandler<[session: Session]>;
  <B extends Bindings>(...bindings: B): BoundHandler<ArgumentsOf<B>>;
}

export const OnOpen: OnOpenDecorator = ((...args: unknown[]) => {
  if (isApplication(args)) return writeHandler('open', null, null, args as unknown as Application);
  return (...application: Application) => writeHandler('open', null, args.length > 0 ? args : null, application);
}) as OnOpenDecorator;
