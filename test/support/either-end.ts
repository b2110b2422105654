/** What a client runs in a browser too: it loads nothing of node's, and does without the global `Buffer`. Paths below `src/`. */
import { filesIn } from './project.js';

const ROOMS = ['decorators', 'container/client', 'container/negotiation', 'runtime'];
const FILES = [
  ...['compile', 'programmatic', 'codecs', 'problems', 'parameters', 'readings', 'receivers', 'binder', 'conversions', 'lineage'],
  'instances',
].map((file) => `container/deployment/${file}.ts`);
const OPTIONS = ['checks', 'session-options', 'session-settings', 'changeable-defaults', 'spelling', 'console-logger', 'factories'];

export const eitherEnd: readonly string[] = [
  ...ROOMS.flatMap((room) => filesIn(`src/${room}`).map((file) => file.slice('src/'.length))).filter(
    (file) => !/^(?:runtime\/streams|container\/client\/http)\//.test(file),
  ),
  'container/client-container.ts',
  ...FILES,
  ...OPTIONS.map((file) => `container/options/${file}.ts`),
];
