/** A drawing board for everybody who opens the page, with an endpoint that needs no decorator; on the wire it is Tomcat's. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type CloseReason, Endpoint, type EndpointConfig, type Session } from 'margay';
import { report } from '../errors.js';
import { parseDrawn } from './draw-message.js';
import { Player } from './player.js';
import { Room } from './room.js';

const room = new Room();

/** Bytes; a stroke has some fifty. [EX-D1] */
const LONGEST_TEXT = 10_000;

export class DrawboardEndpoint extends Endpoint {
  #player!: Player;

  override onOpen(session: Session, _config: EndpointConfig): void {
    const remote = session.getAsyncRemote();
    const player = new Player({
      send: (message) => (typeof message === 'string' ? remote.sendText(message) : remote.sendBinary(message)),
      close: (reason) => void session.close(reason),
    });
    this.#player = player;
    session.setMaxTextMessageBufferSize(LONGEST_TEXT);
    session.addMessageHandler(String, async (text) => {
      if (!text.startsWith('1')) return; // `0` keeps a connection alive that has nothing to say
      const drawn = parseDrawn(text.slice(1));
      if (drawn === null) return;
      room.draw(player, drawn);
      await nextTurn(); // to paint a thick one takes many ms: of whoever sends a hundred at once, nobody waits for more than one
    });
    room.enter(player);
  }

  override onClose(_session: Session, _reason: CloseReason): void {
    room.leave(this.#player);
  }

  override onError(_session: Session, error: Error): void {
    report('DrawboardEndpoint', error);
  }
}
