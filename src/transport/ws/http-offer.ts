/** A request that node's HTTP server has read, as an offer to the gate. */
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Answer, Channel, ChannelListener, Offer, Peer } from '../spi.js';
import { linesByName } from './lines-by-name.js';
import { guard, type HeaderLine, headerLines, refuse, unguard } from './refusal.js';
import { closeAll } from './transforming.js';
import { WsChannel } from './ws-channel.js';

/** Who answers for an offer, and for the channel that comes of it. */
export interface Keeper {
  /** The offer has been answered, or its peer has left. */
  settled(offer: HttpOffer): void;
  /** The offer has become a connection. */
  opened(socket: Duplex, channel: WsChannel): void;
}

/** What node read of a request, and from where. */
export interface Arrival {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  /** The bytes behind the request; null if node's parser still has the socket, so that nothing can be switched. */
  readonly head: Buffer | null;
  readonly shared: boolean;
}

/** Bytes kept of a peer that talks before it is answered; beyond it we stop reading. */
const EARLY = 65536;

export class HttpOffer implements Offer {
  readonly method: string;
  readonly target: string;
  readonly httpVersion: string;
  readonly shared: boolean;
  readonly rawHeaders: readonly string[];
  readonly headers: ReadonlyMap<string, readonly string[]>;
  readonly request: IncomingMessage;
  readonly #socket: Duplex;
  readonly #switchable: boolean;
  /** The gate decides in a later turn; until then the socket has listeners of ours. */
  #isWatched = false;
  /** Its error listener, too: another offer of the same request may still need its own. [DEP-8] */
  #guards = false;
  readonly #early: Buffer[] = [];
  #earlySize = 0;
  /** Asked for by somebody, or before the peer may leave: the socket keeps it, too, as long as it lives. */
  #peer: Peer | null = null;
  #state: 'open' | 'left' | 'answered' = 'open';
  #aborted: (() => void)[] = [];
  /** Set by whoever shows the offer to a gate. */
  keeper: Keeper | null = null;

  constructor({ request, socket, head, shared }: Arrival) {
    this.method = request.method ?? '';
    this.target = request.url ?? '';
    this.httpVersion = request.httpVersion;
    this.shared = shared;
    this.rawHeaders = request.rawHeaders;
    this.headers = linesByName(request.rawHeaders);
    this.request = request;
    this.#socket = socket;
    this.#switchable = head !== null;
    if (head !== null && head.length > 0) this.#keep(head);
  }

  get secure(): boolean {
    return (this.#socket as { encrypted?: boolean }).encrypted === true;
  }

  get peer(): Peer {
    this.#peer ??= peerOf(this.#socket as Socket);
    return this.#peer;
  }

  get local(): Peer {
    const { localAddress, localPort } = this.#socket as Socket;
    return { address: localAddress ?? '', port: localPort ?? -1 };
  }

  /** A GET that asks for WebSocket: `websocket` is among the tokens of its Upgrade lines, in any case [HS-1, row 1]. */
  get isWebSocket(): boolean {
    return this.method === 'GET' && (this.headers.get('upgrade') ?? []).some((line) => line.split(',').some(isWebSocketToken));
  }

  get isSettled(): boolean {
    return this.#state !== 'open';
  }

  /**
   * As the SPI says. A header line with a character that is illegal in HTTP never reaches the wire: the peer gets a
   * complete 500 and `open` is not called, as it is not when the peer has left. On a request that asks for no upgrade
   * the answer is 400.
   */
  accept(answer: Answer, open: (channel: Channel) => ChannelListener): void {
    if (!this.#switch(answer, open)) closeAll(answer.transformations);
  }

  /** False: no channel has come of it. */
  #switch(answer: Answer, open: (channel: Channel) => ChannelListener): boolean {
    if (this.#state !== 'open') return false;
    if (!this.#switchable) {
      this.decline(400, [], 'Nothing here can be upgraded; send Connection: upgrade with the request. [MARGAY_UPGRADE_CONNECTION]');
      return false;
    }
    const lines = headerLines(answer.headers);
    if (lines === null) {
      this.decline(500, [], 'The answer had an illegal header line. [MARGAY_HOOK_FAILED]');
      return false;
    }
    const socket = this.#socket;
    if (!socket.writable) {
      this.#leave();
      return false;
    }
    this.#settle('answered');
    socket.allowHalfOpen = true; // https servers end with their peer, which may still wait for a close frame [CLO-4]
    const channel = new WsChannel(socket, { isServer: true, deflate: answer.deflate, transformations: answer.transformations });
    let listener: ChannelListener;
    try {
      listener = open(channel);
    } catch {
      // the container knows, since its own function threw; the peer learns it here
      refuse(socket, { status: 500, body: 'The endpoint could not be opened. [MARGAY_HOOK_FAILED]' });
      return true;
    }
    if (this.#guards) unguard(socket);
    this.keeper?.opened(socket, channel);
    const head = `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n${lines}\r\n`;
    socket.write(head, 'latin1');
    try {
      listener.onOpened();
    } catch {
      channel.terminate();
    }
    channel.begin(listener, this.#early);
    return true;
  }

  /** As the SPI says. If a header line is illegal, the answer is a 500 without the given lines. */
  decline(status: number, headers: Iterable<HeaderLine>, body: string): void {
    if (this.#state !== 'open') return;
    this.#settle('answered');
    refuse(this.#socket, { status, headers, body, bodiless: this.method === 'HEAD' });
    if (!this.#switchable) this.request.resume(); // node's parser has the socket: what is left of the body goes this way
  }

  onAborted(callback: () => void): void {
    if (this.#state === 'open') this.#aborted.push(callback);
    else if (this.#state === 'left') queueMicrotask(callback);
  }

  /** Begins to read while the gate decides: to notice a peer who leaves, and to keep what one sends early [REL-7]. */
  watch(): void {
    this.#isWatched = true;
    this.#guards = guard(this.#socket);
    this.#peer ??= peerOf(this.#socket as Socket);
    this.#socket.on('close', this.#leave);
    if (!this.#switchable) return; // node's parser reads, and answers the end of the stream with ours
    this.#socket.on('end', this.#leave);
    this.#socket.on('data', this.#keep);
  }

  /** The transport goes: the peer is told, and whoever still decides learns that there is nothing left to decide. */
  withdraw(): void {
    if (this.#state !== 'open') return;
    this.decline(503, [['Retry-After', '5']], 'The server is stopping. [MARGAY_DRAINING]');
    this.#state = 'left';
    this.#tellAborted();
  }

  readonly #keep = (bytes: Buffer): void => {
    this.#early.push(bytes);
    this.#earlySize += bytes.length;
    if (this.#earlySize >= EARLY) this.#socket.pause();
  };

  readonly #leave = (): void => {
    if (this.#state !== 'open') return;
    this.#settle('left');
    this.#socket.destroy();
    this.#tellAborted();
  };

  #settle(state: 'left' | 'answered'): void {
    this.#state = state;
    this.keeper?.settled(this);
    if (!this.#isWatched) return;
    const socket = this.#socket;
    socket.off('close', this.#leave);
    socket.off('end', this.#leave);
    socket.off('data', this.#keep);
  }

  #tellAborted(): void {
    const callbacks = this.#aborted;
    this.#aborted = [];
    for (const callback of callbacks) {
      try {
        callback();
      } catch {
        // a defect of the house, and no connection left to end for it
      }
    }
  }
}

const peerOf = ({ remoteAddress, remotePort }: Socket): Peer => ({ address: remoteAddress ?? '', port: remotePort ?? -1 });

/** `trim` would take more than a list may have around its tokens: a no-break space is no space in HTTP. */
function isWebSocketToken(token: string): boolean {
  let start = 0;
  let end = token.length;
  while (start < end && isBlank(token, start)) start++;
  while (end > start && isBlank(token, end - 1)) end--;
  return token.slice(start, end).toLowerCase() === 'websocket';
}

function isBlank(text: string, index: number): boolean {
  const code = text.charCodeAt(index);
  return code === 0x20 || code === 0x09;
}
