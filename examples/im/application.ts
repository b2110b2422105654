/** The messenger as a web application. */
import type { Application } from '../application.js';
import { Im } from './im.js';

export const im: Application = {
  contextPath: '/im',
  endpoints: [Im],
  pages: { '/{uid}': '/im/page.html' },
};
