/** Where code that holds no container gets one. [CON-7] */
import type { WebSocketContainer } from './container.js';
import { IllegalStateException } from './exceptions.js';
import { KIND } from './kind.js';

const registered: ContainerProvider[] = [];
let builtIn: (() => WebSocketContainer) | null = null;

/** The door says what the built-in provider makes. */
export function setBuiltInProvider(make: () => WebSocketContainer): void {
  builtIn = make;
}

/** Extend it, and register an object of your class, to have `getWebSocketContainer` give containers of your own. */
export abstract class ContainerProvider {
  static readonly [KIND]: string = 'ContainerProvider';

  /**
   * The first container that a registered provider gives, in the order of their registration; the built-in one is asked last, and
   * makes a new client container on every call: two of them share neither defaults nor sessions.
   * @throws IllegalStateException `MARGAY_NO_PROVIDER` when no door is loaded
   */
  static getWebSocketContainer(): WebSocketContainer {
    for (const provider of registered) {
      const container = provider.getContainer();
      if (container !== null && container !== undefined) return container;
    }
    if (builtIn !== null) return builtIn();
    throw new IllegalStateException('no provider of containers is registered; import margay/client', undefined, 'MARGAY_NO_PROVIDER');
  }

  /** Registered twice, it is asked once. */
  static register(provider: ContainerProvider): void {
    if (!registered.includes(provider)) registered.push(provider);
  }

  /** null: not this time; the next is asked. */
  protected abstract getContainer(): WebSocketContainer | null;
}
