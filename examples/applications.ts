/** Every application that `npm start` serves, in the order in which it lists them. */
import type { Application } from './application.js';
import { echo } from './echo/application.js';
import { tomcat } from './tomcat/application.js';
import { transports } from './transports/application.js';

export const APPLICATIONS: readonly Application[] = [echo, tomcat, transports];
