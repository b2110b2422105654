/** Authors and those who follow them: a post goes to the open windows of the followers, and to nobody else. [EX-F1] */
import { CloseReason, DecodeException, OnClose, OnError, OnMessage, OnOpen, PathParam, ServerEndpoint, Session } from 'margay';
import { report } from '../errors.js';
import { LONGEST_NAME } from '../fields.js';
import { Outbox } from '../outbox.js';
import { Notice, NoticeEncoder } from './notice.js';
import type { Person } from './person.js';
import { Press } from './press.js';
import { Follow, Unfollow, Wish, WishDecoder, Write } from './wish.js';

const press = new Press({ people: 500, follows: 100 });

const { TRY_AGAIN_LATER, VIOLATED_POLICY } = CloseReason.CloseCodes;
const FULL = new CloseReason(TRY_AGAIN_LATER, 'there is no room for a further person');
const TOO_LONG = new CloseReason(VIOLATED_POLICY, `a name has at most ${LONGEST_NAME} characters`);

@ServerEndpoint({ value: '/{uid}', decoders: [WishDecoder], encoders: [NoticeEncoder] })
export class Feed {
  #outbox!: Outbox;
  #person: Person | null = null;

  @OnOpen
  async open(session: Session, @PathParam('uid') uid: string): Promise<void> {
    this.#outbox = new Outbox(session);
    if (uid.length > LONGEST_NAME) return session.close(TOO_LONG);
    this.#person = press.open(uid, this.#outbox);
    if (this.#person === null) await session.close(FULL);
  }

  /** The next wish waits until this window has taken the answers: nobody posts faster than they read. */
  @OnMessage({ maxMessageSize: 4096 })
  async take(wish: Wish): Promise<void> {
    if (this.#person === null) return;
    if (wish instanceof Write) press.post(this.#person, wish);
    if (wish instanceof Unfollow) press.unfollow(this.#person, wish.author);
    if (wish instanceof Follow) {
      const objection = press.follow(this.#person, wish.author);
      if (objection !== null) this.#complain(objection);
    }
    await this.#outbox.idle();
  }

  @OnClose
  close(): void {
    if (this.#person !== null) press.leave(this.#person, this.#outbox);
  }

  /** Whoever sends what nobody understands is told so, and stays. */
  @OnError
  async failed(error: Error): Promise<void> {
    if (!(error instanceof DecodeException)) return report('Feed', error);
    this.#complain((error.cause as Error).message);
    await this.#outbox.idle();
  }

  #complain(text: string): void {
    this.#outbox.add(new Notice({ kind: 'complaint', text }));
  }
}
