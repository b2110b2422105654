/** Snake as it was written before JSR-356: a servlet, and an inbound for each connection. The game is the same. */
import { UnsupportedOperationException } from 'margay';
import { MessageInbound, type StreamInbound, WebSocketServlet, type WsOutbound } from 'margay/catalina';
import { directionOf } from '../snake/field.js';
import { Game } from '../snake/game.js';
import type { Snake } from '../snake/snake.js';
import { tomcat7Frames } from './snake-frames.js';

export class SnakeWebSocketServlet extends WebSocketServlet {
  readonly game = new Game(tomcat7Frames);
  #snakes = 0;

  protected override createWebSocketInbound(): StreamInbound {
    return new SnakeMessageInbound(++this.#snakes, this.game); // the first is 1 [EX-S1]
  }
}

class SnakeMessageInbound extends MessageInbound {
  readonly #id: number;
  readonly #game: Game;
  #snake!: Snake;

  constructor(id: number, game: Game) {
    super();
    this.#id = id;
    this.#game = game;
  }

  protected override onOpen(outbound: WsOutbound): void {
    // A write that nobody awaits raises nothing; one that fails is the end of the connection, of which onClose is told.
    this.#snake = this.#game.enter(this.#id, (frame) => void outbound.writeTextMessage(frame));
  }

  protected override onClose(): void {
    this.#game.leave(this.#snake);
  }

  protected override onTextMessage(message: string): void {
    this.#snake.direction = directionOf(message) ?? this.#snake.direction;
  }

  protected override onBinaryMessage(): void {
    throw new UnsupportedOperationException('snakes are steered with text');
  }
}
