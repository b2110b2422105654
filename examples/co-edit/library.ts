/** The documents there are. Those that somebody has open stay; of the others only the latest do. */
import { SharedDocument } from './shared-document.js';

export class Library {
  readonly #most: number;
  /** Those that nobody has open stand in the order in which they were left. */
  readonly #documents = new Map<string, SharedDocument>();

  constructor(most = 50) {
    this.#most = most;
  }

  /** Makes it if it is not there; null: there is no room for another one. */
  open(name: string): SharedDocument | null {
    const known = this.#documents.get(name);
    if (known !== undefined) return known;
    if (this.#documents.size >= this.#most && !this.#forgetOne()) return null;
    const document = new SharedDocument(name);
    this.#documents.set(name, document);
    return document;
  }

  /** Somebody has left it. */
  close(document: SharedDocument): void {
    if (!document.isAlone) return;
    this.#documents.delete(document.name);
    this.#documents.set(document.name, document);
  }

  #forgetOne(): boolean {
    for (const [name, document] of this.#documents) {
      if (!document.isAlone) continue;
      document.forget();
      return this.#documents.delete(name);
    }
    return false;
  }
}
