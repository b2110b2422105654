/** Every application that `npm start` serves, in the order in which it lists them. */
import type { Application } from './application.js';
import { coEdit } from './co-edit/application.js';
import { danmaku } from './danmaku/application.js';
import { echo } from './echo/application.js';
import { feed } from './feed/application.js';
import { im } from './im/application.js';
import { nearby } from './nearby/application.js';
import { notify } from './notify/application.js';
import { push } from './push/application.js';
import { tc7Notify } from './tc7/notify/application.js';
import { tomcat } from './tomcat/application.js';
import { transports } from './transports/application.js';
import { users } from './users/application.js';

export const APPLICATIONS: readonly Application[] = [
  echo,
  tomcat,
  coEdit,
  danmaku,
  feed,
  im,
  nearby,
  notify,
  push,
  tc7Notify,
  transports,
  users,
];
