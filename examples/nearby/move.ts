/** What a page asks of the map, and how that is read from JSON. */
import { Decoder } from 'margay';
import { fieldsOf, numberOf, unknownKind } from '../fields.js';

export const WIDTH = 1000;
export const HEIGHT = 600;

/** `{"kind":"move","x":510,"y":300}`: where somebody stands now, in metres from the left and from the top. */
export class Move {
  readonly x: number;
  readonly y: number;

  constructor(x: number, y: number) {
    this.x = x;
    this.y = y;
  }
}

/** What it throws reaches @OnError as a DecodeException: nobody leaves the map. */
export class MoveDecoder extends Decoder.Text(Move) {
  override decode(message: string): Move {
    const fields = fieldsOf(message);
    if (fields['kind'] !== 'move') unknownKind(['move']);
    return new Move(numberOf(fields, 'x', 0, WIDTH), numberOf(fields, 'y', 0, HEIGHT));
  }
}
