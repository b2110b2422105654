/** A class that answers requests: extend it, and map it to a path with the option `servlets`. [TC7-8] */
import { IllegalStateException } from '../api/exceptions.js';
import { KIND, kindOf } from '../api/kind.js';
import { type Handled, nameOf } from '../api/tokens.js';
import type { HttpServletRequest } from './http-servlet-request.js';
import type { HttpServletResponse } from './http-servlet-response.js';
import type { ServletConfig } from './servlet-config.js';
import type { ServletContext } from './servlet-context.js';

/** What a container calls: symbols, since users see what a servlet has. */
export const CONFIGURE: unique symbol = Symbol.for('margay/configure') as never;
export const SERVICE: unique symbol = Symbol.for('margay/service') as never;
/** All that its doGet does is a handshake, which asks by itself who it is. */
export const HANDSHAKES: unique symbol = Symbol.for('margay/handshakes') as never;

/** One object serves all requests of its mapping, several at a time. */
export abstract class HttpServlet {
  static readonly [KIND]: string = 'HttpServlet';
  #config: ServletConfig | null = null;

  /** Called once, before the first request. What it throws fails the start: DeploymentException `MARGAY_INITIALIZER`. [TC7-9] */
  init(_config: ServletConfig): Handled<void> {}

  /** Called once, when the container closes. What it throws is logged. */
  destroy(): Handled<void> {}

  /** Answers GET, and HEAD, of whose answer the body is left out. Default: 405. */
  protected doGet(request: HttpServletRequest, response: HttpServletResponse): Handled<void> {
    this.#refuse(request, response);
  }

  /** Answers POST; the parameters of a form are there. Default: 405. */
  protected doPost(request: HttpServletRequest, response: HttpServletResponse): Handled<void> {
    this.#refuse(request, response);
  }

  /** @throws IllegalStateException `MARGAY_STATE` before a container has configured it */
  getServletConfig(): ServletConfig {
    if (this.#config !== null) return this.#config;
    throw new IllegalStateException(`${nameOf(this.constructor)} has no configuration yet; it is there from init() on`);
  }

  /** @throws IllegalStateException `MARGAY_STATE` as `getServletConfig` does */
  getServletContext(): ServletContext {
    return this.getServletConfig().getServletContext();
  }

  /** null when there is none of that name. @throws IllegalStateException `MARGAY_STATE` as `getServletConfig` does */
  getInitParameter(name: string): string | null {
    return this.getServletConfig().getInitParameter(name);
  }

  /** The class's name. */
  getServletName(): string {
    return nameOf(this.constructor);
  }

  /** @internal */
  get [HANDSHAKES](): boolean {
    return false;
  }

  /** @internal */
  [CONFIGURE](config: ServletConfig): Handled<void> {
    this.#config = config; // whether or not an init of the user's passes it on
    return this.init(config);
  }

  /** @internal */
  [SERVICE](request: HttpServletRequest, response: HttpServletResponse): Handled<void> {
    const method = request.getMethod();
    if (method === 'GET' || method === 'HEAD') return this.doGet(request, response);
    if (method === 'POST') return this.doPost(request, response);
    this.#refuse(request, response);
  }

  #refuse(request: HttpServletRequest, response: HttpServletResponse): void {
    const { doGet, doPost } = HttpServlet.prototype;
    const allowed = [...(this.doGet === doGet ? [] : ['GET', 'HEAD']), ...(this.doPost === doPost ? [] : ['POST'])];
    response.setHeader('Allow', allowed.join(', '));
    response.sendError(405, `${request.getMethod()} is not allowed here.`);
  }
}

/** Whether something is a servlet, or a class of servlets, of whichever installed copy. */
export function isServlet(value: unknown): value is HttpServlet | (new () => HttpServlet) {
  for (let type: unknown = typeof value === 'function' ? value : (value as object | null)?.constructor; typeof type === 'function'; ) {
    if (kindOf(type) === 'HttpServlet') return true;
    type = Object.getPrototypeOf(type);
  }
  return false;
}
