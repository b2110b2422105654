/** The end of a connection: who still owes what to whom, and until when. [CLO-9] */
import type { Channel } from '../transport/spi.js';
import { after, type Timer } from './timer.js';

/** `asked`: we have closed, their frame is missing. `answered`: both have. `broken`: theirs will never come. */
type Phase = 'asked' | 'answered' | 'broken' | 'gone';

const NEXT = {
  asked: { peer: 'answered', broken: 'broken', gone: 'gone' },
  answered: { peer: 'answered', broken: 'answered', gone: 'gone' },
  broken: { peer: 'broken', broken: 'broken', gone: 'gone' },
  gone: { peer: 'gone', broken: 'gone', gone: 'gone' },
} as const satisfies Record<Phase, Record<string, Phase>>;

/** How long each step may take, in ms. */
export interface ClosingTimes {
  /** For our frame, and what was sent before it, to leave. */
  readonly send: number;
  /** For the peer's frame to come. */
  readonly answer: number;
  /** For TCP to end after both. */
  readonly linger: number;
}

/** Made when the session leaves `open`: sends our close frame, and sees to it that the socket goes. */
export class Closing {
  readonly #channel: Channel;
  readonly #times: ClosingTimes;
  #phase: Phase;
  #sent = false;
  #timer: Timer | undefined;
  #settle: () => void = () => {};
  /** Settles when our close frame has left, or never can. */
  readonly flushed: Promise<void>;

  constructor(channel: Channel, times: ClosingTimes, phase: Phase) {
    this.#channel = channel;
    this.#times = times;
    this.#phase = phase;
    this.flushed = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  /** Sends our frame; `undelivered` hears why it could not leave. [CLO-11] */
  send(code: number | undefined, phrase: string, undelivered: (error: Error) => void): void {
    if (this.#phase === 'gone') return;
    this.#expect(this.#times.send);
    this.#channel.close(code, phrase, (error) => {
      this.#sent = true;
      if (error === undefined) this.#proceed();
      else {
        undelivered(error);
        this.#channel.terminate();
      }
      this.#settle();
    });
  }

  /** There is no frame to send: TCP ends behind what was sent before, which has the time that a frame would have. [LIF-14, REL-13] */
  end(): void {
    this.#sent = true;
    this.#expect(this.#times.send + this.#times.linger);
    this.#channel.end();
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

  /** Our frame has left: wait for theirs, or end TCP. */
  #proceed(): void {
    if (this.#phase === 'gone') return;
    if (this.#phase === 'asked') return this.#expect(this.#times.answer);
    this.#expect(this.#times.linger);
    this.#channel.end();
  }

  /** What comes next has that long; then TCP is dropped. [REL-13] */
  #expect(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = after(ms, () => this.#channel.terminate());
  }
}
