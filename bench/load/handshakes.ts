/** Handshakes: connect, upgrade at one template after another, close frame and its answer, and again. */
import { request } from './frames.js';
import { nextFrame, open } from './peer.js';
import type { Field, Running } from './running.js';

const CODE = Buffer.from([0x03, 0xe8]);
const CLOSE = 0x88;
const close = request(CODE, CLOSE);
const answer = Buffer.from([CLOSE, CODE.length, ...CODE]);

export function handshakes({ load: { connections, depth: templates }, port }: Field): Running & { end(): Promise<void> } {
  let begun = 0;
  let isOver = false;
  let all: Promise<unknown> = Promise.resolve();
  const running = { begin, end, count: 0 };
  return running;

  function begin(): void {
    all = Promise.all(Array.from({ length: connections }, comeAndGo));
  }

  async function comeAndGo(): Promise<void> {
    while (!isOver) {
      const peer = await open({ port, path: `/t${begun++ % templates}/one` });
      const heard = nextFrame(peer);
      peer.send(close);
      if (!(await heard).equals(answer)) throw new Error('the server does not answer the close frame');
      if (!isOver) running.count++;
      await peer.drop();
    }
  }

  async function end(): Promise<void> {
    isOver = true;
    await all;
  }
}
