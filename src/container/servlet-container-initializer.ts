/** The words of an initializer, with the container they mean. */
import type { StartupContext as Context, ServletContainerInitializer as Initializer } from '../api/servlet-container-initializer.js';
import type { ServerContainer } from './server-container.js';

/** The application that starts. */
export interface StartupContext extends Context<ServerContainer> {}

/** Extend nothing: implement it, say what it handles with @HandlesTypes, and list it among the initializers. [DEP-11] */
export interface ServletContainerInitializer extends Initializer<ServerContainer> {}
