/** What is run when an application starts, with the scanned classes it asked for. */
import type { WebSocketContainer } from './container.js';
import type { Class, Handled } from './tokens.js';

/** The application that starts. */
export interface StartupContext<C extends WebSocketContainer = WebSocketContainer> {
  readonly container: C;
  /** As the container's option: "" or `/app`. */
  readonly contextPath: string;
  /** The container's own. */
  readonly attributes: Map<string, unknown>;
}

/** Says with @HandlesTypes which of the scanned classes it wants; without it the set is empty. [DEP-11] */
export interface ServletContainerInitializer<C extends WebSocketContainer = WebSocketContainer> {
  /** Called once per scan, behind the initializer that deploys the endpoints; what it throws fails the deployment. */
  onStartup(classes: ReadonlySet<Class>, context: StartupContext<C>): Handled<void>;
}
