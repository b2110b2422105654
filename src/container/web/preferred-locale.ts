/** The language that a request would like best (RFC 9110, 12.5.4). [D-22] */

/** What may be a language tag; what is none costs an exception to find out. */
const TAG = /^[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*$/;
/** Nobody speaks more, and a header has room for thousands [REL-4]. */
const MOST_TRIED = 16;

/** Of the lines of Accept-Language the first tag of the highest quality; null if there is none. */
export function preferredLocale(lines: readonly string[]): Intl.Locale | null {
  const wanted = lines
    .flatMap((line) => line.split(','))
    .map(wishOf)
    .filter(({ tag, quality }) => quality > 0 && TAG.test(tag))
    .sort((a, b) => b.quality - a.quality)
    .slice(0, MOST_TRIED);
  for (const { tag } of wanted) {
    try {
      return new Intl.Locale(tag);
    } catch {
      // not a language tag after all; the next may be one
    }
  }
  return null;
}

function wishOf(entry: string): { readonly tag: string; readonly quality: number } {
  const [tag = '', ...parameters] = entry.split(';').map((part) => part.trim());
  const quality = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
  return { tag, quality: quality === undefined ? 1 : Number(quality) || 0 };
}
