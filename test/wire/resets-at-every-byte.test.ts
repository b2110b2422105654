/** Peers that vanish with a reset behind every byte of a handshake. [REL-1] */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { connect as connectSecurely } from 'node:tls';
import { afterEach, describe, expect, it } from '@jest/globals';
import { OnClose, OnOpen, ServerContainer, ServerEndpoint, ServerEndpointConfig } from 'margay';
import { eventually, gate } from '../support/eventually.js';
import { OPCODES } from '../support/frames.js';
import { backTo, handles } from '../support/handles.js';
import { cert, key } from '../support/localhost-certificate.js';
import { RawPeer, upgradeRequest } from '../support/raw-peer.js';
import { sideBySide } from '../support/side-by-side.js';
import { text } from '../support/wire-frames.js';

const quiet = { shutdownTimeout: 500, logger: { debug() {}, info() {}, warn() {}, error() {} } };

/** What a test leaves open where a claim has failed would keep the process. */
const closing: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** A container whose sessions are counted as they come and go. */
async function counting(): Promise<{ container: ServerContainer; counts: { opened: number; closed: number } }> {
  const counts = { opened: 0, closed: 0 };
  @ServerEndpoint('/talk')
  class Talk {
    @OnOpen
    open(): void {
      counts.opened++;
    }
    @OnClose
    close(): void {
      counts.closed++;
    }
  }
  const container = new ServerContainer(quiet);
  closing.push(() => container.close());
  await container.addEndpoint(Talk);
  return { container, counts };
}

interface Address {
  readonly port: number;
  readonly secure?: boolean;
}

/** Sends so many bytes of each request, resets, and is followed by a good client. */
async function resetEverywhere(address: Address, requests: readonly string[]): Promise<void> {
  const rows = requests.flatMap((request) => Array.from({ length: request.length + 1 }, (_, end) => request.slice(0, end)));
  await sideBySide(
    rows,
    (bytes) => `${bytes.length} bytes`,
    async (bytes) => {
      const peer = await RawPeer.connect(address);
      if (bytes.length > 0) await new Promise((written) => peer.socket.write(bytes, 'latin1', written));
      peer.reset();
    },
  );
  // and those who answer with it what they are told
  for (const request of requests) {
    const peer = await RawPeer.connect(address);
    peer.send(request);
    await peer.response();
    peer.reset();
  }
}

/** An upgrade with a frame behind it, and one that is refused. */
const REQUESTS = [upgradeRequest('/talk') + text('hello').toString('latin1'), upgradeRequest('/none')];

async function isServed(address: Address, counts: { opened: number; closed: number }): Promise<void> {
  const peer = await RawPeer.open(address, '/talk', { secure: address.secure ?? false });
  await eventually(() => expect(counts.opened - counts.closed).toBe(1));
  peer.close(1000);
  expect(await peer.closeFrame()).toMatchObject({ code: 1000 });
  await peer.finished();
  await eventually(() => expect(counts.closed).toBe(counts.opened));
}

describe('[REL-1] a reset behind every byte of the handshake', () => {
  it.each([false, true])('of a server of ours, TLS: %j', async (secure) => {
    const before = handles();
    const { container, counts } = await counting();
    const { port } = await container.listen({ port: 0, host: '127.0.0.1', ...(secure && { tls: { key, cert } }) });
    await resetEverywhere({ port, secure }, REQUESTS);
    await isServed({ port, secure }, counts);
    await container.close();
    await backTo(before);
  });

  it('of a server that ours is attached to', async () => {
    const before = handles();
    const { container, counts } = await counting();
    const server = createServer((_, response) => void response.end('page'));
    closing.push(() => server.close());
    await container.attach(server);
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as Address;
    await resetEverywhere({ port }, REQUESTS);
    await isServed({ port }, counts);
    await container.close();
    server.close();
    await backTo(before);
  });

  it('of TLS itself', async () => {
    const before = handles();
    const { container, counts } = await counting();
    const { port } = await container.listen({ port: 0, host: '127.0.0.1', tls: { key, cert } });
    const hello = await clientHello();
    const ends = Array.from({ length: Math.ceil(hello.length / 4) }, (_, i) => 4 * i);
    await sideBySide(
      [...ends, hello.length],
      (end) => `${end} bytes`,
      async (end) => {
        const peer = await RawPeer.connect({ port });
        if (end > 0) await new Promise((written) => peer.socket.write(hello.subarray(0, end), written));
        peer.reset();
      },
    );
    await isServed({ port, secure: true }, counts);
    await container.close();
    await backTo(before);
  });
});

/** The first bytes that a TLS client says. */
async function clientHello(): Promise<Buffer> {
  const said: Buffer[] = [];
  const wire = new Duplex({
    read() {},
    write(chunk: Buffer, _encoding, done) {
      said.push(chunk);
      done();
    },
  });
  const client = connectSecurely({ socket: wire, servername: 'localhost' }).on('error', () => {});
  await eventually(() => expect(said.length).toBeGreaterThan(0));
  client.destroy();
  return Buffer.concat(said);
}

it('[REL-1] somebody hears the errors of a socket at every moment of its life', async () => {
  const hook = gate<boolean>();
  class Hooks extends ServerEndpointConfig.Configurator {
    override checkOrigin(origin: string | null): boolean | Promise<boolean> {
      return origin === null ? hook.promise : false;
    }
  }
  @ServerEndpoint({ value: '/talk', configurator: Hooks })
  class Talk {}
  const container = new ServerContainer(quiet);
  await container.addEndpoint(Talk);
  const sockets: Socket[] = [];
  const server = createServer().on('connection', (socket) => sockets.push(socket));
  await container.attach(server);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as Address;
  const listeners = (socket = sockets.at(-1)) => socket?.listenerCount('error') ?? 0;
  try {
    const peer = await RawPeer.connect({ port });
    await eventually(() => expect(listeners()).toBeGreaterThan(0)); // node's
    peer.send(upgradeRequest('/talk'));
    await eventually(() => expect(sockets[0]?.listenerCount('data')).toBe(1)); // undecided: ours, and we read
    expect(listeners()).toBeGreaterThan(0);
    hook.open(true);
    await peer.switched();
    expect(listeners()).toBeGreaterThan(0);
    peer.close(1000);
    await peer.closeFrame();
    expect(listeners()).toBeGreaterThan(0);
    peer.reset();

    for (const request of [upgradeRequest('/talk', ['Origin: http://evil.example']), upgradeRequest('/none'), upgradeRequest('/talk/%')]) {
      const refused = await RawPeer.connect({ port });
      refused.send(request);
      await refused.ended();
      expect(listeners()).toBeGreaterThan(0);
      refused.send({ opcode: OPCODES.text, payload: 'x' });
      refused.reset();
      await refused.closed();
    }
    await eventually(() => expect(sockets.every(({ destroyed }) => destroyed)).toBe(true));
    expect(sockets.map((socket) => socket.listenerCount('error') > 0)).toEqual([true, true, true, true]); // to the last
  } finally {
    await container.close();
    server.close();
  }
});
