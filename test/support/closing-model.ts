/** How a session ends, by the ledger (section 7, LIF-5 to LIF-14, D-13, D-20, REL-13): a queue, a few times, nothing of ours. */

/** What a callback does. `slow`: it settles when it is told to. */
export type How = 'at once' | 'slow' | 'throws' | 'closes' | 'closes and throws';

export interface Scenario {
  readonly open: 'at once' | 'slow' | 'throws';
  readonly error: 'at once' | 'slow' | 'throws';
  readonly close: 'at once' | 'slow' | 'throws';
  readonly release: 'at once' | 'slow';
  /** Of a close frame that is lost with the socket is told first. */
  readonly failsFirst: boolean;
}

/** ms */
export const TIMES = { close: 1000, abnormal: 50, linger: 200 } as const;

type Item =
  | { readonly what: 'open' | 'answer' | 'dry' | 'close' | 'release' | 'end' }
  | { readonly what: 'message'; readonly text: string; readonly how: How }
  | { readonly what: 'error'; readonly error: string };

interface Deadline {
  readonly at: number;
  readonly order: number;
  readonly act: () => void;
}

export class ClosingModel {
  now = 0;
  /** What the endpoint was called with, in order. */
  readonly heard: string[] = [];
  /** What the channel was asked for. */
  readonly calls: string[] = [];
  isOpen = true;
  isGone = false;
  isEnded = false;
  /** The peer has said its last. */
  isPeerDone = false;
  /** A close frame waits to leave; and whether @OnError hears it if it cannot. */
  frame: { readonly isTold: boolean } | null = null;
  /** What close() promised has come. */
  isFlushed = false;
  /** The callback that is waited for, and what follows it. */
  running: { readonly what: string; readonly next: () => void } | null = null;
  /** Callbacks that are not waited for any more. */
  abandoned = 0;
  /** When the end began. */
  begun: number | null = null;
  #queue: Item[] = [{ what: 'open' }];
  #isRunning = false;
  #phase: 'asked' | 'answered' | 'broken' = 'asked';
  #isSent = false;
  #reason = '';
  #theirs: string | null = null;
  #isReleased = false;
  #socket: Deadline | null = null;
  #patience: Deadline | null = null;
  #order = 0;
  readonly #scenario: Scenario;

  constructor(scenario: Scenario) {
    this.#scenario = scenario;
    this.#pump();
  }

  get isSending(): boolean {
    return this.isOpen && !this.isGone;
  }

  get isClosed(): boolean {
    return this.isEnded && this.isGone;
  }

  // What is done to it.

  message(text: string, how: How): void {
    if (this.isOpen) this.#put({ what: 'message', text, how });
  }

  send(text: string): void {
    if (this.isSending) this.calls.push(`text ${text}`);
  }

  /** The application closes; what may not be sent is refused. [D-13] */
  closes(code: number, phrase: string): boolean {
    const wire = code === 1005 ? undefined : code === 1006 ? 1002 : code;
    if (wire === 1004 || wire === 1015 || wire === 2999) return !this.isOpen;
    this.#ask(`${code} ${phrase}`, wire, phrase, TIMES.close, code !== 1006);
    return true;
  }

  /** The container stops. [CLO-14] */
  shutdown(): void {
    this.#ask('1001 the container is closing', 1001, 'the container is closing', TIMES.close, false);
  }

  /** The container closes after an error or a timeout: 1006 here. [CLO-8] */
  fails(wire: number, phrase: string, untold?: string): void {
    this.#ask(`1006 ${phrase}`, wire, '', TIMES.abnormal, false, untold);
  }

  /** A send's own timeout: no handshake. [REM-12] */
  expires(phrase: string): void {
    this.#begin();
    if (this.isOpen) {
      this.#leave(`1006 ${phrase}`, 'broken');
      this.#finish();
    }
    this.#terminate();
  }

  peerCloses(code: number, phrase: string): void {
    this.isPeerDone = true;
    this.#begin();
    if (!this.isOpen) return this.#move('answered');
    this.#theirs = `${code} ${phrase}`;
    this.#put({ what: 'answer' });
    if (this.isOpen) this.#patience = this.#in(TIMES.close, () => this.#answer());
  }

  peerEnds(): void {
    this.isPeerDone = true;
    this.#begin();
    if (!this.isOpen) return this.#move('broken');
    this.#put({ what: 'dry' });
    if (this.isOpen) this.#patience = this.#in(TIMES.close, () => this.#dry());
  }

  breaks(code: number, isInflate: boolean, phrase: string): void {
    this.isPeerDone = true;
    this.#begin();
    if (!this.isOpen) return this.#move('broken');
    this.#leave(isInflate ? `1006 ${phrase}` : `${code} ${phrase}`, 'broken');
    this.#frame(code, phrase, TIMES.abnormal, false);
    this.#finish('broken');
  }

  frameLeaves(): void {
    this.frame = null;
    this.#isSent = true;
    this.isFlushed = true;
    this.#proceed();
  }

  frameFails(): void {
    const { isTold } = this.frame as { isTold: boolean };
    this.frame = null;
    this.#isSent = true;
    this.isFlushed = true;
    if (isTold) this.#put({ what: 'error', error: 'unsent' });
    this.#terminate();
  }

  vanishes(error: boolean): void {
    if (this.isGone) return;
    if (this.#scenario.failsFirst && this.frame !== null) this.frameFails();
    if (this.isGone) return;
    this.isGone = true;
    this.#begin();
    this.#socket = null;
    if (!this.isOpen) this.isFlushed = true;
    else if (!error) this.#put({ what: 'dry' });
    else {
      const said = this.#theirs; // that it went afterwards is no loss [CLO-13]
      this.#leave(said ?? '1006 the connection was lost', 'broken');
      this.#finish(said === null ? 'lost' : undefined);
    }
    this.#wait();
    if (this.frame !== null) this.frameFails();
  }

  /** The callback that is waited for settles, well or badly; what @OnOpen rejects with ends the session. [LIF-10] */
  settles(isBad: boolean): void {
    const { what, next } = this.running as { what: string; next: () => void };
    this.running = null;
    if (!isBad || what === 'error') next();
    else this.#tell('boom', () => what === 'open' && this.fails(1011, 'boom'));
    this.#pump();
  }

  abandon(): void {
    this.#queue = this.#queue.filter(({ what }) => what !== 'message');
    if (this.running === null) return;
    this.running = null;
    this.abandoned++;
    this.#pump();
  }

  /** When something happens by itself next. */
  get due(): number {
    return Math.min(this.#socket?.at ?? Infinity, this.#patience?.at ?? Infinity);
  }

  /** Time passes up to `until`; what is due then happens. */
  advance(until: number): void {
    this.now = until;
    const due = [this.#socket, this.#patience].filter((each) => each !== null && each.at <= until) as Deadline[];
    for (const each of due.sort((a, b) => a.at - b.at || a.order - b.order)) {
      if (each === this.#socket) this.#socket = null;
      else if (each === this.#patience) this.#patience = null;
      else continue; // the one before has done away with it
      each.act();
      this.#pump();
    }
  }

  // How it goes on.

  #begin(): void {
    this.begun ??= this.now;
  }

  #put(item: Item): void {
    this.#queue.push(item);
    this.#pump();
  }

  /** One callback at a time, in order. [LIF-6] */
  #pump(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    while (this.running === null) {
      const item = this.#queue.shift();
      if (item === undefined) break;
      this.#run(item);
    }
    this.#isRunning = false;
  }

  #run(item: Item): void {
    const { open, close, release } = this.#scenario;
    switch (item.what) {
      case 'open':
        return this.#call('open', 'open', open);
      case 'message':
        return this.#call('message', `message ${item.text}`, item.how);
      case 'error':
        return this.#tell(item.error, () => {});
      case 'close':
        return this.#call('close', `close ${this.#reason}`, close);
      case 'release':
        return this.#call('release', 'release', release);
      case 'answer':
        return this.#answer();
      case 'dry':
        return this.#dry();
      case 'end':
        if (this.#queue.length > 0 || !this.#isReleased) {
          if (this.#queue.length === 0) {
            this.#isReleased = true;
            this.#queue.push({ what: 'release' });
          }
          this.#queue.push(item);
          return;
        }
        this.isEnded = true;
        this.#patience = this.isGone ? null : this.#patience;
    }
  }

  #call(what: string, line: string, how: How): void {
    this.heard.push(line);
    const isOpen = what === 'open';
    if (how === 'slow') this.running = { what, next: () => {} };
    if (how.startsWith('closes')) this.closes(4000, 'own');
    // what @OnOpen throws ends the session, behind @OnError [LIF-10, CLO-18]
    if (how.endsWith('throws')) this.#tell('boom', () => isOpen && this.fails(1011, 'boom'));
  }

  #tell(error: string, next: () => void): void {
    this.heard.push(`error ${error}`);
    if (this.#scenario.error === 'slow') this.running = { what: 'error', next };
    else next();
  }

  #ask(reason: string, wire: number | undefined, phrase: string, ms: number, isTold: boolean, untold?: string): void {
    if (!this.isOpen) return;
    this.#begin();
    this.#leave(reason, this.#theirs === null ? 'asked' : 'answered');
    this.#frame(wire, phrase, ms, isTold);
    this.#finish(untold);
  }

  /** Their frame's turn has come. [CLO-4, CLO-5] */
  #answer(): void {
    if (!this.isOpen) return;
    const [code, ...words] = (this.#theirs as string).split(' ');
    this.#leave(this.#theirs as string, 'answered');
    this.#frame(code === '1005' ? undefined : Number(code), words.join(' '), TIMES.close, false);
    this.#finish();
  }

  /** A plain end of the stream. [CLO-13, D-20] */
  #dry(): void {
    if (!this.isOpen) return;
    this.#leave('1006 the connection ended without a close frame', 'broken');
    this.isFlushed = true;
    if (!this.isGone) {
      this.calls.push('end');
      this.#isSent = true;
      this.#socket = this.#in(TIMES.close + TIMES.linger, () => this.#terminate());
    }
    this.#finish();
  }

  #leave(reason: string, phase: 'asked' | 'answered' | 'broken'): void {
    this.isOpen = false;
    this.#reason = reason;
    this.#phase = phase;
    this.#patience = null;
    this.#queue = this.#queue.filter(({ what }) => what !== 'message');
    if (this.isGone) this.isFlushed = true;
  }

  #frame(code: number | undefined, phrase: string, ms: number, isTold: boolean): void {
    if (this.isGone) return;
    this.calls.push(`close ${code} ${phrase}`);
    this.frame = { isTold };
    this.#socket = this.#in(ms, () => this.#terminate());
  }

  #finish(untold?: string): void {
    if (untold !== undefined) this.#queue.push({ what: 'error', error: untold });
    this.#queue.push({ what: 'close' }, { what: 'end' });
    this.#wait();
    this.#pump();
  }

  #move(phase: 'answered' | 'broken'): void {
    if (this.#phase !== 'asked' || this.isGone) return;
    this.#phase = phase;
    if (this.#isSent) this.#proceed();
  }

  /** Our frame has left: theirs is waited for, or TCP ends. [CLO-7, REL-13] */
  #proceed(): void {
    if (this.isGone) return;
    const isAsked = this.#phase === 'asked';
    if (!isAsked) this.calls.push('end');
    this.#socket = this.#in(isAsked ? TIMES.close : TIMES.linger, () => this.#terminate());
  }

  /** Callbacks of a connection that is gone have so long, each. [LIF-13] */
  #wait(): void {
    if (!this.isGone || this.isEnded) return;
    this.#patience = this.#in(TIMES.close, () => {
      this.abandon();
      this.#wait();
    });
  }

  #terminate(): void {
    if (this.isGone) return;
    this.calls.push('terminate');
    this.vanishes(false);
  }

  #in(ms: number, act: () => void): Deadline {
    return { at: this.now + ms, order: this.#order++, act };
  }
}
