/** An entry of an option's list, as an objection to it quotes it; whatever it is. */
export function quoted(entry: unknown): string {
  if (typeof entry === 'string') return JSON.stringify(entry);
  if (typeof entry === 'function') return 'a function';
  return typeof entry === 'object' && entry !== null ? 'an object' : String(entry);
}
