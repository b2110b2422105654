/** The end of a connection: who still owes what to whom, and until when. [CLO-9] */
import type { Done } from '../transport/spi.js';
import { after, type Timer } from './timer.js';

/** `asked`: we have closed, their frame is missing. `answered`: both have. `broken`: theirs will never come. */
type Phase = 'asked' | 'answered' | 'broken' | 'gone';

const NEXT = {
  asked: { peer: 'answered', broken: 'broken', gone: 'gone' },
  answered: { peer: 'answered', broken: 'answered', gone: 'gone' },
  broken: { peer: 'broken', broken: 'broken', gone: 'gone' },
  gone: { peer: 'gone', broken: 'gone', gone: 'gone' },
} as const satisfies Record<Phase, Record<string, Phase>>;

/** The way out of a connection: each behind all that was sent before. */
export interface Exit {
  close(code: number | undefined, phrase: string, done: Done): void;
  end(): void;
  /** The close frame leaves now, in front of those that wait for an encoder or a stream, which fail. False if it waits for none. */
  overtake(): boolean;
  /** What was sent before is given up; false: nothing can follow what has left of it. [REL-10] */
  discard(error: Error): boolean;
  /** This one at once. */
  terminate(): void;
}

/** How long each step may take, in ms. */
export interface ClosingTimes {
  /** For our frame, and what was sent before it, to leave. */
  readonly send: number;
  /** After that what is not even encoded is given up, and our frame has as long again. */
  readonly isHurried: boolean;
  /** For the peer's frame to come. */
  readonly answer: number;
  /** For TCP to end after both. */
  readonly linger: number;
  /** After both frames it is the peer's to end TCP, which is the server. [CLO-4] */
  readonly isClient: boolean;
}

/** Made when the session leaves `open`: sends our close frame, and sees to it that the socket goes. */
export class Closing {
  readonly #exit: Exit;
  readonly #times: ClosingTimes;
  #phase: Phase;
  #sent = false;
  #timer: Timer | undefined;
  #settle: () => void = () => {};
  /** Settles when our close frame has left, or never can. */
  readonly flushed: Promise<void>;

  constructor(exit: Exit, times: ClosingTimes, phase: Phase) {
    this.#exit = exit;
    this.#times = times;
    this.#phase = phase;
    this.flushed = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  /** Sends our frame; `undelivered` hears why it could not leave. [CLO-11] */
  send(code: number | undefined, phrase: string, undelivered: (error: Error) => void): void {
    if (this.#phase === 'gone') return;
    const { send, isHurried } = this.#times;
    this.#expect(send, () => {
      if (isHurried && this.#exit.overtake()) this.#expect(send);
      else this.#exit.terminate();
    });
    this.#exit.close(code, phrase, (error) => {
      this.#sent = true;
      if (error === undefined) this.#proceed();
      else {
        undelivered(error);
        this.#exit.terminate();
      }
      this.#settle();
    });
  }

  /** There is no frame to send: TCP ends behind what was sent before, which has the time that a frame would have. [LIF-14, REL-13] */
  end(): void {
    this.#sent = true;
    this.#expect(this.#times.send + this.#times.linger);
    this.#exit.end();
    this.#settle();
  }

  /** Their close frame is here. */
  peer(): void {
    this.#move('peer');
  }

  /** The stream is broken: no frame of theirs can be read any more. */
  broken(): void {
    this.#move('broken');
  }

  /** The socket is gone. */
  gone(): void {
    this.#phase = NEXT[this.#phase].gone;
    clearTimeout(this.#timer);
    this.#settle();
  }

  #move(event: 'peer' | 'broken'): void {
    const before = this.#phase;
    this.#phase = NEXT[before][event];
    if (this.#phase !== before && this.#sent) this.#proceed();
  }

  /** Our frame has left: wait for theirs, or end TCP, or wait until the server does. */
  #proceed(): void {
    if (this.#phase === 'gone') return;
    if (this.#phase === 'asked') return this.#expect(this.#times.answer);
    this.#expect(this.#times.linger);
    if (this.#phase !== 'answered' || !this.#times.isClient) this.#exit.end();
  }

  /** What comes next has that long; then TCP is dropped. [REL-13] */
  #expect(ms: number, otherwise = () => this.#exit.terminate()): void {
    clearTimeout(this.#timer);
    this.#timer = after(ms, otherwise);
  }
}
