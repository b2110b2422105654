/** What has been drawn: pixels, and the file that newcomers get. [EX-D1] */
import type { DrawMessage } from './draw-message.js';
import { paint } from './painter.js';
import { encodePng } from './png.js';
import { Raster } from './raster.js';

export class Picture {
  readonly #raster = new Raster(900, 600);
  #png: Promise<Buffer> | null = null;

  draw(message: DrawMessage): void {
    paint(this.#raster, message);
    this.#png = null;
  }

  /** The picture as it is now, as a PNG; it is made once for all who come before the next stroke. */
  png(): Promise<Buffer> {
    this.#png ??= encodePng(this.#raster);
    return this.#png;
  }
}
