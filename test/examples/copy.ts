/** A copy of a shared document, as a page of co-edit holds one: yjs, and a connection that may go and come back. */
import * as Y from 'yjs';
import type { Peer } from '../support/peer.js';

const STATE = 0;
const UPDATE = 1;

export class Copy {
  readonly doc = new Y.Doc();
  readonly text = this.doc.getText('text');
  /** What the server said in words. */
  readonly notes: Record<string, unknown>[] = [];
  /** Changes that came. */
  updates = 0;
  #peer: Peer | null = null;

  constructor(peer?: Peer) {
    this.doc.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin !== this.#peer) this.#peer?.send(message(UPDATE, update));
    });
    if (peer !== undefined) this.connect(peer);
  }

  connect(peer: Peer): void {
    this.#peer = peer;
    for (const each of peer.received) this.#heard(each);
    peer.socket.on('message', (data: Buffer, isBinary) => this.#heard(isBinary ? data : data.toString()));
    peer.send(message(STATE, Y.encodeStateVector(this.doc)));
  }

  /** What is written from now on stays here. */
  async disconnect(): Promise<void> {
    const peer = this.#peer;
    this.#peer = null;
    await peer?.close(1000);
  }

  type(at: number, text: string): void {
    this.text.insert(at, text);
  }

  toString(): string {
    return this.text.toString();
  }

  #heard(data: string | Buffer): void {
    const peer = this.#peer;
    if (typeof data === 'string') this.notes.push(JSON.parse(data) as Record<string, unknown>);
    else if (data[0] === STATE) peer?.send(message(UPDATE, Y.encodeStateAsUpdate(this.doc, data.subarray(1))));
    else {
      this.updates++;
      Y.applyUpdate(this.doc, data.subarray(1), peer);
    }
  }
}

export function message(kind: number, content: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([kind]), content]);
}
