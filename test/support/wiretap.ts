/** Listens in on connections: passes everything on as it is, and keeps what went each way. */
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { afterEach } from '@jest/globals';
import { OPCODES, parse } from './frames.js';

/** What went one way of a connection. */
class Way {
  readonly #chunks: Buffer[] = [];

  constructor(from: Socket, to: Socket) {
    from.on('data', (chunk: Buffer) => {
      this.#chunks.push(chunk);
      to.write(chunk);
    });
    from.on('end', () => to.end());
    from.on('error', () => to.destroy());
    from.on('close', () => to.destroy());
  }

  /** Request or response, without the empty line at its end. */
  get head(): string {
    return this.#all.toString('latin1', 0, this.#end);
  }

  /** Text messages of one frame each. */
  get texts(): string[] {
    const frames = parse(this.#all.subarray(this.#end + 4));
    return frames.filter(({ opcode }) => opcode === OPCODES.text).map(({ payload }) => payload.toString());
  }

  get #all(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  get #end(): number {
    const end = this.#all.indexOf('\r\n\r\n');
    return end < 0 ? this.#all.length : end;
  }
}

/** One connection. */
export interface Tapped {
  readonly up: Way;
  readonly down: Way;
  readonly isClosed: boolean;
}

export interface Wiretap {
  readonly port: number;
  /** In the order in which they came. */
  readonly connections: readonly Tapped[];
}

const running: (() => Promise<void>)[] = [];
afterEach(() => Promise.all(running.splice(0).map((stop) => stop())));

/** Connect to it instead of that port; ends with the test. */
export async function wiretap(port: number): Promise<Wiretap> {
  const connections: Tapped[] = [];
  const sockets = new Set<Socket>();
  const tap = createServer({ allowHalfOpen: true }, (client) => {
    const server = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    for (const socket of [client, server]) sockets.add(socket);
    connections.push({
      up: new Way(client, server),
      down: new Way(server, client),
      get isClosed() {
        return client.destroyed && server.destroyed;
      },
    });
  });
  tap.listen(0, '127.0.0.1');
  await new Promise((resolve) => tap.once('listening', resolve));
  running.push(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => tap.close(resolve));
  });
  return { port: (tap.address() as AddressInfo).port, connections };
}
