/** Streaming: one answer that never ends, to which each message is added (server-sent events). */
import type { Asked } from './asked.js';
import type { Message } from './source.js';

/** Bytes that may wait for a client. One that is cut off comes back, and says which message was its last. */
const PATIENCE = 1_048_576;
/** ms; a comment, so that proxies see that somebody is there. */
const COMMENT_EVERY = 15_000;

export function stream(asked: Asked): void {
  const { response, trial } = asked;
  response.writeHead(200, {
    'Content-Type': 'text/event-stream; charset=utf-8',
    'X-Content-Type-Options': 'nosniff',
    'Cache-Control': 'no-store',
  });
  response.flushHeaders();
  const write = (text: string): void => {
    if (response.writableLength > PATIENCE) response.destroy();
    else response.write(text);
  };
  const give = ({ id, json }: Message): void => {
    asked.gave(1);
    write(`id: ${id}\ndata: ${json}\n\n`);
  };
  for (const message of asked.waiting) give(message);
  const silence = trial.source.listen(give);
  const comments = setInterval(() => write(':\n\n'), COMMENT_EVERY).unref();
  response.once('close', () => {
    clearInterval(comments);
    silence();
  });
}
