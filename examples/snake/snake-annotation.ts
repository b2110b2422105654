/** Snake for everybody who opens the page; on the wire it is Tomcat's. */
import { CloseReason, OnClose, OnError, OnMessage, OnOpen, ServerEndpoint, Session } from 'margay';
import { isDisconnect, report } from '../errors.js';
import { directionOf } from './field.js';
import { jsonFrames } from './frames.js';
import { Game } from './game.js';
import type { Snake } from './snake.js';

export const game = new Game(jsonFrames);
let snakes = 0;

@ServerEndpoint('/websocket/snake')
export class SnakeAnnotation {
  readonly #id = snakes++;
  #snake!: Snake;

  @OnOpen
  open(session: Session): void {
    // Where somebody was a tenth of a second ago interests nobody: who reads that slowly is out. [EX-S5]
    session.getUserProperties().set('org.apache.tomcat.websocket.BLOCKING_SEND_TIMEOUT', 100);
    this.#snake = game.enter(this.#id, (frame) => void send(session, frame));
  }

  /** A page says `ping` too. */
  @OnMessage
  steer(message: string): void {
    this.#snake.direction = directionOf(message) ?? this.#snake.direction;
  }

  @OnClose
  close(): void {
    game.leave(this.#snake);
  }

  /** What is nobody's fault ends here; anything else is thrown on, so that the container says it. */
  @OnError
  async failed(session: Session, error: Error): Promise<void> {
    await session.close();
    if (!isDisconnect(error)) throw error;
    report('SnakeAnnotation', error);
  }
}

/** A page that can be told nothing is closed as if it had gone: with 1006, for which the wire has 1002. [EX-S5] */
async function send(session: Session, frame: string): Promise<void> {
  try {
    await session.getBasicRemote().sendText(frame);
  } catch {
    await session.close(new CloseReason(CloseReason.CloseCodes.CLOSED_ABNORMALLY, 'cannot be sent to')).catch(() => {});
  }
}
