/** Endpoints under test, deployed. */
import type { FailedResponse } from '../api/exceptions.js';
import type { ServerContainer } from '../container/server-container.js';
import { MemoryRefusal, type MemoryTransport } from '../transport/memory/memory-transport.js';
import { ClientEnd } from './client-end.js';
import { appClosed, handshakeRefused, noAnswer, notListening, notRefused } from './failures.js';
import { Mailbox } from './mailbox.js';
import { afterPatience, PATIENCE } from './patience.js';
import { MemoryPeer, type Peer } from './peer.js';
import { checkRequest, type PeerOptions, targetOf } from './peer-options.js';

export interface App {
  /** Where the endpoints are deployed. */
  readonly container: ServerContainer;
  /**
   * Connects to a path, which begins with the context path if there is one, and may have a query. Rejects with DeploymentException:
   * `MARGAY_HANDSHAKE` with `status`, `headers` and `body` when it is refused, `MARGAY_CONNECT_TIMEOUT` after 2000 ms of real time without an
   * answer, and that of the deployment.
   * @throws IllegalArgumentException `MARGAY_ARGUMENT`, `MARGAY_OPTION`; IllegalStateException after `close`
   */
  connect(path: string, options?: PeerOptions): Promise<Peer>;
  /** The answer to a request that is refused. Rejects with IllegalStateException when it is not; else, and otherwise, as `connect` does. */
  refused(path: string, options?: PeerOptions): Promise<FailedResponse>;
  /** As the container's `close`: peers get 1001. Resolves once they are gone, too. Idempotent. */
  close(): Promise<void>;
  /** As `close`. */
  [Symbol.asyncDispose](): Promise<void>;
}

export class MemoryApp implements App {
  readonly container: ServerContainer;
  readonly #transport: MemoryTransport;
  readonly #listening: Promise<unknown>;
  readonly #ends = new Set<Promise<void>>();
  #closing: Promise<void> | null = null;

  /** @param listening it listens, or never will */
  constructor(container: ServerContainer, transport: MemoryTransport, listening: Promise<unknown>) {
    this.container = container;
    this.#transport = transport;
    this.#listening = listening.catch(() => {}); // told elsewhere
  }

  connect(path: string, options: PeerOptions = {}): Promise<Peer> {
    this.check('connect', path, options);
    return this.#dial(path, options);
  }

  refused(path: string, options: PeerOptions = {}): Promise<FailedResponse> {
    this.check('refused', path, options);
    return this.#refused(path, options);
  }

  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** @internal Throws what `connect` and `refused` throw. */
  check(verb: string, path: string, options: PeerOptions): void {
    if (this.#closing !== null) throw appClosed(verb);
    checkRequest(verb, path, options);
  }

  async #refused(path: string, options: PeerOptions): Promise<FailedResponse> {
    let peer: Peer;
    try {
      peer = await this.#dial(path, options);
    } catch (error) {
      const { status, headers, body } = error as FailedResponse;
      if (status === undefined) throw error;
      return { status, headers, body };
    }
    peer.terminate();
    throw notRefused(path, peer.subprotocol);
  }

  async #dial(path: string, options: PeerOptions): Promise<Peer> {
    const mailbox = new Mailbox();
    let gone!: () => void;
    const ended = new Promise<void>((resolve) => {
      gone = resolve;
    });
    const end = new ClientEnd(mailbox, gone);
    const giving = new AbortController();
    const answered = afterPatience(() => giving.abort(noAnswer(path, PATIENCE)));
    try {
      const { channel, headers } = await this.#transport.dial(targetOf(path), end, { ...options, signal: giving.signal });
      end.channel = channel;
      this.#ends.add(ended);
      void ended.then(() => this.#ends.delete(ended));
      return new MemoryPeer(end, mailbox, headers.get('sec-websocket-protocol')?.[0] ?? '');
    } catch (error) {
      if (giving.signal.aborted) throw error;
      if (!(error instanceof MemoryRefusal)) throw notListening(path, error);
      const { status, headers, body } = error;
      throw handshakeRefused(path, error, { status, headers, body: Buffer.from(body) });
    } finally {
      answered();
    }
  }

  async #end(): Promise<void> {
    await this.#listening;
    await this.container.close();
    await Promise.all(this.#ends);
  }
}
