/** The one room: who is at the board, and the picture. */
import { CloseReason } from 'margay';
import { type Drawn, print } from './draw-message.js';
import { Picture } from './picture.js';
import type { Player } from './player.js';

const MOST_PLAYERS = 100;
/** How long strokes are gathered before everybody is told of them, in ms. [EX-D5] */
const PAUSE = 30;
const FULL = new CloseReason(CloseReason.CloseCodes.NORMAL_CLOSURE);

export class Room {
  readonly #picture = new Picture();
  readonly #players = new Set<Player>();
  #isTelling = false;

  /** The newcomer gets the picture as it is now, and each later stroke. [EX-D3] */
  enter(player: Player): void {
    if (this.#players.size >= MOST_PLAYERS) {
      player.tell(`0Maximum player count (${MOST_PLAYERS}) has been reached.`);
      return player.dismiss(FULL);
    }
    this.#tell('3+');
    this.#players.add(player);
    player.tell(`2${this.#players.size}`);
    player.show(this.#picture.png());
  }

  /** Of one who never got in, or has left already, nobody hears. */
  leave(player: Player): void {
    if (this.#players.delete(player)) this.#tell('3-');
  }

  draw(player: Player, { id, message }: Drawn): void {
    if (!this.#players.has(player)) return;
    player.hasDrawn(id);
    this.#picture.draw(message);
    const stroke = print(message);
    for (const each of this.#players) each.see(stroke);
    if (this.#isTelling) return;
    this.#isTelling = true;
    setTimeout(() => this.#tellStrokes(), PAUSE);
  }

  #tell(text: string): void {
    for (const each of this.#players) each.tell(text);
  }

  #tellStrokes(): void {
    this.#isTelling = false;
    for (const each of this.#players) each.tellStrokes();
  }
}
