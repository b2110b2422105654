/** Handlers that are added to a session, beside those that are declared. [SES-21 to SES-25, LIF-9] */
import { describe, expect, it } from '@jest/globals';
import {
  Byte,
  Char,
  Decoder,
  Double,
  Float,
  IllegalArgumentException,
  IllegalStateException,
  InputStream,
  Int,
  Long,
  MessageHandler,
  OnMessage,
  OnOpen,
  PongMessage,
  Reader,
  ServerEndpoint,
  Session,
  Short,
} from 'margay';
import { opened } from '../support/adding.js';
import { eventually, gate } from '../support/eventually.js';
import { OPCODES } from '../support/frames.js';
import { RawPeer } from '../support/raw-peer.js';
import { start } from '../support/start.js';

const { text, binary } = OPCODES;

type Any = (...args: never[]) => unknown;

class Word {
  readonly word: string;

  constructor(word: string) {
    this.word = word;
  }
}

class LongWord extends Word {}

class TextWords extends Decoder.Text(Word) {
  decode(data: string): Word {
    return new Word(data);
  }
}

class BinaryWords extends Decoder.Binary(Word) {
  decode(data: Buffer): Word {
    return new Word(`binary ${data}`);
  }
}

class LongWords extends Decoder.Text(LongWord) {
  decode(data: string): LongWord {
    return new LongWord(`long ${data}`);
  }
}

const code = (expected: string) => expect.objectContaining({ code: expected });

describe('addMessageHandler(type, handler)', () => {
  const TOKENS: readonly (readonly [name: string, type: unknown, opcode: number, payload: string, expected: unknown])[] = [
    ['String', String, text, '你好', '你好'],
    ['Number', Number, text, '1.5', 1.5],
    ['Double', Double, text, '-2.5', -2.5],
    ['Float', Float, text, '0.5', 0.5],
    ['Int', Int, text, '42', 42],
    ['Short', Short, text, '-7', -7],
    ['Byte', Byte, text, '127', 127],
    ['Long', Long, text, '9007199254740993', 9007199254740993n],
    ['BigInt', BigInt, text, '12', 12n],
    ['Char', Char, text, 'x', 'x'],
    ['Boolean', Boolean, text, 'true', true],
    ['Buffer', Buffer, binary, 'bytes', Buffer.from('bytes')],
    ['PongMessage', PongMessage, OPCODES.pong, 'pong', 'pong'],
    ['Reader', Reader, text, 'read', 'read'],
    ['InputStream', InputStream, binary, 'streamed', 'streamed'],
    ['a class with a decoder', Word, text, 'hello', new Word('hello')],
  ];

  /** What was given, as something that can be compared. */
  async function plain(message: unknown): Promise<unknown> {
    if (message instanceof PongMessage) return message.getApplicationData().toString();
    if (!(message instanceof Reader || message instanceof InputStream)) return message;
    let all = '';
    for await (const chunk of message as AsyncIterable<unknown>) all += String(chunk);
    return all;
  }

  it.each(TOKENS)(
    '[SES-21, D-35] %s: a function, an object and a typed object get whole messages',
    async (_name, type, opcode, payload, expected) => {
      const on = await opened([TextWords]);
      const seen: unknown[] = [];
      const note = async (...args: unknown[]) => seen.push(await plain(args[0]), args.length);
      class Typed extends MessageHandler.Whole(type as typeof String) {
        onMessage(...args: unknown[]): unknown {
          return note(...args);
        }
      }
      const handlers: readonly (readonly unknown[])[] = [
        [type, note],
        [type, { onMessage: note }],
        [new Typed()],
        [{ type, onMessage: note }],
      ];
      for (const [i, args] of handlers.entries()) {
        (on.add as Any)(...(args as unknown as never[]));
        on.peer.send({ opcode, payload });
        await eventually(() => expect(seen).toHaveLength(2 * (i + 1)));
        on.session.removeMessageHandler((args.length === 1 ? args[0] : args[1]) as never);
      }
      expect(seen).toEqual(Array(4).fill([expected, 1]).flat());
      expect(on.failures).toEqual([]);
    },
  );

  it.each<[string, unknown, string]>([
    ['Uint8Array', Uint8Array, 'Uint8Array'],
    ['ArrayBuffer', ArrayBuffer, 'ArrayBuffer'],
  ])('[SES-21] %s: the bytes in that shape, and no others behind them', async (_name, type, shape) => {
    const on = await opened();
    const seen: unknown[] = [];
    on.add(type, (message: Uint8Array | ArrayBuffer) =>
      seen.push(Object.prototype.toString.call(message), Buffer.from(message as ArrayBuffer).toString(), message.byteLength),
    );
    on.peer.send({ opcode: binary, payload: 'bytes' });
    await eventually(() => expect(seen).toEqual([`[object ${shape}]`, 'bytes', 5]));
  });

  it('[SES-21, D-35] what the handler returns is awaited and not sent; its `this` is the object', async () => {
    const on = await opened();
    const hold = gate();
    const seen: string[] = [];
    class Counting extends MessageHandler.Whole(String) {
      count = 0;

      async onMessage(message: string): Promise<string> {
        seen.push(`${message} ${++this.count}`);
        if (this.count === 1) await hold.promise;
        return 'not sent';
      }
    }
    on.session.addMessageHandler(new Counting());
    on.peer.send({ opcode: text, payload: 'a' }, { opcode: text, payload: 'b' });
    await on.read();
    expect(seen).toEqual(['a 1']);
    hold.open();
    await eventually(() => expect(seen).toEqual(['a 1', 'b 2']));
    await on.read();
    expect(on.peer.texts).toEqual([]);
  });

  it('[SES-21] text that is no such value is a DecodeException for onError, and the message is dropped', async () => {
    const on = await opened();
    const seen: number[] = [];
    on.session.addMessageHandler(Int, (n) => seen.push(n));
    on.peer.send({ opcode: text, payload: 'many' }, { opcode: text, payload: '3' });
    await eventually(() => expect(seen).toEqual([3]));
    expect(on.failures).toEqual([code('MARGAY_TEXT_VALUE')]);
  });

  it('[SES-23] a class with decoders for text and for binary takes both, or neither', async () => {
    const on = await opened([TextWords, BinaryWords]);
    const seen: string[] = [];
    on.session.addMessageHandler(Buffer, () => {});
    expect(() => on.session.addMessageHandler(Word, () => {})).toThrow(code('MARGAY_HANDLER_TAKEN'));
    on.session.addMessageHandler(String, () => seen.push('string')); // so text was not taken
    for (const each of on.session.getMessageHandlers()) on.session.removeMessageHandler(each);
    const words = ({ word }: Word) => seen.push(word);
    on.session.addMessageHandler(Word, words);
    on.peer.send({ opcode: text, payload: 'a' }, { opcode: binary, payload: 'b' });
    await eventually(() => expect(seen).toEqual(['a', 'binary b']));
    expect(on.session.getMessageHandlers().size).toBe(1);
    on.session.removeMessageHandler(words);
    on.session.addMessageHandler(String, () => {});
    on.session.addMessageHandler(Buffer, () => {}); // both are free again
  });

  it('[SES-21, COD-6] a decoder of a subclass yields the class, one of the base class does not yield a subclass', async () => {
    const on = await opened([LongWords]);
    const seen: unknown[] = [];
    on.session.addMessageHandler(Word, (word) => seen.push(word));
    on.peer.text('word');
    await eventually(() => expect(seen).toEqual([new LongWord('long word')]));
    const other = await opened([TextWords]);
    expect(() => other.session.addMessageHandler(LongWord, () => {})).toThrow(code('MARGAY_HANDLER_TYPE'));
  });

  it('[SES-21] of a type that nothing yields, or in parts that do not come in parts, is refused', async () => {
    const on = await opened();
    const parts = { partial: true, onMessage() {} };
    for (const type of [Word, Date, Object, Symbol, null, undefined, 'String', {}]) {
      expect(() => on.add(type, () => {})).toThrow(IllegalArgumentException);
      expect(() => on.add(type, () => {})).toThrow(code('MARGAY_HANDLER_TYPE'));
    }
    for (const type of [Reader, InputStream, Number, Boolean, Int, Word])
      expect(() => on.add(type, parts)).toThrow(code('MARGAY_HANDLER_TYPE'));
    expect(() => on.add(PongMessage, parts)).toThrow(IllegalStateException);
    expect(() => on.add(Word, () => {})).toThrow(/no decoder yields Word/);
    expect(() => on.add('String', () => {})).toThrow(/"String" is no type; pass String/);
    expect(on.session.getMessageHandlers().size).toBe(0);
  });

  it('[SES-21, SES-22] without a handler, or with one that tells no type, is refused', async () => {
    const on = await opened();
    for (const handler of [null, undefined, {}, 'x', { onMessage: 1 }])
      expect(() => on.add(String, handler)).toThrow(code('MARGAY_ARGUMENT'));
    const alone = on.session.addMessageHandler.bind(on.session) as (handler: unknown) => void;
    for (const handler of [null, undefined]) expect(() => alone(handler)).toThrow(code('MARGAY_ARGUMENT'));
    for (const handler of [() => {}, { onMessage() {} }, 'x']) expect(() => alone(handler)).toThrow(code('MARGAY_HANDLER_TYPE'));
    expect(() => alone({ type: String })).toThrow(code('MARGAY_ARGUMENT'));
    expect(() => alone({ type: Word, onMessage() {} })).toThrow(code('MARGAY_HANDLER_TYPE'));
  });
});

describe('a taken slot', () => {
  const TEXT = { String, Int, Boolean, Reader, Word };
  const BINARY = { Buffer, Uint8Array, ArrayBuffer, InputStream };
  const partsOf = (type: unknown) => ({ type, partial: true, onMessage() {} });

  it('[SES-21] one handler for text, one for binary, one for pongs, whatever their types; the second is refused and takes nothing', async () => {
    const on = await opened([TextWords]);
    const add = (args: readonly unknown[]) => (on.add as Any)(...(args as unknown as never[]));
    const whole = (types: object) => Object.values(types).map((type) => [type, () => {}] as const);
    const rows = [
      { native: 'text', all: [...whole(TEXT), [partsOf(String)]] },
      { native: 'binary', all: [...whole(BINARY), [partsOf(Buffer)], [partsOf(ArrayBuffer)]] },
      { native: 'pong', all: [[PongMessage, () => {}]] },
    ];
    for (const { native, all } of rows) {
      for (const first of all) {
        add(first);
        const { size } = on.session.getMessageHandlers();
        for (const second of all) {
          expect(() => add(second)).toThrow(IllegalStateException);
          expect(() => add(second)).toThrow(code('MARGAY_HANDLER_TAKEN'));
        }
        expect(() => add(first)).toThrow(new RegExp(`^${native} messages are taken`));
        expect(on.session.getMessageHandlers().size).toBe(size);
        on.session.removeMessageHandler((first.length === 1 ? first[0] : first[1]) as never);
      }
    }
    for (const { all } of rows) add(all[0] as never); // side by side
    expect(on.session.getMessageHandlers().size).toBe(3);
  });

  it('[SES-21, SES-24] may be taken by an annotated method; removed, it is free', async () => {
    const seen: string[] = [];
    let own: Session | undefined;
    @ServerEndpoint('/declared')
    class Declared {
      @OnOpen open(session: Session): void {
        own = session;
      }

      @OnMessage text(message: string): void {
        seen.push(`declared ${message}`);
      }

      @OnMessage binary(stream: InputStream): void {
        seen.push(`declared ${stream.readableLength}`);
      }
    }
    const server = await start(Declared);
    const peer = await RawPeer.open(server, '/declared');
    const session = await eventually(() => own ?? Promise.reject(new Error('not open')));
    const take = () => session.addMessageHandler(String, (message) => seen.push(`added ${message}`));
    expect(take).toThrow(/^text messages are taken by Declared\.text\(\) already; remove it first$/);
    session.addMessageHandler(PongMessage, () => seen.push('pong'));
    const handlers = [...session.getMessageHandlers()];
    expect(handlers.map(String).slice(0, 2)).toEqual(['MessageHandler[Declared.text]', 'MessageHandler[Declared.binary]']);
    expect(() => (handlers[0] as MessageHandler.Whole).onMessage('x')).toThrow(IllegalStateException);
    session.removeMessageHandler(handlers[0] as MessageHandler);
    take();
    peer.send({ opcode: text, payload: 'x' }, { opcode: binary, payload: 'yy' }, { opcode: OPCODES.pong });
    await eventually(() => expect([...seen].sort()).toEqual(['added x', 'declared 2', 'pong']));
  });
});

describe('getMessageHandlers and removeMessageHandler', () => {
  it('[SES-24] is a read-only snapshot: what is added by an object is that object; every element can be removed, one by one', async () => {
    const on = await opened();
    const object = { onMessage() {} };
    on.session.addMessageHandler(String, object);
    on.session.addMessageHandler(Buffer, () => {});
    on.session.addMessageHandler(PongMessage, () => {});
    const handlers = on.session.getMessageHandlers();
    expect([...handlers][0]).toBe(object);
    expect(() => (handlers as Set<unknown>).delete(object)).toThrow();
    for (const [i, each] of [...handlers].entries()) {
      on.session.removeMessageHandler(each);
      expect(on.session.getMessageHandlers().size).toBe(2 - i);
    }
    expect(handlers.size).toBe(3);
  });

  it('[SES-25] takes the object, the function or the element; null does nothing; what is unknown, or removed already, is refused', async () => {
    const on = await opened();
    const fn = () => {};
    const object = { onMessage() {} };
    on.session.addMessageHandler(String, fn);
    on.session.addMessageHandler(Buffer, object);
    on.session.removeMessageHandler(null);
    on.session.removeMessageHandler(undefined as never);
    for (const unknown of [() => {}, { onMessage() {} }, 'x' as never]) {
      expect(() => on.session.removeMessageHandler(unknown)).toThrow(IllegalStateException);
    }
    on.session.removeMessageHandler(fn);
    expect(() => on.session.removeMessageHandler(fn)).toThrow(code('MARGAY_HANDLER_UNKNOWN'));
    expect([...on.session.getMessageHandlers()]).toEqual([object]);
    on.session.removeMessageHandler(object);
    expect(on.session.getMessageHandlers().size).toBe(0);
  });

  it('[SES-25] frees every slot of a handler that was added for several types', async () => {
    const on = await opened();
    const fn = () => {};
    on.session.addMessageHandler(String, fn);
    on.session.addMessageHandler(Buffer, fn);
    on.session.removeMessageHandler(fn);
    expect(on.session.getMessageHandlers().size).toBe(0);
    on.session.addMessageHandler(String, fn);
    on.session.addMessageHandler(Buffer, fn);
  });

  it('[SES-1] the three of them throw once the session is closed', async () => {
    const on = await opened();
    on.peer.close(1000);
    await on.peer.finished();
    await eventually(() => expect(() => on.session.getMessageHandlers()).toThrow(code('MARGAY_SESSION_CLOSED')));
    expect(() => on.session.addMessageHandler(String, () => {})).toThrow(code('MARGAY_SESSION_CLOSED'));
    expect(() => on.session.removeMessageHandler(null)).toThrow(code('MARGAY_SESSION_CLOSED'));
  });
});
