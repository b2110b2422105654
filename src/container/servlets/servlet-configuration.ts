/** What a servlet is told of its place: its init parameters, and the context it shares. [TC7-8] */
import type { ServletConfig } from '../../servlet/servlet-config.js';
import type { ServletContext } from '../../servlet/servlet-context.js';

export class SharedContext implements ServletContext {
  readonly #contextPath: string;
  readonly #attributes: () => Map<string, unknown>;

  /** `attributes`: those of the moment; a container that is attached to a server gets others. [CON-8] */
  constructor(contextPath: string, attributes: () => Map<string, unknown>) {
    this.#contextPath = contextPath;
    this.#attributes = attributes;
  }

  getAttribute(name: string): unknown {
    return this.#attributes().get(name) ?? null;
  }

  setAttribute(name: string, value: unknown): void {
    if (value === null || value === undefined) this.removeAttribute(name);
    else this.#attributes().set(name, value);
  }

  removeAttribute(name: string): void {
    this.#attributes().delete(name);
  }

  getContextPath(): string {
    return this.#contextPath;
  }
}

export class ServletConfiguration implements ServletConfig {
  readonly #name: string;
  readonly #parameters: ReadonlyMap<string, string>;
  readonly #context: ServletContext;

  constructor(name: string, parameters: Readonly<Record<string, string>>, context: ServletContext) {
    this.#name = name;
    this.#parameters = new Map(Object.entries(parameters));
    this.#context = context;
  }

  getInitParameter(name: string): string | null {
    return this.#parameters.get(name) ?? null;
  }

  getInitParameterNames(): readonly string[] {
    return Object.freeze([...this.#parameters.keys()]);
  }

  getServletContext(): ServletContext {
    return this.#context;
  }

  getServletName(): string {
    return this.#name;
  }
}
