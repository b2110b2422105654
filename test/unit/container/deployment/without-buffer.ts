/** A program: what a client runs in a browser too, in a process that has no global `Buffer`. Its arguments are files to load. */
import type { Problem } from '../../../../src/api/exceptions.js';
import type { Connection } from '../../../../src/runtime/connection.js';
import type { Opening } from '../../../../src/runtime/plan.js';

Reflect.deleteProperty(globalThis, 'Buffer');

for (const file of process.argv.slice(2)) await import(file);

const { OnMessage } = await import('../../../../src/decorators/on-message.js');
const { OnError } = await import('../../../../src/decorators/on-error.js');
const { binary } = await import('../../../../src/decorators/bindings.js');
const { Decoder } = await import('../../../../src/api/codec.js');
const { DecodeException } = await import('../../../../src/api/exceptions.js');
const { describe } = await import('../../../../src/metadata/describe.js');
const { CoderCheck } = await import('../../../../src/container/deployment/codecs.js');
const { compile } = await import('../../../../src/container/deployment/compile.js');
const { NOTHING } = await import('../../../../src/container/deployment/instances.js');
const { Defaults, SessionSettings } = await import('../../../../src/container/options/session-settings.js');
const { FakeChannel } = await import('../../../support/fake-channel.js');
const runtime = await import('../../../../src/runtime/connection.js');

class Channel extends FakeChannel {
  override binary(...[bytes]: unknown[]): void {
    this.calls.push(`binary ${spelled(bytes)}`);
  }
}

const spelled = (bytes: unknown) =>
  bytes instanceof ArrayBuffer ? `ArrayBuffer ${new Uint8Array(bytes)}` : `${(bytes as object).constructor.name} ${bytes}`;

/** Takes nothing, so that what is thrown has the bytes. */
class Unwilling extends Decoder.Binary(Date) {
  override willDecode(): boolean {
    return false;
  }

  decode(): Date {
    return new Date();
  }
}

/** Of the type that bytes come as, so it is asked first. */
class Backwards extends Decoder.Binary(Uint8Array) {
  decode(data: Uint8Array): Uint8Array<ArrayBuffer> {
    return Uint8Array.from(data).reverse();
  }
}

class Emitted {
  @OnMessage
  text(message: string): string {
    return `${message}!`;
  }

  @OnMessage
  bytes(message: Uint8Array): Uint8Array {
    return message.map((each) => each + 1);
  }
}

class Bound {
  @OnMessage(binary)
  bytes(message: object): string {
    return spelled(message);
  }
}

class Copied {
  @OnMessage
  bytes(message: ArrayBuffer): ArrayBuffer {
    return message;
  }
}

class Decoded {
  @OnMessage
  date(message: Date): string {
    return message.toISOString();
  }

  @OnError
  error(error: Error): void {
    process.stdout.write(`Decoded ${error instanceof DecodeException ? spelled(error.getBytes()) : error}\n`);
  }
}

const quiet = { debug() {}, info() {}, warn() {}, error() {} };

/** Deployed, connected, and sent a text and bytes; a line for each answer. */
function talk(type: new () => object, decoders: readonly (new () => object)[], messages: readonly (string | Uint8Array)[]): void {
  const problems: Problem[] = [];
  const coders = new CoderCheck(type, true, problems).of([], decoders);
  const { plan, problems: more } = compile(describe(type), coders);
  for (const { message } of [...problems, ...more]) throw new Error(message);
  const channel = new Channel(false);
  const connection: Connection = new runtime.Connection(channel, {
    plan,
    endpoint: new type(),
    config: { getUserProperties: () => new Map() } as unknown as Opening['config'],
    properties: null,
    encoders: [],
    decoders: decoders.map((each) => new each() as Opening['decoders'][number]),
    container: {} as Opening['container'],
    registry: { add() {}, delete() {}, sessions: () => new Set() },
    settings: new SessionSettings({ heartbeat: false }, new Defaults({}), {}).settings,
    logger: quiet,
    owner: { opened() {}, ended() {}, closed() {}, erred() {}, slowPeer() {} },
    place: { free() {} },
    away: null,
    belongings: NOTHING,
    request: {
      uri: 'ws://localhost/',
      queryString: null,
      secure: false,
      pathParameters: new Map(),
      subprotocol: '',
      extensions: [],
      principal: null,
    },
  });
  channel.listener = connection;
  connection.onOpened();
  for (const message of messages) {
    connection.intake(typeof message === 'string' ? 'text' : 'binary');
    if (typeof message === 'string') connection.onText(message);
    else connection.onBinary(message as Buffer);
  }
  for (const call of channel.calls) process.stdout.write(`${type.name} ${call}\n`);
  channel.vanish();
}

talk(Emitted, [], ['one', new Uint8Array([1, 2])]);
talk(Bound, [], [new Uint8Array([3])]);
talk(Bound, [Backwards], [new Uint8Array([7, 8])]);
talk(Copied, [], [new Uint8Array([0, 4, 5]).subarray(1)]);
talk(Decoded, [Unwilling], [new Uint8Array([6])]);
process.stdout.write(`Buffer is ${typeof (globalThis as { Buffer?: unknown }).Buffer}\n`);
