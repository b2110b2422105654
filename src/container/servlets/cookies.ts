/** What stands in Cookie headers (RFC 6265). */
import type { Cookie } from '../../servlet/http-servlet-request.js';

class ReceivedCookie implements Cookie {
  readonly #name: string;
  readonly #value: string;

  constructor(name: string, value: string) {
    this.#name = name;
    this.#value = value;
  }

  getName(): string {
    return this.#name;
  }

  getValue(): string {
    return this.#value;
  }
}

/** In their order, values as they stand; null when there are none. */
export function cookiesOf(lines: readonly string[]): readonly Cookie[] | null {
  const cookies: Cookie[] = [];
  for (const line of lines) {
    for (const pair of line.split(';')) {
      const at = pair.indexOf('=');
      if (at < 0) continue;
      const value = pair.slice(at + 1).trim();
      const isQuoted = value.length > 1 && value.startsWith('"') && value.endsWith('"');
      cookies.push(new ReceivedCookie(pair.slice(0, at).trim(), isQuoted ? value.slice(1, -1) : value));
    }
  }
  return cookies.length === 0 ? null : Object.freeze(cookies);
}
