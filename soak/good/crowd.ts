/** All clients that do as they should: nothing may happen to them, whatever others do. */
import type { Ports } from '../messages.js';
import type { Random } from '../random.js';
import { ChatMembers } from './chat-members.js';
import { EchoClient } from './echo-client.js';
import { Latency } from './latency.js';
import { StormReaders } from './storm-readers.js';

const [WHOLE, PARTS] = [24, 6];

export class Crowd {
  readonly latency = new Latency();
  /** What has happened to them, and should not have. */
  readonly failures: string[] = [];
  readonly #echoes: EchoClient[];
  readonly #chat: ChatMembers;
  readonly #storm: StormReaders;

  constructor(ports: Ports, random: Random) {
    const context = { latency: this.latency, random, fail: (what: string) => this.#fail(what) };
    const url = `ws://127.0.0.1:${ports.examples}`;
    this.#echoes = Array.from({ length: WHOLE + PARTS }, (_, i) => {
      const path = i < WHOLE ? '/echo' : '/examples/websocket/echoAnnotation';
      return new EchoClient(url + path, i % 3 === 0, context);
    });
    this.#chat = new ChatMembers(`${url}/examples/websocket/chat`, context);
    this.#storm = new StormReaders(`ws://127.0.0.1:${ports.arena}/storm`, context);
  }

  get count(): number {
    return this.#echoes.length + this.#chat.count + this.#storm.count;
  }

  /** Messages that have come. */
  get received(): number {
    return this.#echoes.reduce((sum, { received }) => sum + received, 0) + this.#chat.received + this.#storm.received;
  }

  async begin(): Promise<void> {
    await Promise.all([...this.#echoes.map((each) => each.begin()), this.#chat.begin(), this.#storm.begin()]);
  }

  /** They say no more, wait for what is still to come, and close. */
  async end(): Promise<void> {
    await Promise.all([...this.#echoes.map((each) => each.end()), this.#chat.end(), this.#storm.end()]);
  }

  #fail(what: string): void {
    if (this.failures.length < 50) this.failures.push(what);
  }
}
