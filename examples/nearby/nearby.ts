/** People who walk about on a map, and see those who are near. [EX-L1] */
import { CloseReason, DecodeException, OnClose, OnError, OnMessage, OnOpen, PathParam, ServerEndpoint, Session } from 'margay';
import { report } from '../errors.js';
import { LONGEST_NAME } from '../fields.js';
import { Move, MoveDecoder } from './move.js';
import { NoticeEncoder } from './notice.js';
import type { View } from './view.js';
import { World } from './world.js';

const world = new World();

const { TRY_AGAIN_LATER, VIOLATED_POLICY } = CloseReason.CloseCodes;
const FULL = new CloseReason(TRY_AGAIN_LATER, 'the map is full');
const TOO_LONG = new CloseReason(VIOLATED_POLICY, `a name has at most ${LONGEST_NAME} characters`);

@ServerEndpoint({ value: '/{uid}', decoders: [MoveDecoder], encoders: [NoticeEncoder] })
export class Nearby {
  #view: View | null = null;

  @OnOpen
  async open(session: Session, @PathParam('uid') uid: string): Promise<void> {
    if (uid.length > LONGEST_NAME) return session.close(TOO_LONG);
    this.#view = world.enter(uid, session.getBasicRemote());
    if (this.#view === null) await session.close(FULL);
  }

  @OnMessage({ maxMessageSize: 1024 })
  move(move: Move): void {
    if (this.#view !== null) world.move(this.#view, move);
  }

  @OnClose
  close(): void {
    if (this.#view !== null) world.leave(this.#view);
  }

  /** Whoever sends what nobody understands is told so, and stays. */
  @OnError
  failed(error: Error): void {
    if (error instanceof DecodeException) this.#view?.complain((error.cause as Error).message);
    else report('Nearby', error);
  }
}
