/** The feed as a web application. */
import type { Application } from '../application.js';
import { Feed } from './feed.js';

export const feed: Application = {
  contextPath: '/feed',
  endpoints: [Feed],
  pages: { '/{uid}': '/feed/page.html' },
};
