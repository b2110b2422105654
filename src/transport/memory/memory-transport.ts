/** An engine without sockets: connections are dialled in the same process, and messages pass as values. */
import { randomBytes } from 'node:crypto';
import { setImmediate } from 'node:timers';
import type { Dialer, DialingTransport } from '../dialer.js';
import type { Channel, ChannelListener, Gate } from '../spi.js';
import type { MemoryAnswer, MemoryCall } from './memory-call.js';
import type { MemoryChannel } from './memory-channel.js';
import { MemoryDialer } from './memory-dialer.js';
import { MemoryOffer } from './memory-offer.js';

export { MemoryRefusal } from './memory-offer.js';

/** What a dialler may add to its request. */
export interface DialOptions {
  /** Instead of the line we would send under that name, in any case; no line at all for an empty list. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>> | undefined;
  readonly subprotocols?: readonly string[] | undefined;
  readonly origin?: string | undefined;
  /** Gives up while the server is still deciding. */
  readonly signal?: AbortSignal | undefined;
}

/** The client's end of a connection, and what the 101 said. */
export interface MemoryConnection {
  readonly channel: Channel;
  readonly status: number;
  /** Lower-case name to its lines. */
  readonly headers: ReadonlyMap<string, readonly string[]>;
}

export class MemoryTransport implements DialingTransport {
  readonly address = null;
  /** Leads back here, whatever host a call names. */
  readonly dialer: Dialer = new MemoryDialer(this);
  #gate: Gate | null = null;
  #isStopped = false;
  readonly #undecided = new Set<MemoryOffer>();
  readonly #open = new Set<MemoryChannel>();
  #emptied: (() => void) | null = null;

  /** Once in a transport's life. */
  start(gate: Gate): void {
    if (this.#gate !== null || this.#isStopped) throw new Error('A transport starts once; make a new one');
    this.#gate = gate;
  }

  async stop(): Promise<void> {
    this.#gate = null;
    this.#isStopped = true;
    for (const offer of [...this.#undecided]) offer.withdraw();
    if (this.#open.size === 0) return;
    await new Promise<void>((resolve) => {
      this.#emptied = resolve;
      for (const channel of this.#open) channel.terminate();
    });
  }

  /**
   * Asks for a connection as a WebSocket client would: GET, version 13, a fresh key. `listener` hears of the client's end,
   * `onOpened` first, after the promise has resolved. Rejects with MemoryRefusal (status, headers, body) when refused,
   * with ECONNREFUSED when nobody has started, and with the signal's reason.
   */
  dial(target: string, listener: ChannelListener, options: DialOptions = {}): Promise<MemoryConnection> {
    return new Promise((resolve, reject) => {
      const request = { target, lines: requestLines(options), secure: false, signal: options.signal };
      this.ask(request, {
        switched: (channel, headers) => {
          resolve({ channel, status: 101, headers });
          channel.begin(listener, { opens: true });
        },
        refused: reject,
        failed: reject,
      });
    });
  }

  /** The step below every dialler: one request, and one answer. Never answers during the call, unless it is given up already. */
  ask({ target, lines, secure, signal }: MemoryCall, answer: MemoryAnswer): void {
    const leave = (): void => {
      offer.leave();
      answer.failed(signal?.reason);
    };
    const offer = new MemoryOffer(target, lines, secure, {
      settled: (settled) => {
        this.#undecided.delete(settled);
        signal?.removeEventListener('abort', leave);
      },
      switched: (server, client, headers) => {
        this.#keep(server);
        answer.switched(client, headers);
      },
      refused: (refusal) => setImmediate(() => answer.refused(refusal)),
    });
    if (signal?.aborted) return leave();
    signal?.addEventListener('abort', leave);
    setImmediate(() => this.#offer(offer, answer, () => signal?.removeEventListener('abort', leave)));
  }

  #offer(offer: MemoryOffer, answer: MemoryAnswer, unheard: () => void): void {
    if (offer.isSettled) return; // left before it arrived
    const gate = this.#gate;
    if (gate === null) {
      unheard();
      answer.failed(Object.assign(new Error('Nobody listens on this transport'), { code: 'ECONNREFUSED' }));
      return;
    }
    this.#undecided.add(offer);
    let taken = false;
    try {
      taken = gate.offer(offer);
    } catch {
      offer.decline(500, [], 'The offer could not be considered. [MARGAY_HOOK_FAILED]'); // a gate never throws; a peer gets its answer anyway
    }
    if (!taken) offer.decline(404, [], `No endpoint answers ${offer.target}. [MARGAY_NO_ENDPOINT]`);
  }

  #keep(channel: MemoryChannel): void {
    this.#open.add(channel);
    channel.whenClosed.push(() => {
      this.#open.delete(channel);
      if (this.#open.size === 0) this.#emptied?.();
    });
  }
}

function requestLines({ headers = {}, subprotocols = [], origin }: DialOptions): [string, string][] {
  const lines: [string, string][] = [
    ['Host', 'localhost'],
    ['Upgrade', 'websocket'],
    ['Connection', 'Upgrade'],
    ['Sec-WebSocket-Version', '13'],
    ['Sec-WebSocket-Key', randomBytes(16).toString('base64')],
  ];
  if (subprotocols.length > 0) lines.push(['Sec-WebSocket-Protocol', subprotocols.join(', ')]);
  if (origin !== undefined) lines.push(['Origin', origin]);
  const given = Object.entries(headers);
  const names = new Set(given.map(([name]) => name.toLowerCase()));
  const kept = lines.filter(([name]) => !names.has(name.toLowerCase()));
  return [...kept, ...given.flatMap(([name, values]) => [values].flat().map((value): [string, string] => [name, value]))];
}
