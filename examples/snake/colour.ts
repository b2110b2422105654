/** The colour of a snake: any hue, pale and bright. */

/** `#rrggbb`, of saturation 0.1 to 0.3 and brightness 0.9. [EX-S1] */
export function anyColour(random: () => number): string {
  return hex(random() * 6, 0.1 + random() * 0.2, 0.9);
}

/** Each of the three is at full brightness near its own place on the wheel of six, and falls off to both sides. */
function hex(hue: number, saturation: number, brightness: number): string {
  const part = (place: number): number => {
    const distance = (place + hue) % 6;
    return brightness * (1 - saturation * Math.max(0, Math.min(distance, 4 - distance, 1)));
  };
  return `#${[5, 3, 1].map((place) => byte(part(place))).join('')}`;
}

function byte(share: number): string {
  return Math.round(share * 255)
    .toString(16)
    .padStart(2, '0');
}
