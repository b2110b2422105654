/** The types of a handler decorator, in both dialects: they differ in the number of arguments, so the compiler picks well. */

/** A standard decorator's context: a public instance method's. */
type Public<This, F extends (this: This, ...args: any) => unknown> = ClassMethodDecoratorContext<This, F> & {
  static: false;
  private: false;
};

/** A decorator whose bindings say what the method takes: checked in both dialects. */
export interface BoundHandler<A extends unknown[]> {
  <F extends (...args: A) => unknown>(target: object, key: string | symbol, descriptor: TypedPropertyDescriptor<F>): void;
  <This, F extends (this: This, ...args: A) => unknown>(method: F, context: Public<This, F>): void;
}

/** A decorator without bindings. Legacy: emitted types decide. Standard: the method may take the defaults `D`. [D-29] */
export interface BareHandler<D extends unknown[]> {
  <F extends (...args: any) => unknown>(target: object, key: string | symbol, descriptor: TypedPropertyDescriptor<F>): void;
  <This, F extends (this: This, ...args: D) => unknown>(method: F, context: Public<This, F>): void;
}
