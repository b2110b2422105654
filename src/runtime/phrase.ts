/** Close phrases that the container makes: cut to what a close frame carries. [CLO-1] */
const encoder = new TextEncoder();
const LIMIT = 120; // bytes; with the three of the ellipsis, 123

export function phraseOf(text: string): string {
  const wellFormed = text.toWellFormed();
  if (encoder.encode(wellFormed).length <= LIMIT + 3) return wellFormed;
  let cut = '';
  let size = 0;
  for (const character of wellFormed) {
    size += encoder.encode(character).length;
    if (size > LIMIT) break;
    cut += character;
  }
  return `${cut}…`;
}
