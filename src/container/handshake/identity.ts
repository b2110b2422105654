/** Who asks for a connection: the principal and the HTTP session of one handshake. [HS-7, HS-15] */
import type { IncomingMessage } from 'node:http';
import type { Principal } from '../../api/tokens.js';
import { followed, unheard } from '../../runtime/thenable.js';
import type { Handled } from '../../transport/spi.js';
import type { ContainerOptions } from '../options/options.js';
import { spell } from '../options/spelling.js';

/** What the container was told about that. */
export type IdentityHooks = Pick<ContainerOptions, 'authenticate' | 'isUserInRole' | 'httpSession' | 'onSessionEnd'>;

export class Identity {
  readonly #hooks: IdentityHooks;
  readonly #request: IncomingMessage | undefined;
  #isAuthenticated = false;
  #principal: Principal | null = null;
  #hasSession = false;
  #httpSession: (object & { readonly id?: string }) | null = null;

  constructor(hooks: IdentityHooks, request: IncomingMessage | undefined) {
    this.#hooks = hooks;
    this.#request = request;
  }

  /** null: nobody, or not asked yet. */
  get principal(): Principal | null {
    return this.#principal;
  }

  /** null: none, or not asked yet. */
  get httpSession(): (object & { readonly id?: string }) | null {
    return this.#httpSession;
  }

  /** Asks who it is, once. [HS-1, row 3] */
  authenticate(): Handled<void> {
    if (this.#hooks.authenticate === undefined || this.#isAuthenticated) return;
    this.#isAuthenticated = true;
    return followed<unknown, void>(this.#hooks.authenticate(this.#asked('authenticate')), (answer) => {
      this.#principal = principalOf(answer);
    });
  }

  /** Asks for the HTTP session, once. [HS-1, before row 7] */
  findSession(): Handled<void> {
    if (this.#hooks.httpSession === undefined || this.#hasSession) return;
    this.#hasSession = true;
    return followed<unknown, void>(this.#hooks.httpSession(this.#asked('httpSession')), (answer) => {
      if (answer !== null && answer !== undefined && typeof answer !== 'object') {
        throw new Error(`httpSession returned ${spell(answer)}; return the session, an object, or null`);
      }
      this.#httpSession = answer ?? null;
    });
  }

  /** Whether the principal has the role; nobody has none. A promise would be as good as a yes, so it is refused. */
  hasRole(role: string): boolean {
    const principal = this.#principal;
    if (principal === null) return false;
    if (this.#hooks.isUserInRole === undefined) return principal.roles?.includes(role) ?? false;
    const answer: unknown = this.#hooks.isUserInRole(principal, role, this.#asked('isUserInRole'));
    unheard(answer);
    if (typeof answer !== 'boolean') throw new Error(`isUserInRole returned ${spell(answer)}; it has to say true or false at once`);
    return answer;
  }

  #asked(hook: string): IncomingMessage {
    if (this.#request === undefined) throw new Error(`${hook} cannot be asked: this engine gives no request`);
    return this.#request;
  }
}

/**
 * The answer of `authenticate`; one that has expired is nobody.
 * @throws Error for what is none: of a string `includes` would find parts of roles, and a number never expires
 */
function principalOf(answer: unknown): Principal | null {
  if (answer === null || answer === undefined) return null;
  const { name, roles, expires } = answer as { name?: unknown; roles?: unknown; expires?: Partial<Date> | null };
  if (typeof name !== 'string') throw new Error(`authenticate returned ${spell(answer)} without a name; return { name }, or null`);
  if (roles !== undefined && roles !== null && !Array.isArray(roles)) {
    throw new Error(`authenticate returned roles that are ${spell(roles)}; give a list`);
  }
  if (expires === undefined || expires === null) return answer as Principal;
  const end = typeof expires.getTime === 'function' ? expires.getTime() : Number.NaN;
  if (Number.isNaN(end)) throw new Error(`authenticate returned expires that is ${spell(expires)}; give a Date`);
  return end > Date.now() ? (answer as Principal) : null;
}
