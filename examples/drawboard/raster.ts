/** A white sheet of pixels: red, green and blue, a byte each, row by row from the top left. */
export class Raster {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;

  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
    this.pixels = new Uint8Array(width * height * 3).fill(255);
  }

  /**
   * Lays a colour over a pixel. [EX-D7]
   * @param opacity 0 to 1: of the colour, times how much of the pixel it covers
   */
  blend(x: number, y: number, [red, green, blue]: Colour, opacity: number): void {
    const { pixels } = this;
    const at = (y * this.width + x) * 3;
    pixels[at] = mix(pixels[at] as number, red, opacity);
    pixels[at + 1] = mix(pixels[at + 1] as number, green, opacity);
    pixels[at + 2] = mix(pixels[at + 2] as number, blue, opacity);
  }
}

/** Red, green and blue, 0 to 255 each. */
export type Colour = readonly [number, number, number];

function mix(below: number, above: number, opacity: number): number {
  return below + (above - below) * opacity + 0.5; // and the array drops what follows the point
}
