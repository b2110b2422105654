/** Says which scanned classes an initializer is given. */
import type { Class } from '../api/tokens.js';
import { tableOf } from '../metadata/table.js';
import { isContext, metadataOf } from './write.js';

/** `@HandlesTypes(Plugin, ServerEndpoint)` on a ServletContainerInitializer. */
export type HandlesTypesDecorator = <C extends Class>(target: C, context?: ClassDecoratorContext<C>) => void;

/** Classes stand for what extends them, the decorator ServerEndpoint for what it decorates. [DEP-11] */
export function HandlesTypes(...types: readonly (Class | ((...args: never[]) => unknown))[]): HandlesTypesDecorator {
  return (target, context) => {
    tableOf(isContext(context) ? metadataOf(context) : target).handles = types;
  };
}
