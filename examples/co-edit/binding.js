/** Ties a textarea to a text that others write too. */
import * as Y from 'yjs';

/** Marks what was written here, so that it is not shown a second time, and can be undone. */
const TYPING = Symbol('typing');
/** Marks what others have written. */
const WIRE = Symbol('wire');

const isHigh = (unit) => unit >= '\ud800' && unit < '\udc00';
const isLow = (unit) => unit >= '\udc00' && unit < '\ue000';

/**
 * What to replace in `before` to get `after`: as little as there is, and never half of a surrogate pair. Of `aaa` and `aaaa` nobody
 * knows where the new letter is; but what stands behind the caret was there before.
 */
export function difference(before, after, caret = after.length) {
  const most = Math.min(before.length, after.length);
  let tail = 0;
  const sameTail = () => before[before.length - 1 - tail] === after[after.length - 1 - tail];
  while (tail < most && tail < after.length - caret && sameTail()) tail++;
  let head = 0;
  while (head < most - tail && before[head] === after[head]) head++;
  while (tail < most - head && sameTail()) tail++;
  if (head > 0 && isHigh(before[head - 1])) head--;
  if (tail > 0 && isLow(before[before.length - tail])) tail--;
  return { at: head, remove: before.length - tail - head, insert: after.slice(head, after.length - tail) };
}

export class Binding {
  #area;
  #doc = new Y.Doc();
  #text = this.#doc.getText('text');
  #undo = new Y.UndoManager(this.#text, { trackedOrigins: new Set([TYPING]), captureTimeout: 400 });
  #end = new AbortController();
  /** While a word is being put together from a list, the text under it stays as it is, and what others write waits. */
  #isComposing = false;
  #held = [];
  #selection = null;

  /**
   * @param {HTMLTextAreaElement} area
   * @param {(update: Uint8Array) => void} written a change made here
   * @param {() => void} changed the text, or what can be undone
   */
  constructor(area, written, changed) {
    this.#area = area;
    this.#doc.on('beforeTransaction', ({ origin }) => {
      this.#selection = origin === TYPING ? null : this.#selectionNow();
    });
    this.#text.observe((_event, { origin }) => {
      if (origin !== TYPING) this.#show();
      changed();
    });
    this.#doc.on('update', (update, origin) => origin !== WIRE && written(update));
    for (const moment of ['stack-item-added', 'stack-item-popped']) this.#undo.on(moment, changed);
    this.#listen();
    this.#area.value = '';
  }

  #listen() {
    const on = (type, listener) => this.#area.addEventListener(type, listener, { signal: this.#end.signal });
    on('compositionstart', () => {
      this.#isComposing = true;
    });
    on('compositionend', () => {
      this.#isComposing = false;
      this.#typed();
      for (const update of this.#held.splice(0)) this.apply(update);
    });
    on('input', () => this.#isComposing || this.#typed());
    // The browser's own undo knows nothing of what others have written meanwhile.
    on('beforeinput', (event) => {
      const undone = { historyUndo: () => this.undo(), historyRedo: () => this.redo() }[event.inputType];
      if (undone === undefined) return;
      event.preventDefault();
      undone();
    });
    on('keydown', (event) => {
      if (!(event.ctrlKey || event.metaKey) || event.altKey || event.isComposing) return;
      const key = event.key.toLowerCase();
      if (key !== 'z' && key !== 'y') return;
      event.preventDefault();
      if (key === 'y' || event.shiftKey) this.redo();
      else this.undo();
    });
  }

  /** Lets go of the textarea. */
  end() {
    this.#end.abort();
    this.#doc.destroy();
  }

  // What passes between here and the server

  /** What this page has. */
  get state() {
    return Y.encodeStateVector(this.#doc);
  }

  /** What somebody lacks who has that much; null: nothing. */
  missing(state) {
    const update = Y.encodeStateAsUpdate(this.#doc, state);
    return update.length > 2 ? update : null;
  }

  apply(update) {
    if (this.#isComposing) this.#held.push(update);
    else Y.applyUpdate(this.#doc, update, WIRE);
  }

  // The text

  #typed() {
    const { at, remove, insert } = difference(`${this.#text}`, this.#area.value, this.#area.selectionEnd);
    if (remove === 0 && insert === '') return;
    this.#doc.transact(() => {
      this.#text.delete(at, remove);
      this.#text.insert(at, insert);
    }, TYPING);
  }

  #show() {
    const text = `${this.#text}`;
    if (this.#area.value === text) return;
    const [start, end] = (this.#selection ?? []).map((position) => this.#indexOf(position) ?? text.length);
    const direction = this.#area.selectionDirection;
    this.#area.value = text;
    if (start !== undefined) this.#area.setSelectionRange(start, Math.max(start, end), direction);
  }

  // Positions that move with the text

  /** A caret stays with the letter before it, so that two people who begin at the same spot write one behind the other. */
  #selectionNow() {
    const { selectionStart, selectionEnd } = this.#area;
    const isCaret = selectionStart === selectionEnd;
    return [this.#positionOf(selectionStart, isCaret ? -1 : 0), this.#positionOf(selectionEnd, -1)];
  }

  #positionOf(index, side) {
    return Y.createRelativePositionFromTypeIndex(this.#text, Math.min(index, this.#text.length), side);
  }

  #indexOf(position) {
    const found = Y.createAbsolutePositionFromRelativePosition(position, this.#doc);
    return found?.type === this.#text ? found.index : null;
  }

  /** As it is sent; null: the caret is elsewhere. */
  get caret() {
    if (document.activeElement !== this.#area || this.#isComposing) return null;
    const { selectionStart, selectionEnd, selectionDirection } = this.#area;
    return Y.relativePositionToJSON(this.#positionOf(selectionDirection === 'backward' ? selectionStart : selectionEnd, -1));
  }

  /** Where another's caret is in this text; null: nowhere, or what they sent is no position. */
  indexOf(caret) {
    if (caret === null) return null;
    try {
      return this.#indexOf(Y.createRelativePositionFromJSON(caret));
    } catch {
      return null;
    }
  }

  // Taking back what was written here, and nothing else

  get canUndo() {
    return this.#undo.undoStack.length > 0;
  }

  get canRedo() {
    return this.#undo.redoStack.length > 0;
  }

  undo() {
    if (!this.#isComposing) this.#undo.undo();
  }

  redo() {
    if (!this.#isComposing) this.#undo.redo();
  }
}
