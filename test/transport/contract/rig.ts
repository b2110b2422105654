/** What the contract's tests stand on: an engine, two ends of a connection, and a record of all they hear. */
import { createHash } from 'node:crypto';
import { setImmediate, setTimeout } from 'node:timers/promises';
import type {
  Answer,
  Channel,
  ChannelListener,
  DeflateParameters,
  Gate,
  Handled,
  Intake,
  MessageKind,
  Offer,
  Transport,
} from '../../../src/transport/spi.js';

/** What an engine's author supplies. */
export interface Engine {
  /** A fresh transport; the contract starts and stops it. */
  transport(): Handled<Transport>;
  /** A client of it. Rejects with an object that has status, headers and body when refused. */
  dial(transport: Transport, target: string, listener: ChannelListener, options?: DialOptions): Promise<Dialled>;
}

export interface DialOptions {
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  /** Leaves while the server still decides. */
  readonly signal?: AbortSignal;
}

export interface Dialled {
  readonly channel: Channel;
  readonly status: number;
  readonly headers: ReadonlyMap<string, readonly string[]>;
}

/** What a dial is rejected with. */
export interface Refused {
  readonly status: number;
  readonly headers: ReadonlyMap<string, readonly string[]>;
  readonly body: string;
}

/** The part of jest, vitest or node:test that the contract uses. */
export interface Runner {
  describe(name: string, body: () => void): void;
  it(name: string, body: () => Promise<void>): void;
  expect(value: unknown): { toBe(wanted: unknown): void; toEqual(wanted: unknown): void };
}

export const WHOLE: Intake = Object.freeze({ mode: 'whole', limit: Infinity });
export const PARTS: Intake = Object.freeze({ mode: 'parts', limit: Infinity });
export const SKIP: Intake = Object.freeze({ mode: 'skip', limit: Infinity });
export const WAIT: Intake = Object.freeze({ mode: 'wait', limit: Infinity });
export const upTo = (limit: number): Intake => Object.freeze({ mode: 'whole', limit });

/** One event: its name without `on`, and its arguments. */
export type Heard = readonly [event: string, ...rest: unknown[]];

/** Hears everything, and notices what an engine must never do. */
export class Recorder implements ChannelListener {
  readonly heard: Heard[] = [];
  readonly defects: string[] = [];
  /** Calls into this recorder's channel that are running. */
  calls = 0;
  #isBusy = false;
  want: Intake = WHOLE;
  /** What the test does at an event, after it has been noted. */
  at: Partial<ChannelListener> = {};

  onOpened = (): void => this.#hear('opened', [], () => this.at.onOpened?.());
  onText = (text: string): void => this.#hear('text', [text], () => this.at.onText?.(text));
  onBinary = (bytes: Buffer): void => this.#hear('binary', [bytes], () => this.at.onBinary?.(bytes));
  onPart = (kind: MessageKind, data: string | Buffer, last: boolean): void =>
    this.#hear('part', [kind, data, last], () => this.at.onPart?.(kind, data, last));
  onPong = (bytes: Buffer): void => this.#hear('pong', [bytes.toString()], () => this.at.onPong?.(bytes));
  onDrained = (): void => this.#hear('drained', [], () => this.at.onDrained?.());
  onClosing = (code: number, phrase: string): void => this.#hear('closing', [code, phrase], () => this.at.onClosing?.(code, phrase));
  /** Only for a test that sets it: without it the engine ends by itself. */
  onEnded?: () => void;
  onFailed = (code: 1002 | 1007 | 1009, error: Error): void => this.#hear('failed', [code], () => this.at.onFailed?.(code, error));
  onClosed = (error?: Error): void => this.#hear('closed', error === undefined ? [] : [error], () => this.at.onClosed?.(error));

  intake = (kind: MessageKind): Intake => {
    let answer = this.want;
    this.#hear('intake', [kind], () => {
      answer = this.at.intake?.(kind) ?? this.want;
    });
    return answer;
  };

  /** From now on the house answers a mere end. */
  answersTheEnd(): this {
    this.onEnded = () => this.#hear('ended', [], () => this.at.onEnded?.());
    return this;
  }

  #hear(event: string, rest: unknown[], react: () => void): void {
    if (this.calls > 0) this.defects.push(`${event} came inside a call to the channel`);
    if (this.#isBusy) this.defects.push(`${event} came inside another event`);
    if (this.count('closed') > 0) this.defects.push(`${event} came after closed`);
    this.heard.push([event, ...rest]);
    this.#isBusy = true;
    try {
      react();
    } finally {
      this.#isBusy = false;
    }
  }

  count(event: string): number {
    return this.heard.filter(([name]) => name === event).length;
  }

  /** Everything but the questions and the drains, which come as they come. */
  get story(): Heard[] {
    return this.heard.filter(([name]) => name !== 'intake' && name !== 'drained');
  }

  /** Of the given events, what came with them. */
  all(event: string): unknown[][] {
    return this.heard.filter(([name]) => name === event).map(([, ...rest]) => rest);
  }

  async until(event: string, times = 1): Promise<void> {
    await eventually(
      () => this.count(event) >= times,
      () => `${event} × ${times}; heard ${this.heard.map(([name]) => name).join(' ')}`,
    );
  }
}

/** One end of a connection. */
export interface End {
  readonly channel: Channel;
  readonly log: Recorder;
}

export interface Pair {
  readonly server: End;
  readonly client: End;
  readonly transport: Transport;
  readonly offer: Offer;
}

export interface PairOptions {
  readonly server?: Recorder;
  readonly client?: Recorder;
  readonly deflate?: DeflateParameters | null;
}

/** Opens a connection, lets the test have it, ends it, and complains of what the recorders noticed. */
export async function withPair(engine: Engine, options: PairOptions, body: (pair: Pair) => Promise<void>): Promise<void> {
  const server = options.server ?? new Recorder();
  const client = options.client ?? new Recorder();
  const opened: { channel?: Channel; offer?: Offer } = {};
  const gate: Gate = {
    offer(offer) {
      opened.offer = offer;
      offer.accept(answerTo(offer), (channel) => {
        opened.channel = channel;
        return server;
      });
      return true;
    },
  };
  await withTransport(engine, gate, async (transport) => {
    const dialled = await engine.dial(transport, '/pair', client);
    await Promise.all([server.until('opened'), client.until('opened')]);
    await body({
      transport,
      offer: opened.offer as Offer,
      server: { channel: watched(opened.channel as Channel, server), log: server },
      client: { channel: watched(dialled.channel, client), log: client },
    });
  });
  const defects = [...server.defects, ...client.defects];
  if (defects.length > 0) throw new Error(defects.join('; '));
}

export async function withTransport(engine: Engine, gate: Gate, body: (transport: Transport) => Promise<void>): Promise<void> {
  const transport = await engine.transport();
  await transport.start(gate);
  try {
    await body(transport);
  } finally {
    await transport.stop();
  }
}

/** A channel whose recorder knows when a call is running. */
function watched(channel: Channel, log: Recorder): Channel {
  return new Proxy(channel, {
    get(target, name) {
      const member = Reflect.get(target, name, target) as unknown;
      if (typeof member !== 'function') return member;
      return (...given: unknown[]) => {
        log.calls++;
        try {
          return Reflect.apply(member, target, given) as unknown;
        } finally {
          log.calls--;
        }
      };
    },
  });
}

/** A gate that takes every offer. */
export function taking(react: (offer: Offer) => void): Gate {
  return {
    offer(offer) {
      react(offer);
      return true;
    },
  };
}

/** An `open` that counts its calls. */
export class Opening {
  count = 0;
  readonly open = (): ChannelListener => {
    this.count++;
    return new Recorder();
  };
}

/** The least a 101 must say. */
export function answerTo(offer: Offer, headers: readonly (readonly [string, string])[] = []): Answer {
  const key = offer.headers.get('sec-websocket-key')?.[0] ?? '';
  const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
  return { headers: [['Sec-WebSocket-Accept', accept], ...headers], deflate: null, transformations: [] };
}

/** The refusal a dial ends in. */
export async function refusal(dial: Promise<unknown>): Promise<Refused> {
  const outcome = await dial.then(
    () => null,
    (error: unknown) => error,
  );
  if (outcome === null) throw new Error('the dial was not refused');
  return outcome as Refused;
}

/** Resolves once the condition holds; fails after ten seconds with what was waited for. */
export async function eventually(condition: () => boolean, what: () => string): Promise<void> {
  const end = performance.now() + 10_000;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`still waiting for ${what()}`);
    await setImmediate();
  }
}

/** Long enough for whatever should not happen. */
export async function quiet(): Promise<void> {
  await setTimeout(40);
}

/** A `done` as a promise: the error, or null. */
export function settled(call: (done: (error?: Error) => void) => void): Promise<Error | null> {
  return new Promise((resolve) => call((error) => resolve(error ?? null)));
}
