/** The web application `/danmaku`. */
import type { Application } from '../application.js';
import { Danmaku } from './danmaku.js';

export const danmaku: Application = {
  contextPath: '/danmaku',
  endpoints: [Danmaku],
  // Pictures are compressed already; and all rooms together hold no more than this.
  options: { perMessageDeflate: false, maxConnections: 500 },
  pages: { '/{room}/{name}': '/danmaku/page.html' },
};
