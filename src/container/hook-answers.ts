/** What the two hooks that negotiate may answer: at once, and what a client can be told. [HS-2] */
import type { Extension } from '../api/extension.js';
import { isToken } from './header-grammar.js';
import { spell } from './problems.js';

/** @throws Error that says what else was returned, for the log */
export function subprotocolFrom(answer: unknown, requested: readonly string[]): string {
  const isText = typeof answer === 'string';
  if (isText && (answer === '' || (isToken(answer) && requested.includes(answer)))) return answer;
  const why = isText ? ', which the client did not list; return one it listed, or ""' : '; return text at once';
  throw new Error(`getNegotiatedSubprotocol returned ${spell(answer)}${why}`);
}

/** @throws Error that says what else was returned, for the log */
export function extensionsFrom(answer: unknown): readonly Extension[] {
  if (Array.isArray(answer)) return answer;
  throw new Error(`getNegotiatedExtensions returned ${spell(answer)}; return a list at once`);
}
