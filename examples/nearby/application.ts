/** The map as a web application. */
import type { Application } from '../application.js';
import { Nearby } from './nearby.js';

export const nearby: Application = {
  contextPath: '/nearby',
  endpoints: [Nearby],
  pages: { '/{uid}': '/nearby/page.html' },
};
