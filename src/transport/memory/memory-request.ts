/** A request that was never on a wire, in the form hooks know: node's. */
import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';

/** What there is to tell of it. */
export interface RequestLines {
  readonly method: string;
  readonly target: string;
  readonly httpVersion: string;
  readonly rawHeaders: readonly string[];
  /** Lower-case name to its lines. */
  readonly headers: ReadonlyMap<string, readonly string[]>;
}

/** Of these node keeps the first line alone. */
const SINGLE = new Set(['authorization', 'content-length', 'content-type', 'from', 'host', 'origin', 'referer', 'user-agent']);

/** Its socket leads nowhere. */
export function requestOf({ method, target, httpVersion, rawHeaders, headers }: RequestLines): IncomingMessage {
  const joined = [...headers].map(([name, lines]) => {
    if (name === 'set-cookie') return [name, [...lines]] as const;
    return [name, SINGLE.has(name) ? lines[0] : lines.join(name === 'cookie' ? '; ' : ', ')] as const;
  });
  return Object.assign(new IncomingMessage(new Socket()), {
    method,
    url: target,
    httpVersion,
    rawHeaders: [...rawHeaders],
    headers: Object.fromEntries(joined),
    headersDistinct: Object.fromEntries([...headers].map(([name, lines]) => [name, [...lines]])),
    complete: true,
  });
}
