/** A client as others have it: the ws package. It closes when it wants to, and never otherwise. */
import WebSocket from 'ws';
import type { Random } from '../random.js';
import type { Latency } from './latency.js';

export interface Context {
  readonly latency: Latency;
  readonly random: Random;
  /** Something has happened to a good client. */
  fail(what: string): void;
}

/** ms that a good client waits for anything, at most: far beyond what it has to, for machines that do much else. */
export const BOUND = 20_000;

export class GoodClient {
  readonly #url: string;
  readonly #deflate: boolean;
  readonly #context: Context;
  readonly #heard: (data: Buffer, isBinary: boolean) => void;
  #socket: WebSocket | null = null;
  #isLeaving = false;

  constructor(url: string, deflate: boolean, context: Context, heard: (data: Buffer, isBinary: boolean) => void) {
    this.#url = url;
    this.#deflate = deflate;
    this.#context = context;
    this.#heard = heard;
  }

  async begin(): Promise<void> {
    const socket = new WebSocket(this.#url, { perMessageDeflate: this.#deflate, handshakeTimeout: BOUND });
    this.#socket = socket;
    socket.on('message', (data: Buffer, isBinary) => this.#heard(data, isBinary));
    socket.on('error', (error) => this.#context.fail(`${this.#url}: ${error.message}`));
    socket.on('close', (code) => {
      if (!this.#isLeaving) this.#context.fail(`${this.#url}: closed with ${code}`);
    });
    await new Promise((resolve) => socket.once('open', resolve).once('close', resolve));
  }

  send(data: string | Buffer): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(data);
  }

  async end(): Promise<void> {
    this.#isLeaving = true;
    const socket = this.#socket;
    if (socket === null || socket.readyState === WebSocket.CLOSED) return;
    const timer = setTimeout(() => {
      this.#context.fail(`${this.#url}: the close was not answered`);
      socket.terminate();
    }, BOUND);
    await new Promise<void>((resolve) => {
      socket.once('close', (code: number) => {
        if (code !== 1000) this.#context.fail(`${this.#url}: closed with ${code} instead of 1000`);
        resolve();
      });
      socket.close(1000);
    });
    clearTimeout(timer);
  }
}

/** Waits until it is so, for `BOUND` at most. */
export async function within(condition: () => boolean): Promise<boolean> {
  const deadline = performance.now() + BOUND;
  while (!condition()) {
    if (performance.now() > deadline) return false;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return true;
}
