/** Binds a method to the end of a connection, whoever ended it. */
import type { CloseReason } from '../api/close-reason.js';
import type { ArgumentsOf, Bindings } from './bindings.js';
import type { BareHandler, BoundHandler } from './handler-types.js';
import { type Application, isApplication, writeHandler } from './write.js';

/** `@OnClose`, `@OnClose()`, `@OnClose(...bindings)`. */
export interface OnCloseDecorator extends BareHandler<[reason: CloseReason]> {
  (): BareHandler<[reason: CloseReason]>;
  <B extends Bindings>(...bindings: B): BoundHandler<ArgumentsOf<B>>;
}

export const OnClose: OnCloseDecorator = ((...args: unknown[]) => {
  if (isApplication(args)) return writeHandler('close', null, null, args as unknown as Application);
  return (...application: Application) => writeHandler('close', null, args.length > 0 ? args : null, application);
}) as OnCloseDecorator;
