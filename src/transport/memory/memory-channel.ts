/** One end of a connection that exists only in memory. */
import { setImmediate } from 'node:timers';
import type { Bytes, Channel, ChannelCounters, ChannelListener, Done, MessageKind, Prepared } from '../spi.js';
import { closeFrame, controlFrame, dataFrame, END, type MemoryFrame, MemoryMessage, wireLength } from './memory-frame.js';
import { MemoryReader } from './memory-reader.js';

interface Outgoing {
  readonly frame: MemoryFrame;
  readonly done: Done | undefined;
}

/** `sending` until the close frame or the end has been asked for; then nothing more is accepted. */
type Way = 'sending' | 'closing' | 'ending';

/**
 * Everything happens in turns, each a setImmediate of its own (node's, even under a test's fake timers): a call only
 * takes notes, so no event is ever delivered on a caller's stack.
 */
export class MemoryChannel implements Channel {
  readonly #isServer: boolean;
  readonly #reader: MemoryReader;
  #peer!: MemoryChannel;
  #listener: ChannelListener | null = null;
  #opens = false;
  #isTurnDue = false;
  readonly #out: Outgoing[] = [];
  #way: Way = 'sending';
  #buffered = 0;
  #hasDrained = false;
  #settled: (() => void)[] = [];
  #sawEnd = false;
  #sentEnd = false;
  /** `dropped`: by `terminate`; `closed`: onClosed has been called. */
  #life: 'alive' | 'dropped' | 'closed' = 'alive';
  #messagesSent = 0;
  #framesSent = 0;
  #bytesSent = 0;
  /** Called behind onClosed. */
  readonly whenClosed: (() => void)[] = [];
  lastRead = performance.now();
  lastWritten = performance.now();

  private constructor(isServer: boolean) {
    this.#isServer = isServer;
    this.#reader = new MemoryReader(isServer);
  }

  /** Two ends, each the other's peer. */
  static pair(): { server: MemoryChannel; client: MemoryChannel } {
    const server = new MemoryChannel(true);
    const client = new MemoryChannel(false);
    server.#peer = client;
    client.#peer = server;
    return { server, client };
  }

  /** Lets events go; `opens`: onOpened, still to be called, is the first. */
  begin(listener: ChannelListener, { opens }: { opens: boolean }): void {
    this.#listener = listener;
    this.#opens = opens;
    this.#needTurn();
  }

  text(text: string, done?: Done): void {
    this.#send(dataFrame('text', text, true, true), done);
  }

  binary(bytes: Bytes, done?: Done): void {
    this.#send(dataFrame('binary', bytes, true, true), done);
  }

  part(kind: MessageKind, data: string | Bytes, first: boolean, last: boolean, done?: Done): void {
    this.#send(dataFrame(kind, data, first, last), done);
  }

  ping(bytes: Bytes, done?: Done): void {
    this.#send(controlFrame('ping', bytes), done);
  }

  pong(bytes: Bytes, done?: Done): void {
    this.#send(controlFrame('pong', bytes), done);
  }

  prepare(message: string | Bytes): Prepared {
    return new MemoryMessage(message);
  }

  write(prepared: Prepared, done?: Done): void {
    this.#send((prepared as MemoryMessage).frame, done);
  }

  close(code: number | undefined, phrase: string, done?: Done): void {
    this.#send(closeFrame(code, phrase), done);
    if (this.#way === 'sending') this.#way = 'closing';
    if (this.#sawEnd) this.end(); // the peer said so before us
    this.#pump();
  }

  end(): void {
    if (this.#way === 'ending' || this.#life !== 'alive') return;
    this.#way = 'ending';
    this.#out.push({ frame: END, done: undefined });
    this.#needTurn();
  }

  discard(error: Error): boolean {
    if (this.#way !== 'sending' || this.#life !== 'alive') return false;
    for (const { done } of this.#out.splice(0)) if (done !== undefined) this.#settled.push(() => done(error));
    this.#buffered = 0;
    this.#needTurn();
    return true;
  }

  terminate(): void {
    if (this.#life !== 'alive') return;
    this.#life = 'dropped';
    for (const { done } of this.#out.splice(0)) this.#refuse(done);
    this.#buffered = 0;
    this.#reader.drop();
    if (!this.#sentEnd) this.#peer.#arrive(END);
    this.#needTurn();
  }

  pause(): void {
    this.#reader.pause();
  }

  resume(): void {
    this.#reader.resume();
    this.#needTurn();
  }

  flush(): void {
    this.#pump();
  }

  get bufferedAmount(): number {
    return this.#buffered;
  }

  get congestion(): number {
    const { hasRoom, waiting } = this.#peer.#reader;
    return hasRoom || this.#out.length === 0 ? 0 : waiting;
  }

  get counters(): ChannelCounters {
    return {
      messagesSent: this.#messagesSent,
      messagesReceived: this.#reader.messages,
      framesSent: this.#framesSent,
      framesReceived: this.#reader.frames,
      bytesSent: this.#bytesSent,
      bytesReceived: this.#reader.bytes,
    };
  }

  #send(frame: MemoryFrame, done: Done | undefined): void {
    if (this.#way !== 'sending' || this.#life !== 'alive') {
      this.#refuse(done);
      return;
    }
    this.#out.push({ frame, done });
    this.#buffered += wireLength(frame, !this.#isServer);
    this.#needTurn();
  }

  #refuse(done: Done | undefined): void {
    if (done === undefined) return;
    this.#settled.push(() => done(new Error('The connection takes no more messages')));
    this.#needTurn();
  }

  /** Hands over what the other end has room for. */
  #pump(): void {
    while (this.#out.length > 0 && this.#peer.#reader.hasRoom) {
      const { frame, done } = this.#out.shift() as Outgoing;
      if (frame.sort === 'end') this.#sentEnd = true;
      else this.#count(frame);
      if (done !== undefined) this.#settled.push(done);
      this.#peer.#arrive(frame);
      this.#needTurn();
    }
  }

  #count(frame: MemoryFrame): void {
    const length = wireLength(frame, !this.#isServer);
    this.#buffered -= length;
    this.#hasDrained = true;
    this.#bytesSent += length;
    this.#framesSent++;
    if (frame.sort === 'data' && frame.last) this.#messagesSent++;
    this.lastWritten = performance.now();
  }

  #arrive(frame: MemoryFrame): void {
    if (this.#life !== 'alive') return;
    this.#reader.push(frame);
    if (frame.sort !== 'end') this.lastRead = performance.now();
    this.#needTurn();
  }

  #needTurn(): void {
    if (this.#isTurnDue) return;
    this.#isTurnDue = true;
    setImmediate(takeTurn, this);
  }

  /** @internal */
  turn(): void {
    this.#isTurnDue = false;
    const listener = this.#listener;
    if (listener === null) return; // until begin
    try {
      this.#events(listener);
    } catch {
      this.terminate(); // a listener that throws is a defect of the house
    }
    if (this.#life === 'alive' ? !(this.#sawEnd && this.#sentEnd) : this.#life === 'closed') return;
    if (this.#settled.length > 0) {
      this.#needTurn(); // onClosed is the last of all
      return;
    }
    this.#life = 'closed';
    this.#reader.drop();
    try {
      listener.onClosed();
    } catch {
      // a defect of the house, and no connection left to end for it
    }
    for (const tell of this.whenClosed) tell();
  }

  #events(listener: ChannelListener): void {
    if (this.#opens) {
      this.#opens = false;
      listener.onOpened();
    }
    this.#pump();
    for (const settle of this.#settled.splice(0)) settle();
    if (this.#hasDrained) {
      this.#hasDrained = false;
      if (this.#life === 'alive') listener.onDrained();
    }
    if (this.#reader.run(listener, (bytes) => this.pong(bytes))) this.#meetEnd(listener);
    if (this.#peer.#out.length > 0) this.#peer.#needTurn(); // there may be room now
  }

  /** The peer sends nothing more: the house answers, to its close frame or to the mere end, unless it has closed already. */
  #meetEnd(listener: ChannelListener): void {
    this.#sawEnd = true;
    if (this.#reader.isClosing && this.#way === 'sending') return;
    if (this.#reader.isClosing || listener.onEnded === undefined) this.end();
    else listener.onEnded();
  }
}

/** One function for all channels. */
function takeTurn(channel: MemoryChannel): void {
  channel.turn();
}
