/** Attributes that the containers of one context path on one server share. [CON-8] */
import type { WebSocketContainer } from '../api/container.js';

/** Under which an application's container is found, as in a servlet context. */
export const CONTAINER_ATTRIBUTE = 'jakarta.websocket.server.ServerContainer';

/** What the containers at one place share. */
interface Context {
  readonly attributes: Map<string, unknown>;
  readonly members: Set<WebSocketContainer>;
}

const servers = new WeakMap<object, Map<string, Context>>();

/** A container's part in the context it belongs to; one of its own until it is attached to a server. */
export class ContextMember {
  readonly #container: WebSocketContainer;
  readonly #contextPath: string;
  #attributes: Map<string, unknown>;
  #server: object | null = null;

  constructor(container: WebSocketContainer, contextPath: string) {
    this.#container = container;
    this.#contextPath = contextPath;
    this.#attributes = new Map([[CONTAINER_ATTRIBUTE, container]]);
  }

  get attributes(): Map<string, unknown> {
    return this.#attributes;
  }

  /** Joins for what begins now, whose servlets share what is there; leaves again if that fails. [TC7-8] */
  async joinFor(server: object, begin: () => Promise<void>): Promise<void> {
    const isNew = this.#server === null;
    this.join(server);
    try {
      await begin();
    } catch (error) {
      if (isNew) this.leave();
      throw error;
    }
  }

  /** Joins who is there already, and brings what it has; what is there stays. The first server decides. */
  join(server: object): void {
    if (this.#server !== null) return;
    this.#server = server;
    const contexts = servers.get(server) ?? new Map<string, Context>();
    servers.set(server, contexts);
    const context = contexts.get(this.#contextPath) ?? { attributes: this.#attributes, members: new Set<WebSocketContainer>() };
    contexts.set(this.#contextPath, context);
    for (const [name, value] of this.#attributes) if (!context.attributes.has(name)) context.attributes.set(name, value);
    this.#attributes = context.attributes;
    context.members.add(this.#container);
  }

  /** What it has brought stays with those who are still there; it goes with a copy. */
  leave(): void {
    const contexts = this.#server === null ? undefined : servers.get(this.#server);
    const members = contexts?.get(this.#contextPath)?.members;
    this.#server = null;
    members?.delete(this.#container);
    const [next] = members ?? [];
    if (next === undefined) {
      contexts?.delete(this.#contextPath);
      return;
    }
    if (this.#attributes.get(CONTAINER_ATTRIBUTE) === this.#container) this.#attributes.set(CONTAINER_ATTRIBUTE, next);
    this.#attributes = new Map(this.#attributes).set(CONTAINER_ATTRIBUTE, this.#container);
  }

  /** Whether it is this server's context that it has joined. */
  isAt(server: object): boolean {
    return this.#server === server;
  }
}
