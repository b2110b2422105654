/** Private messages between people, each of whom may have several windows open, or none at the moment. [EX-I1] */
import { CloseReason, DecodeException, OnClose, OnError, OnMessage, OnOpen, PathParam, ServerEndpoint, Session } from 'margay';
import { report } from '../errors.js';
import { LONGEST_NAME } from '../fields.js';
import { Outbox } from '../outbox.js';
import { Messenger } from './messenger.js';
import { Notice, NoticeEncoder } from './notice.js';
import type { Person } from './person.js';
import { Read, Say, Wish, WishDecoder } from './wish.js';

const messenger = new Messenger({ perPerson: 200, inAll: 20_000, people: 500 });

const { TRY_AGAIN_LATER, VIOLATED_POLICY } = CloseReason.CloseCodes;
const FULL = new CloseReason(TRY_AGAIN_LATER, 'there is no room for a further person');
const TOO_LONG = new CloseReason(VIOLATED_POLICY, `a name has at most ${LONGEST_NAME} characters`);

@ServerEndpoint({ value: '/{uid}', decoders: [WishDecoder], encoders: [NoticeEncoder] })
export class Im {
  #outbox!: Outbox;
  #person: Person | null = null;

  /** `?since=17`: the window has been here before, and lacks what came after that message. */
  @OnOpen
  async open(session: Session, @PathParam('uid') uid: string): Promise<void> {
    this.#outbox = new Outbox(session);
    if (uid.length > LONGEST_NAME) return session.close(TOO_LONG);
    const since = Number(session.getRequestParameterMap().get('since')?.[0]) || 0;
    this.#person = messenger.open(uid, this.#outbox, since);
    if (this.#person === null) await session.close(FULL);
  }

  /** The next wish waits until this window has taken the answers: nobody writes faster than they read. */
  @OnMessage({ maxMessageSize: 16_384 })
  async take(wish: Wish): Promise<void> {
    if (this.#person === null) return;
    if (wish instanceof Read) this.#person.read(wish.from, wish.upTo);
    if (wish instanceof Say) {
      const objection = messenger.say(this.#person, wish);
      if (objection !== null) this.#complain(objection, wish.ref);
    }
    await this.#outbox.idle();
  }

  @OnClose
  close(): void {
    if (this.#person !== null) messenger.leave(this.#person, this.#outbox);
  }

  /** Whoever sends what nobody understands is told so, and stays. */
  @OnError
  async failed(error: Error): Promise<void> {
    if (!(error instanceof DecodeException)) return report('Im', error);
    this.#complain((error.cause as Error).message);
    await this.#outbox.idle();
  }

  #complain(text: string, ref?: string): void {
    this.#outbox.add(new Notice({ kind: 'complaint', text, ...(ref !== undefined && { ref }) }));
  }
}
