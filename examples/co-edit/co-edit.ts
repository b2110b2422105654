/** A document that many people write at once. Merging is the work of yjs; this brings the changes from one to the other. */
import { CloseReason, OnClose, OnError, OnMessage, OnOpen, PathParam, ServerEndpoint, Session } from 'margay';
import { report } from '../errors.js';
import { Editor, STATE, UPDATE } from './editor.js';
import { Library } from './library.js';
import { Refusal, type SharedDocument } from './shared-document.js';

const library = new Library();
const FULL = new CloseReason(CloseReason.CloseCodes.TRY_AGAIN_LATER, 'too many documents are open');
const LARGEST_NOTE = 1000; // bytes, of what a page says about its person

@ServerEndpoint('/{document}')
export class CoEdit {
  #document: SharedDocument | null = null;
  #editor!: Editor;

  /** Each side says what it has, and sends what the other lacks: see `changed`. */
  @OnOpen
  async open(session: Session, @PathParam('document') name: string): Promise<void> {
    this.#document = library.open(name);
    if (this.#document === null) return session.close(FULL);
    this.#editor = this.#document.join(session);
    return undefined;
  }

  /** A byte that says what it is, and then what yjs makes of its state. */
  @OnMessage
  async changed(message: Uint8Array): Promise<void> {
    const [kind, content] = [message[0], message.subarray(1)];
    if (kind === STATE) await this.#document?.bring(this.#editor, content);
    else if (kind === UPDATE) this.#document?.change(this.#editor, content);
    else throw new Refusal('A message begins with 0 for a state or 1 for a change.');
  }

  /** Who this is, and where their caret is: `{"name":"…","caret":…}`. */
  @OnMessage({ maxMessageSize: LARGEST_NOTE })
  moved(note: string): void {
    this.#document?.introduce(this.#editor, note);
  }

  @OnClose
  close(): void {
    if (this.#document === null) return;
    this.#document.leave(this.#editor);
    library.close(this.#document);
  }

  /** What is refused changes nothing for anybody; whoever sent it reads why. */
  @OnError
  failed(error: Error, session: Session): Promise<void> | undefined {
    if (error instanceof Refusal) return session.getBasicRemote().sendText(JSON.stringify({ refused: error.message }));
    report('CoEdit', error);
    return undefined;
  }
}
