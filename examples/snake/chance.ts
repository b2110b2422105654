/** What of the game is left to chance. */
import { anyColour } from './colour.js';
import { anywhere, type Location } from './field.js';

export interface Chance {
  colour(): string;
  place(): Location;
}

export const chance: Chance = {
  colour: () => anyColour(Math.random),
  place: () => anywhere(Math.random),
};
