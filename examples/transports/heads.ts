/** Heads of HTTP as text, without what is nobody's business. */
import type { IncomingMessage } from 'node:http';

export type Lines = readonly (readonly [name: string, value: string])[];

/** Names of lines whose values let somebody in. */
const SECRET = /cookie|authorization|token|secret|password|credential|api-?key/i;

/** As it came, in its order and spelling. */
export function requestHead({ method, url, httpVersion, rawHeaders }: IncomingMessage): string {
  const lines = linesOf(rawHeaders).map(([name, value]) => `${name}: ${value}`);
  return masked([`${method} ${url} HTTP/${httpVersion}`, ...lines].join('\r\n'));
}

/** The same head with secrets told by their length alone. */
export function masked(head: string): string {
  return head.replace(/^([^\s:]+):[ \t]*(.*)$/gm, (line, name: string, value: string) =>
    SECRET.test(name) ? `${name}: (masked, ${value.trimEnd().length} bytes)` : line,
  );
}

/** The lines for somebody who asks in the place of this one: as long as these, but with nothing in them that lets somebody in. */
export function linesToBorrow({ rawHeaders }: IncomingMessage): Lines {
  return linesOf(rawHeaders).map(([name, value]) => [name, SECRET.test(name) ? 'x'.repeat(value.length) : value]);
}

function linesOf(raw: readonly string[]): Lines {
  return raw.flatMap((name, i) => (i % 2 === 0 ? [[name, raw[i + 1] as string] as const] : []));
}
