/** A class as a legacy compiler emits it, for tables of parameter types: one method, decorated, with those types. */
import { type Class, PathParam, ServerEndpoint } from 'margay';

type Decorator = (target: object, key: string, descriptor: TypedPropertyDescriptor<() => void>) => void;

/** A parameter's emitted type, or a path parameter with its emitted type. */
export type Emitted = unknown | PathParamOf;

export class PathParamOf {
  constructor(
    readonly args: readonly unknown[],
    readonly type: unknown,
  ) {}
}

/** `@PathParam(...args)` on a parameter of that type. */
export const param = (type: unknown, ...args: unknown[]): PathParamOf => new PathParamOf(args, type);

/** `class Talk { @decorator m(...) {} }` at a path; null for a compiler that emits no types. */
export function emitted(decorator: Decorator, types: readonly Emitted[] | null, path = '/{a}'): Class {
  class Talk {
    m(): void {}
  }
  for (const [index, type] of (types ?? []).entries()) {
    if (type instanceof PathParamOf) (PathParam as (...args: any[]) => ParameterDecorator)(...type.args)(Talk.prototype, 'm', index);
  }
  if (types !== null) {
    const emits = types.map((type) => (type instanceof PathParamOf ? type.type : type));
    Reflect.defineMetadata('design:paramtypes', emits, Talk.prototype, 'm');
  }
  decorator(Talk.prototype, 'm', Object.getOwnPropertyDescriptor(Talk.prototype, 'm') as TypedPropertyDescriptor<() => void>);
  ServerEndpoint(path)(Talk);
  return Talk;
}
