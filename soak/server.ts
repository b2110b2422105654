/** The server under load, in a process of its own: the examples, and the arena beside them. Talks to its parent over IPC. */
import { type Logger, ServerContainer, SessionException, serve } from 'margay';
import { start } from '../examples/server.js';
import { onEachClose, Storm, Watched } from './arena.js';
import type { Answer, Question } from './messages.js';
import { Probe } from './probe.js';

const probe = new Probe();
const tell = (answer: Answer): void => void process.send?.(answer);
const host = '127.0.0.1';

// The examples keep their container to themselves; the probe wants its statistics.
const { attach } = ServerContainer.prototype;
ServerContainer.prototype.attach = function (server) {
  probe.containers.push(this);
  return attach.call(this, server);
};
// They report what peers do wrong, which is counted; whatever else is reported goes to stderr, where nothing may be.
const { error: print } = console;
console.error = (...words: unknown[]) => {
  const error = words.at(-1);
  if (error instanceof SessionException) probe.count(error.code);
  else print(...words);
};

/** Warnings are counted, the report shows them; an error is one. */
const logger: Logger = {
  debug: () => {},
  info: () => {},
  warn: ({ code }) => probe.count(code),
  error: (fields, message) => print(fields, message),
};

onEachClose((id, code) => tell({ what: 'closed', id, code }));
const examples = await start({ port: 0, relayPort: 0, host });
const arena = await serve({
  endpoints: [Storm, Watched],
  port: 0,
  host,
  logger,
  perMessageDeflate: true,
  heartbeat: { interval: 2000, missed: 1 },
  closeTimeout: 2000,
});
probe.containers.push(arena);

process.on('message', ({ collect }: Question) => {
  void probe.sample(collect).then((sample) => tell({ what: 'sample', sample }));
});
process.on('disconnect', () => process.exit());
process.on('SIGINT', () => {}); // a terminal sends it to us too; the parent decides
const portOf = (url: string) => Number(new URL(url).port);
tell({ what: 'ports', examples: portOf(examples.url), arena: portOf(arena.url) });
