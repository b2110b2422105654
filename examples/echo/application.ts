/** The echo of our own, at the root; the ones that are Tomcat's belong to its examples. */
import type { Application } from '../application.js';
import { Echo } from './echo.js';

export const echo: Application = {
  contextPath: '',
  endpoints: [Echo],
  pages: { '/echo': '/echo/page.html' },
};
