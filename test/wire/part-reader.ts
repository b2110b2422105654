/** A process of its own that takes messages in parts and watches its memory: run by flat-memory.test.ts. Prints a port, then what came. */
import { createHash } from 'node:crypto';
import type { Channel, ChannelListener, Intake, Offer } from '../../src/transport/spi.js';
import { WsTransport } from '../../src/transport/ws/ws-transport.js';
import { deflateParameters } from '../support/raw-channel.js';

/** `flowing`; `halting`: pauses after every part, and goes on in a later turn; `stuck`: pauses once, for longer. */
const [, , pace, compressed] = process.argv;
const PARTS: Intake = Object.freeze({ mode: 'parts', limit: Number.POSITIVE_INFINITY });

/** Bytes above the start, at their most; what was read and held during the long pause; and parts that came in spite of a pause. */
const most = { rss: 0, heap: 0, read: 0, held: 0, whilePaused: 0 };
const start = process.memoryUsage();

/** What V8 has only not thrown away yet does not count: the newer it is, the longer it waits. */
function look(): void {
  if (process.memoryUsage().external - start.external > 32 * 2 ** 20) (globalThis as { gc?: () => void }).gc?.();
  const { rss, heapUsed, external } = process.memoryUsage();
  most.rss = Math.max(most.rss, rss - start.rss);
  most.heap = Math.max(most.heap, heapUsed + external - start.heapUsed - start.external);
}

class Reader implements ChannelListener {
  readonly #channel: Channel;
  #bytes = 0;
  #parts = 0;
  #largest = 0;
  #isPaused = false;

  constructor(channel: Channel) {
    this.#channel = channel;
  }

  intake(): Intake {
    return PARTS;
  }

  onPart(_kind: string, data: string | Buffer, last: boolean): void {
    this.#bytes += data.length;
    this.#parts++;
    if (this.#isPaused) most.whilePaused++;
    this.#largest = Math.max(this.#largest, data.length);
    if (this.#parts % 64 === 0 || last) look();
    if (last) this.#tell();
    else if (pace === 'halting') {
      this.#pause();
      setImmediate(() => this.#resume());
    } else if (pace === 'stuck' && this.#parts === 10) {
      this.#pauseFor(500);
    }
  }

  #pause(): void {
    this.#isPaused = true;
    this.#channel.pause();
  }

  #resume(): void {
    this.#isPaused = false;
    this.#channel.resume();
  }

  #pauseFor(ms: number): void {
    this.#pause();
    const before = { ...this.#channel.counters, ...process.memoryUsage() };
    setTimeout(() => {
      const { heapUsed, external } = process.memoryUsage();
      most.read = this.#channel.counters.bytesReceived - before.bytesReceived;
      most.held = heapUsed + external - before.heapUsed - before.external;
      this.#resume();
    }, ms);
  }

  #tell(): void {
    console.log(JSON.stringify({ bytes: this.#bytes, parts: this.#parts, largest: this.#largest, ...most }));
    process.exit();
  }

  onFailed(_code: number, error: Error): void {
    console.log(JSON.stringify({ failed: error.message }));
    process.exit();
  }

  onClosed(): void {
    process.exit();
  }

  onOpened(): void {}
  onText(): void {}
  onBinary(): void {}
  onPong(): void {}
  onDrained(): void {}
  onClosing(): void {}
}

function accept(offer: Offer): boolean {
  const key = offer.headers.get('sec-websocket-key')?.[0] ?? '';
  const accepted = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
  const deflate = compressed === 'compressed' ? deflateParameters() : null;
  offer.accept({ headers: [['Sec-WebSocket-Accept', accepted]], deflate, transformations: [] }, (channel) => new Reader(channel));
  return true;
}

const transport = new WsTransport({ port: 0, host: '127.0.0.1', handshakeTimeout: 10_000, maxHeaderSize: 16_384, maxHeadersCount: 100 });
await transport.start({ offer: accept });
console.log(transport.address?.port);
