/** A bad network between a client and a server: late, slow, in slices, stalled, cut, half-closed, or gone without a word. */
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach } from '@jest/globals';
import { type Faults, Lane } from './faulty-lane.js';

export type { Faults } from './faulty-lane.js';

/** One connection through the proxy. */
export class Link {
  /** From the client to the server, and back. */
  readonly up: Lane;
  readonly down: Lane;
  readonly #sockets: readonly [client: Socket, server: Socket];
  #isGone = false;

  constructor(client: Socket, server: Socket, faults: LinkFaults) {
    this.#sockets = [client, server];
    const reset = () => this.reset();
    this.up = new Lane(client, server, { ...faults, ...faults.up }, reset);
    this.down = new Lane(server, client, { ...faults, ...faults.down }, reset);
    for (const socket of this.#sockets) {
      socket.on('error', () => {}); // told by 'close'
      socket.on('close', (hadError) => {
        if (hadError) this.reset();
      });
    }
  }

  /** Changes what happens to both directions from now on. */
  set(faults: Faults): void {
    this.up.set(faults);
    this.down.set(faults);
  }

  /** Nothing goes either way, until `resume`. */
  stall(): void {
    this.up.stall();
    this.down.stall();
  }

  resume(): void {
    this.up.resume();
    this.down.resume();
  }

  /** A cable is pulled: nothing goes either way any more, and neither side hears of what becomes of the other. */
  vanish(): void {
    this.#isGone = true;
    this.stall();
  }

  /** Both sides get an RST. */
  reset(): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#end((socket) => socket.resetAndDestroy());
  }

  drop(): void {
    this.#isGone = true;
    this.#end((socket) => socket.destroy());
  }

  #end(how: (socket: Socket) => void): void {
    this.up.abandon();
    this.down.abandon();
    for (const socket of this.#sockets) how(socket);
  }
}

/** Faults of both directions; those of one are more important. */
export interface LinkFaults extends Faults {
  readonly up?: Faults;
  readonly down?: Faults;
}

export class FaultyProxy {
  static readonly #open = new Set<FaultyProxy>();

  readonly port: number;
  /** In the order in which the clients connected. */
  readonly links: Link[] = [];
  readonly #server: Server;

  /** In front of the port; `faults` are those of every connection, to begin with. */
  static async before(port: number, faults: LinkFaults = {}): Promise<FaultyProxy> {
    const server = createServer({ allowHalfOpen: true, noDelay: true });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new FaultyProxy(server, port, faults);
  }

  private constructor(server: Server, target: number, faults: LinkFaults) {
    server.on('connection', (client) => {
      const onward = connect({ port: target, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
      this.links.push(new Link(client, onward, faults));
    });
    this.port = (server.address() as AddressInfo).port;
    this.#server = server;
    FaultyProxy.#open.add(this);
  }

  /** The last connection that was made. */
  get link(): Link {
    const link = this.links.at(-1);
    if (link === undefined) throw new Error('nobody has connected');
    return link;
  }

  /** Drops what is connected, and lets go of the port. */
  async close(): Promise<void> {
    FaultyProxy.#open.delete(this);
    for (const link of this.links) link.drop();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  static async closeAll(): Promise<void> {
    await Promise.all([...FaultyProxy.#open].map((proxy) => proxy.close()));
  }
}

afterEach(() => FaultyProxy.closeAll());
