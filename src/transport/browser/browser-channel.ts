/** A browser's WebSocket as a channel: the browser owns the frames, pings and the closing handshake, and lets nobody hold its peer up. */
import type { Bytes, Channel, ChannelCounters, ChannelListener, Done, MessageKind, Prepared } from '../spi.js';
import { Arrivals } from './arrivals.js';
import { CollectedParts } from './collected-parts.js';
import { Departures } from './departures.js';
import { PreparedMessage } from './prepared-message.js';
import { type Closed, nothing, OPEN, type Socket } from './socket.js';

/** `sending` until the house has closed or ended its direction. */
type Way = 'sending' | 'closing';

/**
 * Everything happens in turns, each a microtask of its own: the socket's events and the house's calls only take notes, so no event
 * is ever delivered on a caller's stack. Its counters know messages and payloads; frames and their headers are the browser's.
 */
export class BrowserChannel implements Channel {
  readonly hasPings = false;
  /** Nobody knows what the kernel has. */
  readonly congestion = 0;
  lastRead = performance.now();
  readonly #socket: Socket;
  readonly #arrivals = new Arrivals();
  readonly #departures: Departures;
  #parts: CollectedParts | null = null;
  #listener: ChannelListener | null = null;
  #way: Way = 'sending';
  /** The socket's last event. */
  #end: Closed | null = null;
  #hasToldClosing = false;
  /** `dropped`: by `terminate`; `closed`: onClosed has been called. */
  #life: 'alive' | 'dropped' | 'closed' = 'alive';
  #isTurnDue = false;
  #hasDrained = false;
  #settled: (() => void)[] = [];
  /** Called behind onClosed. */
  readonly #whenClosed: () => void;

  /** Of an open socket, whose messages are kept from now on. */
  constructor(socket: Socket, whenClosed: () => void) {
    this.#socket = socket;
    this.#whenClosed = whenClosed;
    this.#departures = new Departures(socket, (settled) => {
      this.#hasDrained = true;
      this.#settle(settled);
    });
    socket.onmessage = ({ data }) => this.#arrive(typeof data === 'string' ? data : new Uint8Array(data));
    socket.onclose = (event) => this.#ends(event);
  }

  /** Lets events go. Resolves when what has come before has been shown to the listener. */
  begin(listener: ChannelListener): Promise<void> {
    this.#listener = listener;
    try {
      listener.onOpened();
    } catch {
      this.terminate();
    }
    this.#needTurn();
    return new Promise((resolve) => queueMicrotask(resolve)); // behind the turn
  }

  text(text: string, done?: Done): void {
    this.#send(text, done);
  }

  binary(bytes: Bytes, done?: Done): void {
    this.#send(bytes, done);
  }

  /** Its `done` hears that a part is kept, unless it is the last: a browser sends whole messages. */
  part(kind: MessageKind, data: string | Bytes, first: boolean, last: boolean, done?: Done): void {
    if (!this.#maySend) return this.#refuse(done);
    if (first && last && (kind === 'text') === (typeof data === 'string')) return this.#send(data, done);
    this.#parts ??= new CollectedParts();
    this.#parts.add(data);
    if (!last) return this.#settle(done === undefined ? [] : [done]);
    const whole = this.#parts;
    this.#parts = null;
    try {
      this.#send(kind === 'text' ? whole.text : whole.bytes, done);
    } catch {
      this.#refuse(done); // bytes that are no text: a defect of the house
      this.terminate();
    }
  }

  /** The house asks `hasPings` before. */
  ping(_bytes: Bytes, done?: Done): void {
    this.#refuse(done, 'A browser sends no pings');
  }

  pong(_bytes: Bytes, done?: Done): void {
    this.#refuse(done, 'A browser sends no pongs');
  }

  prepare(message: string | Bytes): Prepared {
    return new PreparedMessage(message);
  }

  write(prepared: Prepared, done?: Done): void {
    this.#send((prepared as PreparedMessage).data, done);
  }

  /** A browser lets a page say 1000, and 3000 to 4999; any other code leaves as a close frame without one. */
  close(code: number | undefined, phrase: string, done?: Done): void {
    if (this.#way !== 'sending' || this.#life !== 'alive') return this.#refuse(done);
    this.#way = 'closing';
    this.#parts = null;
    if (this.#end !== null) {
      if (done !== undefined) this.#settle([done]); // the browser has answered
    } else {
      if (code === 1000 || (code !== undefined && code >= 3000)) this.#socket.close(code, phrase);
      else this.#socket.close();
      this.#departures.await(done);
    }
    this.#needTurn();
  }

  /** A browser cannot end one direction: without a close frame before, it sends an empty one. */
  end(): void {
    if (this.#life !== 'alive') return;
    if (this.#way === 'sending' && this.#end === null) this.#socket.close();
    this.#way = 'closing';
    this.#parts = null;
    this.#needTurn();
  }

  /** What the socket has cannot be taken back. */
  discard(): boolean {
    this.#parts = null;
    return this.#maySend && this.bufferedAmount === 0;
  }

  /** A browser drops no TCP: it closes, in its own time, and nothing of it is heard any more. */
  terminate(): void {
    if (this.#life !== 'alive') return;
    this.#life = 'dropped';
    this.#socket.onmessage = nothing;
    this.#socket.onclose = nothing;
    this.#parts = null;
    this.#arrivals.drop();
    for (const done of this.#departures.end()) this.#refuse(done);
    this.#socket.close();
    this.#needTurn();
  }

  /** What comes meanwhile is kept: a browser goes on reading. */
  pause(): void {
    this.#arrivals.pause();
  }

  resume(): void {
    this.#arrivals.resume();
    this.#needTurn();
  }

  /** The browser writes when it likes. */
  flush(): void {}

  get bufferedAmount(): number {
    return this.#life === 'alive' && this.#end === null ? this.#socket.bufferedAmount : 0;
  }

  get lastWritten(): number {
    return this.#departures.lastWritten;
  }

  get counters(): ChannelCounters {
    const { count: sent, bytes: bytesSent } = this.#departures;
    const { count: received, bytes: bytesReceived } = this.#arrivals;
    return { messagesSent: sent, messagesReceived: received, framesSent: sent, framesReceived: received, bytesSent, bytesReceived };
  }

  /** Once the peer has closed, a browser sends nothing more. */
  get #maySend(): boolean {
    return this.#way === 'sending' && this.#life === 'alive' && this.#socket.readyState === OPEN;
  }

  #send(data: string | Bytes, done: Done | undefined): void {
    if (this.#maySend) this.#departures.send(data, done);
    else this.#refuse(done);
  }

  #refuse(done: Done | undefined, why = 'The connection takes no more messages'): void {
    if (done !== undefined) this.#settle([() => done(new Error(why))]);
  }

  #settle(calls: readonly (() => void)[]): void {
    this.#settled.push(...calls);
    this.#needTurn();
  }

  #arrive(message: string | Uint8Array): void {
    this.lastRead = performance.now();
    this.#arrivals.push(message);
    this.#needTurn();
  }

  #ends(event: Closed): void {
    this.#end = event;
    this.#socket.onmessage = nothing;
    this.lastRead = performance.now();
    for (const done of this.#departures.end()) event.wasClean ? this.#settle([done]) : this.#refuse(done);
    this.#needTurn();
  }

  #needTurn(): void {
    if (this.#isTurnDue) return;
    this.#isTurnDue = true;
    queueMicrotask(() => this.#turn());
  }

  #turn(): void {
    this.#isTurnDue = false;
    const listener = this.#listener;
    if (listener === null) return; // until begin
    if (this.#life === 'closed') return this.#tellSenders();
    try {
      this.#events(listener);
    } catch {
      this.terminate(); // a listener that throws is a defect of the house
    }
    if (!this.#isOver) return;
    if (this.#settled.length > 0) return this.#needTurn(); // onClosed is the last of all
    this.#life = 'closed';
    try {
      listener.onClosed();
    } catch {
      // a defect of the house, and no connection left to end for it
    }
    this.#whenClosed();
  }

  #events(listener: ChannelListener): void {
    this.#tellSenders();
    if (this.#hasDrained && this.#life === 'alive') {
      this.#hasDrained = false;
      listener.onDrained();
    }
    this.#arrivals.run(listener);
    if (this.#end === null || !this.#arrivals.isEmpty || this.#isSilent || this.#hasToldClosing) return;
    this.#hasToldClosing = true;
    listener.onClosing(this.#end.code, this.#end.reason);
  }

  #tellSenders(): void {
    for (const settle of this.#settled.splice(0)) settle();
  }

  /** No close frame of the peer's is to be told of. */
  get #isSilent(): boolean {
    return this.#life !== 'alive' || this.#end?.code === 1006 || this.#arrivals.hasFailed;
  }

  /** Dropped; or the socket has ended, behind all that came before, and the house has answered, if there was something to answer. */
  get #isOver(): boolean {
    if (this.#life !== 'alive') return this.#life === 'dropped';
    return this.#end !== null && this.#arrivals.isEmpty && (this.#isSilent || this.#way === 'closing');
  }
}
