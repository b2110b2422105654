/** The web application `/co-edit`, which also hands out the modules that its page merges with. */
import type { Application } from '../application.js';
import { CoEdit } from './co-edit.js';
import { serveModule } from './modules.js';

export const coEdit: Application = {
  contextPath: '/co-edit',
  endpoints: [CoEdit],
  options: { maxConnections: 500 },
  pages: { '/{document}': '/co-edit/page.html' },
  answer: serveModule,
};
