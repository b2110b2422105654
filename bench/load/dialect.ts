/** How a server's own protocol wraps a text; plain is none. */
import type { DialectName } from './protocol.js';

export interface Dialect {
  readonly path: string;
  readonly before: string;
  readonly after: string;
  /** Socket.IO's packets before the first message: one of each side, and its answer. */
  readonly greeting?: string;
}

export const DIALECTS: Readonly<Record<DialectName, Dialect>> = {
  plain: { path: '/bench/one', before: '', after: '' },
  nest: { path: '/bench/one', before: '{"event":"text","data":"', after: '"}' },
  'socket.io': { path: '/socket.io/?EIO=4&transport=websocket', before: '42["text","', after: '"]', greeting: '40' },
};
