/** A person's words, so that a page may insert them as HTML and they stay words there. [EX-C3] */
const ENTITIES: Readonly<Record<string, string>> = { '<': '&lt;', '>': '&gt;', '&': '&amp;', '"': '&quot;' };

export function escapeHtml(text: string): string {
  return text.replace(/[<>&"]/g, (character) => ENTITIES[character] as string);
}
