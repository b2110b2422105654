/** A document as the server keeps it: what has been written, who is writing, and what is not let in. */
import type { Session } from 'margay';
import * as Y from 'yjs';
import { binary, Editor, type Person, UPDATE } from './editor.js';

/** What a page asked for and does not get; the message is for its person. */
export class Refusal extends Error {}

/** Of a document with its history, in bytes. Of what was deleted little more than its length is kept. */
export const LARGEST = 524_288;
/** The text in it, by its name in yjs. */
const TEXT = 'text';
const LONGEST_NAME = 40;

let arrivals = 0;

export class SharedDocument {
  readonly name: string;
  readonly #doc = new Y.Doc();
  readonly #editors = new Set<Editor>();
  /** At least as many as it has. */
  #bytes = 0;

  constructor(name: string) {
    this.name = name;
    this.#doc.getText(TEXT);
    this.#doc.on('update', (update: Uint8Array, author: Editor | null) => this.#tell(binary(UPDATE, update), author));
  }

  get isAlone(): boolean {
    return this.#editors.size === 0;
  }

  /** The newcomer is asked what it has: the server may have been started anew, and pages may have been written on without it. */
  join(session: Session): Editor {
    const editor = new Editor(++arrivals, session, this.#doc);
    this.#editors.add(editor);
    void editor.tell(this.#everybodyBut(editor), () => this.#everybodyBut(editor));
    void editor.ask();
    return editor;
  }

  leave(editor: Editor): void {
    if (this.#editors.delete(editor) && editor.person !== null) this.#tell(JSON.stringify({ gone: editor.id }), editor);
  }

  /** Settles when there is room for more: who asks again and again gets answers as fast as they read them. */
  async bring(editor: Editor, state: Uint8Array): Promise<void> {
    try {
      Y.decodeStateVector(state);
    } catch {
      throw new Refusal('This is no state that yjs can read.');
    }
    await editor.greet(state);
  }

  /** What changes by it goes to all the others, and so does what had been waiting for it. */
  change(author: Editor, update: Uint8Array): void {
    this.#inspect(update);
    const { pendingStructs, pendingDs } = this.#doc.store;
    const isAwaited = pendingStructs !== null || pendingDs !== null; // then the author may learn something as well
    Y.applyUpdate(this.#doc, update, isAwaited ? null : author);
  }

  /** The others hear of it. */
  introduce(editor: Editor, note: string): void {
    editor.person = personOf(editor.id, note);
    this.#tell(JSON.stringify({ moved: editor.person }), editor);
  }

  forget(): void {
    this.#doc.destroy();
  }

  /** yjs reads a change while it applies it, and what it cannot read would stay half applied. */
  #inspect(update: Uint8Array): void {
    const { structs } = decoded(update);
    if (!structs.every(isText)) throw new Refusal('A document has text, and nothing else.');
    const limit = structs.length === 0 ? 2 * LARGEST : LARGEST; // what only deletes makes room
    if (this.#bytes + update.length > limit) this.#bytes = Y.encodeStateAsUpdate(this.#doc).length;
    if (this.#bytes + update.length > limit) throw new Refusal(`The document is full: it has ${LARGEST / 1024} KiB with its history.`);
    this.#bytes += update.length;
  }

  #tell(message: Uint8Array | string, author: Editor | null): void {
    for (const each of this.#editors) if (each !== author) void each.tell(message, () => this.#everybodyBut(each));
  }

  #everybodyBut(editor: Editor): string {
    const here = [...this.#editors].filter((each) => each !== editor).flatMap(({ person }) => person ?? []);
    return JSON.stringify({ here });
  }
}

function decoded(update: Uint8Array): ReturnType<typeof Y.decodeUpdate> {
  try {
    return Y.decodeUpdate(update);
  } catch {
    throw new Refusal('This is no change that yjs can read.');
  }
}

/** Letters, or what is left of those that were deleted; a page counts on it that each has its place in the text. */
function isText(struct: ReturnType<typeof Y.decodeUpdate>['structs'][number]): boolean {
  if (!(struct instanceof Y.Item)) return true;
  const { content, parent, parentSub } = struct;
  const isHere = parent === null || (parent as unknown) === TEXT; // none: that of its neighbours
  return isHere && parentSub === null && (content instanceof Y.ContentString || content instanceof Y.ContentDeleted);
}

function personOf(id: number, note: string): Person {
  let said: { readonly name?: unknown; readonly caret?: unknown };
  try {
    said = Object(JSON.parse(note));
  } catch {
    throw new Refusal('What a page says of its person is JSON.');
  }
  if (typeof said.name !== 'string') throw new Refusal('A person has a name.');
  return { id, name: [...said.name].slice(0, LONGEST_NAME).join(''), caret: said.caret ?? null };
}
