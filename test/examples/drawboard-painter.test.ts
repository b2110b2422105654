/** What the strokes of the drawboard look like on the picture that late joiners get. The browser test compares it with a canvas. */
import { describe, expect, it } from '@jest/globals';
import { decode } from 'fast-png';
import { BRUSH, type DrawMessage, ELLIPSE, LINE, RECTANGLE } from '../../examples/drawboard/draw-message.js';
import { paint } from '../../examples/drawboard/painter.js';
import { encodePng } from '../../examples/drawboard/png.js';
import { Raster } from '../../examples/drawboard/raster.js';

type Corners = [x1: number, y1: number, x2: number, y2: number];

/** A black stroke of 4 pixels, unless told otherwise. */
function stroke(type: number, [x1, y1, x2, y2]: Corners, rest: Partial<DrawMessage> = {}): DrawMessage {
  return { type, red: 0, green: 0, blue: 0, alpha: 255, thickness: 4, x1, y1, x2, y2, ...rest };
}

function painted(...strokes: DrawMessage[]): Raster {
  const raster = new Raster(40, 30);
  for (const each of strokes) paint(raster, each);
  return raster;
}

/** How dark a pixel is, from 0, paper, to 255. */
const dark = ({ pixels, width }: Raster, x: number, y: number) => 255 - (pixels[(y * width + x) * 3] as number);
/** How many pixels' worth of ink there is. */
const ink = (raster: Raster) => raster.pixels.reduce((sum, sample) => sum + (255 - sample), 0) / 3 / 255;
/** Give or take one. */
const near = (sample: number) => expect.closeTo(sample, -0.4);
const rgb = ({ pixels, width }: Raster, x: number, y: number) => [...pixels.slice((y * width + x) * 3, (y * width + x) * 3 + 3)];

describe('the painter', () => {
  it.each([BRUSH, LINE, RECTANGLE, ELLIPSE])(
    '[EX-D7] paints a dot as wide as the line where a stroke of type %i ends where it began',
    (type) => {
      const raster = painted(stroke(type, [20, 15, 20, 15], { thickness: 10 }));
      expect(Math.abs(ink(raster) - Math.PI * 25)).toBeLessThan(1);
      expect([dark(raster, 20, 15), dark(raster, 15, 15), dark(raster, 14, 15), dark(raster, 25, 15), dark(raster, 16, 11)]).toEqual([
        255, 248, 0, 0, 140,
      ]);
    },
  );

  it.each([BRUSH, LINE])('[EX-D7] ends a line of type %i with half a circle', (type) => {
    const raster = painted(stroke(type, [10, 15, 30, 15], { thickness: 8 }));
    expect(Math.abs(ink(raster) - (20 * 8 + Math.PI * 16))).toBeLessThan(1);
    expect([dark(raster, 20, 11), dark(raster, 20, 18), dark(raster, 20, 10), dark(raster, 20, 19)]).toEqual([255, 255, 0, 0]);
    expect([dark(raster, 7, 15), dark(raster, 5, 15), dark(raster, 6, 11)]).toEqual([255, 0, 0]);
  });

  it('[EX-D7] gives a pixel as much of the colour as the line covers of it', () => {
    const raster = painted(stroke(LINE, [-10, 15.25, 50, 15.25], { thickness: 1 }));
    expect([dark(raster, 20, 14), dark(raster, 20, 15), dark(raster, 20, 16)]).toEqual([64, 191, 0]);
    expect(ink(painted(stroke(LINE, [-10, 15.5, 50, 15.5], { thickness: 0.25 })))).toBeCloseTo(40 * 0.25, 0);
    expect(ink(painted(stroke(LINE, [5, 5, 35, 25], { thickness: 0 })))).toBe(0);
  });

  it.each([
    [5, 5, 35, 25],
    [35, 5, 5, 25],
    [35, 25, 5, 5],
    [5, 25, 35, 5],
  ] as Corners[])('[EX-D7] outlines the box from %i %i to %i %i, with sharp corners and nothing within', (...corners) => {
    const raster = painted(stroke(RECTANGLE, corners));
    expect(ink(raster)).toBeCloseTo(34 * 24 - 26 * 16, 5);
    expect([dark(raster, 3, 3), dark(raster, 36, 26), dark(raster, 6, 15), dark(raster, 7, 15), dark(raster, 2, 15)]).toEqual([
      255, 255, 255, 0, 0,
    ]);
  });

  it('[EX-D7] smooths the edges of a box, within and without', () => {
    const raster = painted(stroke(RECTANGLE, [5.5, 5.25, 34.5, 24.75]));
    expect(Math.abs(ink(raster) - (33 * 23.5 - 25 * 15.5))).toBeLessThan(0.5);
    expect([dark(raster, 3, 15), dark(raster, 7, 15), dark(raster, 20, 3), dark(raster, 20, 7)]).toEqual([128, 128, 191, 64].map(near));
  });

  it('[EX-D7] fills a box that is thinner than its line', () => {
    expect(ink(painted(stroke(RECTANGLE, [10, 15, 30, 17])))).toBeCloseTo(24 * 6, 5);
    expect(ink(painted(stroke(RECTANGLE, [10, 15, 30, 15])))).toBeCloseTo(24 * 4, 5);
  });

  it.each([
    [5, 5, 35, 25],
    [35, 25, 5, 5],
  ] as Corners[])('[EX-D7] outlines the ellipse in the box from %i %i to %i %i', (...corners) => {
    const raster = painted(stroke(ELLIPSE, corners, { thickness: 3 }));
    // A band along a curve has the curve's length times its width; Ramanujan's formula has the length.
    const h = ((15 - 10) / (15 + 10)) ** 2;
    const length = Math.PI * 25 * (1 + (3 * h) / (10 + Math.sqrt(4 - 3 * h)));
    expect(Math.abs(ink(raster) - 3 * length)).toBeLessThan(1.5);
    expect([dark(raster, 20, 4), dark(raster, 20, 15), dark(raster, 5, 15), dark(raster, 5, 5)]).toEqual([255, 0, 255, 0]);
  });

  it('[EX-D7] fills an ellipse that is thinner than its line, and takes a flat one for a line', () => {
    expect(dark(painted(stroke(ELLIPSE, [5, 13, 35, 17], { thickness: 8 })), 20, 15)).toBe(255);
    expect(painted(stroke(ELLIPSE, [5, 15, 35, 15])).pixels).toEqual(painted(stroke(LINE, [5, 15, 35, 15])).pixels);
  });

  it('[EX-D7] lays a colour that lets something through over what is there, and all of a stroke at once', () => {
    const blue = { red: 0, green: 0, blue: 255, alpha: 51 };
    const raster = painted(stroke(LINE, [0, 15, 40, 15], { red: 200, thickness: 20 }), stroke(RECTANGLE, [10, 15, 30, 17], blue));
    expect([rgb(raster, 5, 15), rgb(raster, 20, 15), rgb(raster, 20, 16)]).toEqual([
      [200, 0, 0],
      [160, 0, 51],
      [160, 0, 51],
    ]);
    const twice = painted(stroke(LINE, [0, 15, 40, 15], blue), stroke(LINE, [0, 15, 40, 15], blue));
    expect(rgb(twice, 20, 15)).toEqual([163, 163, 255]);
    expect(ink(painted(stroke(LINE, [0, 0, 40, 30], { alpha: 0 })))).toBe(0);
  });

  it.each([BRUSH, LINE, RECTANGLE, ELLIPSE])('[EX-D7] paints of type %i what is on the sheet, however far the rest is away', (type) => {
    for (const far of [1e3, 1e6, 1e12, 1e100, 1e308]) {
      for (const corners of [
        [-far, -far, far, far * 0.9],
        [far, far, far * 0.9, far],
        [20, 15, far, 15],
        [20, -far, 20, far],
      ] as Corners[]) {
        expect(() => painted(stroke(type, corners, { thickness: 100 }))).not.toThrow();
      }
    }
    const raster = painted(stroke(type, [-1e9, 20, 20, 1e9], { thickness: 4 }), stroke(type, [20, 15, Number.POSITIVE_INFINITY, 15]));
    expect(dark(raster, 20, 10)).toBe(0);
  });

  it('[EX-D7] paints a line from far away where it is', () => {
    const raster = painted(stroke(LINE, [-1e9, -1e9 + 5, 1e9, 1e9 + 5]));
    expect([dark(raster, 10, 15), dark(raster, 20, 25), dark(raster, 25, 15)]).toEqual([255, 255, 0]);
  });
});

describe('a PNG', () => {
  it('[EX-D3] shows the raster as it was when it was asked for', async () => {
    const raster = painted(stroke(ELLIPSE, [5, 5, 35, 25], { red: 200, blue: 90, alpha: 120 }));
    const before = raster.pixels.slice();
    const making = encodePng(raster);
    paint(raster, stroke(LINE, [0, 0, 40, 30]));
    const { width, height, channels, data } = decode(await making, { checkCrc: true });
    expect([width, height, channels]).toEqual([40, 30, 3]);
    expect(Buffer.from(data.buffer, data.byteOffset, data.length).equals(before)).toBe(true);
  });
});
