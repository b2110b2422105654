/** A request that was never on a wire, as an offer to the gate. */
import { type IncomingMessage, STATUS_CODES, validateHeaderName, validateHeaderValue } from 'node:http';
import type { Answer, Channel, ChannelListener, Offer, Peer, Transformation } from '../spi.js';
import { MemoryChannel } from './memory-channel.js';
import { requestOf } from './memory-request.js';

type HeaderLine = readonly [name: string, value: string];

/** The answer to a refused dial. */
export class MemoryRefusal extends Error {
  override readonly name = 'MemoryRefusal';
  readonly status: number;
  /** Lower-case name to its lines. */
  readonly headers: ReadonlyMap<string, readonly string[]>;
  readonly body: string;

  constructor(status: number, headers: ReadonlyMap<string, readonly string[]>, body: string) {
    super(`Refused with ${status} ${STATUS_CODES[status] ?? ''}: ${body}`);
    this.status = status;
    this.headers = headers;
    this.body = body;
  }
}

/** What becomes of the request; one of the first two is called once, unless the dialler has left. */
export interface Outcome {
  /** The server's end is open, and its 101 on the way. */
  switched(server: MemoryChannel, client: MemoryChannel, headers: ReadonlyMap<string, readonly string[]>): void;
  refused(refusal: MemoryRefusal): void;
  /** Either of the two, or the dialler has left. */
  settled(offer: MemoryOffer): void;
}

/** Neither end has an address. */
const NOWHERE: Peer = { address: 'memory', port: -1 };

export class MemoryOffer implements Offer {
  readonly method = 'GET';
  readonly target: string;
  readonly httpVersion = '1.1';
  readonly secure: boolean;
  readonly shared = false;
  readonly rawHeaders: readonly string[];
  readonly headers: ReadonlyMap<string, readonly string[]>;
  readonly peer = NOWHERE;
  readonly local = NOWHERE;
  readonly #outcome: Outcome;
  #state: 'open' | 'left' | 'answered' = 'open';
  #aborted: (() => void)[] = [];
  #request: IncomingMessage | undefined;

  constructor(target: string, lines: readonly HeaderLine[], secure: boolean, outcome: Outcome) {
    this.target = target;
    this.secure = secure;
    this.rawHeaders = lines.flat();
    this.headers = linesByName(lines);
    this.#outcome = outcome;
  }

  /** Made when a hook asks for it. */
  get request(): IncomingMessage {
    this.#request ??= requestOf(this);
    return this.#request;
  }

  get isSettled(): boolean {
    return this.#state !== 'open';
  }

  /**
   * As the SPI says. A header line with a character that is illegal in HTTP never reaches the dialler: it gets a
   * complete 500 and `open` is not called, as it is not when the dialler has left.
   */
  accept(answer: Answer, open: (channel: Channel) => ChannelListener): void {
    if (!this.#switch(answer, open)) closeAll(answer.transformations);
  }

  /** False: no channel has come of it. */
  #switch(answer: Answer, open: (channel: Channel) => ChannelListener): boolean {
    if (this.#state !== 'open') return false;
    const lines: HeaderLine[] = [['Upgrade', 'websocket'], ['Connection', 'Upgrade'], ...answer.headers];
    if (!lines.every(isLegal)) {
      this.decline(500, [], 'The answer had an illegal header line. [MARGAY_HOOK_FAILED]');
      return false;
    }
    const { server, client } = MemoryChannel.pair();
    this.#state = 'answered';
    let listener: ChannelListener;
    try {
      listener = open(server);
    } catch {
      this.#refuse(500, [], 'The endpoint could not be opened. [MARGAY_HOOK_FAILED]');
      return false;
    }
    server.whenClosed.push(() => closeAll(answer.transformations));
    this.#outcome.settled(this);
    this.#outcome.switched(server, client, linesByName(lines));
    try {
      listener.onOpened();
    } catch {
      server.terminate();
    }
    server.begin(listener, { opens: false });
    return true;
  }

  /** As the SPI says. If a header line is illegal, the answer is a 500 without the given lines. */
  decline(status: number, headers: Iterable<HeaderLine>, body: string): void {
    if (this.#state !== 'open') return;
    this.#state = 'answered';
    const lines = [...headers];
    if (lines.every(isLegal)) this.#refuse(status, lines, body);
    else this.#refuse(500, [], 'The answer had an illegal header line. [MARGAY_HOOK_FAILED]');
  }

  onAborted(callback: () => void): void {
    if (this.#state === 'open') this.#aborted.push(callback);
    else if (this.#state === 'left') void Promise.resolve().then(callback);
  }

  /** The dialler goes. */
  leave(): void {
    if (this.#state !== 'open') return;
    this.#state = 'left';
    this.#outcome.settled(this);
    this.#tellAborted();
  }

  /** The transport goes: the dialler is told, and whoever still decides learns that there is nothing left to decide. */
  withdraw(): void {
    if (this.#state !== 'open') return;
    this.decline(503, [['Retry-After', '5']], 'The server is stopping. [MARGAY_DRAINING]');
    this.#state = 'left';
    this.#tellAborted();
  }

  #refuse(status: number, headers: readonly HeaderLine[], body: string): void {
    const lines = linesByName([['Connection', 'close'], ['Content-Length', String(Buffer.byteLength(body))], ...headers]);
    if (!lines.has('content-type')) lines.set('content-type', ['text/plain; charset=utf-8']);
    this.#outcome.settled(this);
    this.#outcome.refused(new MemoryRefusal(status, lines, body));
  }

  #tellAborted(): void {
    for (const callback of this.#aborted.splice(0)) {
      try {
        callback();
      } catch {
        // a defect of the house, and no connection left to end for it
      }
    }
  }
}

/** What they throw then concerns nobody. */
export function closeAll(transformations: readonly Transformation[]): void {
  for (const each of transformations) {
    try {
      each.close?.();
    } catch {
      // nothing is left that it could cost
    }
  }
}

/** A line may stand in HTTP. */
export function isLegal([name, value]: HeaderLine): boolean {
  try {
    validateHeaderName(name);
    validateHeaderValue(name, value);
    return true;
  } catch {
    return false;
  }
}

function linesByName(lines: readonly HeaderLine[]): Map<string, string[]> {
  const headers = new Map<string, string[]>();
  for (const [name, value] of lines) {
    const key = name.toLowerCase();
    const known = headers.get(key);
    if (known === undefined) headers.set(key, [value]);
    else known.push(value);
  }
  return headers;
}
