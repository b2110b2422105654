/** What the house and an engine say to each other: calls go down, events go up. */
import type { IncomingMessage } from 'node:http';

/** `T`, or a promise of it. */
export type Handled<T> = T | Promise<T>;

/** What may be sent as binary. */
export type Bytes = ArrayBuffer | ArrayBufferView;

/** The two native types of a data message. */
export type MessageKind = 'text' | 'binary';

/** An I/O engine: it listens, and offers what arrives to the gate. */
export interface Transport {
  /** Begins to offer. A listening engine resolves once it is bound and rejects with node's own error when it cannot. */
  start(gate: Gate): Handled<void>;
  /** Ends every connection that is still there and removes all that `start` added. Idempotent, never rejects. */
  stop(): Promise<void>;
  /** Offers nothing any more, and removes its listeners from a server that is not its own; connections stay. Idempotent. */
  withdraw?(): void;
  /** Where its server is bound; null for an engine that has none, and for one whose server does not listen yet. */
  readonly address?: TransportAddress | null;
}

/** Where an engine listens. */
export interface TransportAddress {
  readonly host: string;
  readonly port: number;
  readonly secure: boolean;
}

/** The container, as an engine sees it. */
export interface Gate {
  /** Takes the offer (and will `accept` or `decline` it, perhaps later), or answers false: nobody here. Never throws. */
  offer(offer: Offer): boolean;
}

/** An address and port; the port is -1 where the connection is not IP. */
export interface Peer {
  readonly address: string;
  readonly port: number;
}

/** A request that may become a connection. */
export interface Offer {
  readonly method: string;
  /** The request target as it stood in the request line, never decoded. */
  readonly target: string;
  /** `1.1`, `1.0` … */
  readonly httpVersion: string;
  /** The connection itself is TLS. */
  readonly secure: boolean;
  /** Others on this server may still answer what the gate does not take. */
  readonly shared: boolean;
  /** Name, value, name, value …, as received. */
  readonly rawHeaders: readonly string[];
  /** Lower-case name to its lines, in order. */
  readonly headers: ReadonlyMap<string, readonly string[]>;
  readonly peer: Peer;
  readonly local: Peer;
  /** node's request, where there is one. */
  readonly request?: IncomingMessage;
  /**
   * Switches protocols. `open` is called exactly once, before the 101 is written, and gives the listener back; then the
   * 101 leaves, then `listener.onOpened()` is called. Should `open` throw, the engine answers 500; should the peer have
   * left meanwhile, `open` is not called and nothing is written; should a header be illegal, it is not called and the answer is 500.
   * `open` is called during this call or never: whoever finds it uncalled when `accept` returns may release what it had made
   * for the connection. Of an offer that is settled already `accept` does nothing.
   */
  accept(answer: Answer, open: (channel: Channel) => ChannelListener): void;
  /** Answers with a complete HTTP response and closes the connection. */
  decline(status: number, headers: Iterable<readonly [string, string]>, body: string): void;
  /** Calls back once if the peer leaves, or the engine stops, before `accept` or `decline`; at once (in a microtask) if it has left already. */
  onAborted(callback: () => void): void;
}

/** What the 101 says beyond its three fixed headers, and how the channel is to work. */
export interface Answer {
  /** Every further header line, `Sec-WebSocket-Accept` included. */
  readonly headers: Iterable<readonly [string, string]>;
  /** permessage-deflate as negotiated, or null. */
  readonly deflate: DeflateParameters | null;
  /**
   * Further extensions as agreed on, the one next to the application first; the engine's from here on. An engine whose
   * messages never are frames runs none of them, as it compresses nothing; it closes them all the same.
   */
  readonly transformations: readonly Transformation[];
}

/** A frame between permessage-deflate and the wire: compressed if its message is, and not masked. */
export interface Frame {
  opcode: number;
  fin: boolean;
  rsv1: boolean;
  rsv2: boolean;
  rsv3: boolean;
  /** Whoever has the frame may write to it. */
  payload: Buffer;
}

/**
 * An extension at work on one connection. It gets the frames of each direction one after the other, control frames too, and
 * answers with the frame that stands for it; what it throws or rejects with breaks the connection with 1002. [EXT-16]
 */
export interface Transformation {
  /** The bits it alone uses; they are cleared behind `inbound`. */
  readonly rsv: readonly (1 | 2 | 3)[];
  /** What the response says of it. */
  readonly parameters: readonly ExtensionParameter[];
  /** A frame from the peer. What comes of it must be a legal frame. */
  inbound(frame: Frame): Handled<Frame>;
  /** A frame for the peer; may set its own bits. */
  outbound(frame: Frame): Handled<Frame>;
  /** Once, when nothing of the connection is left, also if none came about. */
  close?(): void;
}

/** As in the API's Extension. */
export interface ExtensionParameter {
  getName(): string;
  /** null when the parameter is a bare token. */
  getValue(): string | null;
}

/** Makes an extension's transformations. [EXT-16] */
export interface ExtensionFactory {
  readonly name: string;
  /** The parameter sets the other side has offered, in its order; null: none will do, and the extension is left out. [HS-5] */
  build(offers: readonly (readonly ExtensionParameter[])[], isServer: boolean): Transformation | null;
}

/** permessage-deflate as both sides agreed on it. */
export interface DeflateParameters {
  readonly serverNoContextTakeover: boolean;
  readonly clientNoContextTakeover: boolean;
  /** 9 to 15. */
  readonly serverMaxWindowBits: number;
  /** 9 to 15. */
  readonly clientMaxWindowBits: number;
  /** zlib's own default when undefined. */
  readonly level?: number | undefined;
  /** zlib's own default when undefined. */
  readonly memLevel?: number | undefined;
}

/** Called once, never inside the call it was given to: with an error if the bytes never left. */
export type Done = (error?: Error) => void;

/** A message encoded once, to be written to many channels. */
export interface Prepared {
  readonly kind: MessageKind;
  /** Bytes of the payload. */
  readonly size: number;
}

/**
 * One socket, either end, seen from above. No call throws for a connection that is going or gone: `done` gets an error
 * then. Data leaves in the order of the calls; `ping` and `pong` may overtake data that is still being compressed, and
 * slip between the parts of a message.
 */
export interface Channel {
  /** Sends a whole text message. The text must be well-formed; the caller has looked. */
  text(text: string, done?: Done): void;
  /** Sends a whole binary message. Up to 16 KiB are copied during the call; more must not be touched until `done`. */
  binary(bytes: Bytes, done?: Done): void;
  /** Sends a part of a message: `first` carries the opcode, `last` ends it. Bytes as for `binary`. */
  part(kind: MessageKind, data: string | Bytes, first: boolean, last: boolean, done?: Done): void;
  /** False: this engine can send no pings and no pongs. Default true. */
  readonly hasPings?: boolean;
  /** At most 125 bytes; the caller has looked. Copied during the call. */
  ping(bytes: Bytes, done?: Done): void;
  /** At most 125 bytes; the caller has looked. Copied during the call. */
  pong(bytes: Bytes, done?: Done): void;
  /**
   * Sends a close frame (undefined: an empty one) behind all data, and flushes. Nothing is sent after it. Once the peer's close frame
   * and the end of its direction are there too, ours ends by itself: a client leaves the first end to the server. [CLO-4]
   */
  close(code: number | undefined, phrase: string, done?: Done): void;
  /** Ends our direction of the connection once everything has left; what still arrives is read and, after the peer's close frame or a failure, thrown away. */
  end(): void;
  /**
   * Forgets all that was sent and has not been handed to the socket; each `done` of it gets the error. A connection that is to
   * be closed: nothing but `close`, `end` and `terminate` may follow. False: not even a close frame can, since what the socket
   * has ends within a frame, or nothing may be sent any more.
   */
  discard(error: Error): boolean;
  /** Drops the connection now. `onClosed` follows. */
  terminate(): void;
  /**
   * Stops data events and pongs, those of bytes already read included; pings before the next of them are still answered. The
   * peer's close frame and the end of the stream wait behind what they follow. A peer that has sent enough of it is made to
   * wait: nothing is read meanwhile that would have to be kept, and nothing is inflated.
   */
  pause(): void;
  /** Lets data events go on; never delivers on the caller's stack. Also ends an intake's `wait`. */
  resume(): void;
  /** Writes what this turn of the event loop has collected. */
  flush(): void;
  /** Encodes a message once. */
  prepare(message: string | Bytes): Prepared;
  /** Sends what any channel of the same engine has prepared. */
  write(prepared: Prepared, done?: Done): void;
  /** Bytes accepted that the kernel has not taken yet. */
  readonly bufferedAmount: number;
  /**
   * Bytes that the kernel was given and has no room for; 0 while it takes all it gets. Only the peer can make room: any change
   * of a number other than 0 shows that it is there. [REL-12]
   */
  readonly congestion: number;
  /** `performance.now()` when bytes last arrived, and when the kernel last took some. */
  readonly lastRead: number;
  readonly lastWritten: number;
  readonly counters: ChannelCounters;
}

/** What has passed a channel; bytes are those of frames, headers included. */
export interface ChannelCounters {
  readonly messagesSent: number;
  readonly messagesReceived: number;
  readonly framesSent: number;
  readonly framesReceived: number;
  readonly bytesSent: number;
  readonly bytesReceived: number;
}

/**
 * How the house wants a message that has just begun. Shared and frozen.
 * `whole`: one onText/onBinary. `parts`: onPart as bytes arrive. `skip`: read, checked, thrown away.
 * `wait`: leave it unread until `resume()`, then ask again.
 */
export interface Intake {
  readonly mode: 'whole' | 'parts' | 'skip' | 'wait';
  /** Bytes (inflated) of the message, enforced before they are held; Infinity for none. For `whole` and for `parts`, all of them together. */
  readonly limit: number;
}

/**
 * The house, as a channel sees it. Events come one at a time and never inside a call to the channel. The engine answers
 * pings by itself. A listener that throws is a defect of the house: the engine terminates the connection.
 */
export interface ChannelListener {
  /** The 101 is on its way; the channel may be used. */
  onOpened(): void;
  /** A data message begins: asked once its first frame header has been read. */
  intake(kind: MessageKind): Intake;
  onText(text: string): void;
  /** The buffer is the listener's to keep. */
  onBinary(bytes: Buffer): void;
  /**
   * A text part is a string and never splits a character. A part ends with its frame, or once 8192 bytes or more are there;
   * only the last may be empty.
   */
  onPart(kind: MessageKind, data: string | Buffer, last: boolean): void;
  onPong(bytes: Buffer): void;
  /** A write has finished, so bufferedAmount may be smaller. Comes often. */
  onDrained(): void;
  /** The peer's close frame; code 1005 if it was empty. No data event follows. The house answers. */
  onClosing(code: number, phrase: string): void;
  /**
   * The peer has ended its direction without a close frame, behind all it sent; ours is still open. The house answers with
   * `end()`. Where a listener has no such method the engine ends by itself.
   */
  onEnded?(): void;
  /**
   * The stream is broken: 1002, 1007 or 1009, and why. The house answers with the close frame; nothing more is read from
   * the stream. A compressed message that cannot be inflated is 1002 with zlib's error (`code` begins with `Z_`).
   * Where it is the peer's close frame that is wrong the error's `name` is `CloseFrameError`.
   */
  onFailed(code: 1002 | 1007 | 1009, error: Error): void;
  /** The socket is gone: the last event. With an error after a reset, a broken pipe or a failed TLS; without after a plain end. */
  onClosed(error?: Error): void;
}
