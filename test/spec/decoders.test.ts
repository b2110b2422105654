/** Decoders: which reads a message, and what the handler is given. */
import { describe, expect, it } from '@jest/globals';
import {
  binary,
  type Class,
  Decoder,
  decoded,
  InputStream,
  Int,
  inputStream,
  OnMessage,
  OnOpen,
  PathParam,
  Reader,
  reader,
  ServerEndpoint,
  ServerEndpointConfig,
  Session,
} from 'margay';
import { refused } from '../support/deploy.js';
import { emitted } from '../support/emitted.js';
import { eventually } from '../support/eventually.js';
import { all, BinaryPerson, Child, later, Person, ReaderPerson, StreamPerson, TextPerson } from '../support/people.js';
import { start } from '../support/start.js';
import { taking, WAYS } from '../support/taking.js';

const { Builder } = ServerEndpointConfig;

/** `class Talk { @OnMessage m(…) {} }` with those decoders. */
const listing = (types: readonly unknown[], decoders: readonly unknown[]) =>
  Builder.create(emitted(OnMessage, types), '/talk')
    .decoders(decoders as never)
    .build();

class LatePerson extends Decoder.Text(Person) {
  decode(text: string) {
    return later(new Person(`text ${text}`));
  }
}

class LateBytes extends Decoder.Binary(Person) {
  decode(bytes: Buffer) {
    return later(new Person(`binary ${bytes}`));
  }
}

class HastyReader extends Decoder.TextStream(Person) {
  decode(stream: Reader) {
    return new Person(`reader ${stream instanceof Reader}`);
  }
}

class HastyStream extends Decoder.BinaryStream(Person) {
  decode(stream: InputStream) {
    return new Person(`stream ${stream instanceof InputStream}`);
  }
}

const KINDS: [string, new () => Decoder, string][] = [
  ['Text', TextPerson, 'text hello'],
  ['Text, async', LatePerson, 'text hello'],
  ['Binary', BinaryPerson, 'binary hello'],
  ['Binary, async', LateBytes, 'binary hello'],
  ['TextStream', ReaderPerson, 'reader hello'],
  ['TextStream that reads nothing', HastyReader, 'reader true'],
  ['BinaryStream', StreamPerson, 'stream hello'],
  ['BinaryStream that reads nothing', HastyStream, 'stream true'],
];

describe('the four kinds', () => {
  it.each(WAYS.flatMap((way) => KINDS.map(([kind, decoder, outcome]) => [kind, way, decoder, outcome] as const)))(
    '[COD-1] [COD-6] [SES-21] %s, for a handler by %s',
    async (_kind, way, decoder, outcome) => {
      const config = taking(Person, way, { decoders: [decoder], answer: (message) => `${message.constructor.name} ${message.name}` });
      const peer = await (await start(config)).dial('/talk');
      const message = /^(binary|stream)/.test(outcome) ? Buffer.from('hello') : 'hello';
      peer.send(message);
      peer.send(message);
      expect(await peer.take(2)).toEqual([`Person ${outcome}`, `Person ${outcome}`]);
    },
  );

  it('[COD-1] a stream decoder reads while the message arrives', async () => {
    const pieces: string[] = [];
    class Slow extends Decoder.TextStream(Person) {
      async decode(stream: Reader) {
        for await (const piece of stream) pieces.push(piece);
        return new Person(pieces.join(''));
      }
    }
    const config = taking(Person, 'binding', { decoders: [Slow], answer: (person) => person.name });
    const peer = await (await start(config)).dial('/talk');
    peer.part('a', false);
    await eventually(() => expect(pieces).toEqual(['a']));
    peer.part('b', true);
    expect(await peer.next()).toBe('ab');
  });

  it('[ANN-7] a decoded payload stands among other parameters, in any order', async () => {
    @ServerEndpoint({ value: '/talk/{uid}', decoders: [LatePerson] })
    class Talk {
      @OnMessage take(@PathParam('uid') uid: string, session: Session, person: Person) {
        return `${uid} ${session.isOpen()} ${person.name}`;
      }
    }
    const peer = await (await start(Talk)).dial('/talk/anna');
    peer.send('hello');
    expect(await peer.next()).toBe('anna true text hello');
  });
});

describe('sizes', () => {
  it.each<[string, new () => Decoder, string | Buffer, string | Buffer]>([
    ['text, in bytes of UTF-8', TextPerson, '你好', '你好吗'],
    ['bytes', BinaryPerson, Buffer.alloc(6), Buffer.alloc(7)],
    ['text that is read while it arrives', ReaderPerson, '你好', '你好吗'],
    ['bytes that are read while they arrive', StreamPerson, Buffer.alloc(6), Buffer.alloc(7)],
  ])('[ANN-15] maxMessageSize holds for what is decoded: %s', async (_, decoder, fits, exceeds) => {
    @ServerEndpoint({ value: '/talk', decoders: [decoder] })
    class Talk {
      @OnMessage({ maxMessageSize: 6 }) take(_person: Person) {
        return 'taken';
      }
    }
    const peer = await (await start(Talk)).dial('/talk');
    peer.send(fits);
    expect(await peer.next()).toBe('taken');
    peer.send(exceeds);
    expect((await peer.closed).code).toBe(1009);
  });
});

describe('which decoder', () => {
  class ChildText extends Decoder.Text(Child) {
    decode(text: string) {
      return new Child(`child ${text}`);
    }
  }

  it.each(WAYS)('[COD-6] one of a subclass serves a parameter of the superclass: by %s', async (way) => {
    const peer = await (await start(taking(Person, way, { decoders: [ChildText], answer: ({ name }) => name }))).dial('/talk');
    peer.send('a');
    expect(await peer.next()).toBe('child a');
  });

  it('[COD-6] one of the superclass does not serve a parameter of the subclass', async () => {
    for (const way of ['parameter', 'binding'] as const) {
      const problem = await refused(taking(Child, way, { decoders: [TextPerson] }));
      expect(problem.code).toBe('MARGAY_NO_DECODER');
      expect(problem.message).toMatch(
        /^Talk\.take\(\) parameter 0 is Child, .* \(TextPerson makes a Person, which need not be one\); list a decoder for it/,
      );
    }
    const outcomes: unknown[] = [];
    const config = taking(Child, 'added', { decoders: [TextPerson], errors: outcomes });
    await (await start(config)).dial('/talk');
    await eventually(() => expect(outcomes).toHaveLength(1));
    expect(outcomes[0]).toMatchObject({ name: 'IllegalArgumentException', code: 'MARGAY_HANDLER_TYPE' });
    expect((outcomes[0] as Error).message).toMatch(/no decoder yields Child; add one/);
  });

  it('[COD-6] [COD-7] in the order of the list, whether of the class or of a subclass', async () => {
    for (const [decoders, name] of [
      [[ChildText, TextPerson], 'child a'],
      [[TextPerson, ChildText], 'text a'],
    ] as const) {
      const peer = await (await start(taking(Person, 'parameter', { decoders, answer: (person) => person.name }))).dial('/talk');
      peer.send('a');
      expect(await peer.next()).toBe(name);
    }
  });

  it('[COD-4] a decoder inherits its type and kind, and decode() too', async () => {
    class Sub extends TextPerson {
      override willDecode(text: string) {
        return text !== 'no';
      }
    }
    class SubSub extends Sub {}
    const peer = await (await start(taking(Person, 'parameter', { decoders: [SubSub], answer: ({ name }) => name }))).dial('/talk');
    peer.send('no');
    peer.send('yes');
    expect(await peer.next()).toBe('text yes');
  });

  it('[COD-1] decode may be a field', async () => {
    class Field extends Decoder.Text(Person) {
      decode = (text: string) => new Person(`field ${text}`);
    }
    const peer = await (await start(taking(Person, 'parameter', { decoders: [Field], answer: ({ name }) => name }))).dial('/talk');
    peer.send('a');
    expect(await peer.next()).toBe('field a');
  });

  it('[COD-6] a class shared by two endpoints serves both, and each of its own lists', async () => {
    const first = taking(Person, 'parameter', { decoders: [TextPerson], answer: ({ name }) => `1 ${name}` });
    const second = Builder.create(first.getEndpointClass(), '/other').decoders([ChildText, TextPerson]).build();
    const server = await start([first, second]);
    const [one, two] = [await server.dial('/talk'), await server.dial('/other')];
    one.send('a');
    two.send('a');
    expect([await one.next(), await two.next()]).toEqual(['1 text a', '1 child a']);
  });

  it.each([
    ['a class', Person, TextPerson, 'text 7'],
    ['Object, of which every class is one', Object, TextPerson, 'text 7'],
  ])('[D-01] decoded(…) of %s', async (_, type, decoder, name) => {
    const peer = await (await start(taking(type, 'binding', { decoders: [decoder], answer: (person) => person.name }))).dial('/talk');
    peer.send('7');
    expect(await peer.next()).toBe(name);
  });

  it('[D-01] decoded(Int) is what a decoder for Int makes; Int alone is the text, converted', async () => {
    class Doubling extends Decoder.Text(Int) {
      decode(text: string) {
        return Number(text) * 2;
      }
    }
    const options = { decoders: [Doubling], answer: (n: number) => n };
    const [bound, plain] = await Promise.all(
      [decoded(Int), Int].map(async (binding) => (await start(taking(Number, 'binding', { ...options, binding }))).dial('/talk')),
    );
    bound?.send('21');
    plain?.send('21');
    expect([await bound?.next(), await plain?.next()]).toEqual(['42', '21']);
    const problem = await refused(taking(Int, 'binding', {}));
    expect([problem.code, problem.message]).toEqual(['MARGAY_NO_DECODER', expect.stringContaining('parameter 0 is Int, ')]);
  });
});

describe('text and binary', () => {
  const both = [TextPerson, BinaryPerson];

  it.each(WAYS)('[ANN-5] [SES-23] decoders for both make one handler take both: by %s', async (way) => {
    const peer = await (await start(taking(Person, way, { decoders: both, answer: ({ name }) => name }))).dial('/talk');
    peer.send('a');
    peer.send(Buffer.from('b'));
    expect(await peer.take(2)).toEqual(['text a', 'binary b']);
  });

  it.each<[string, new () => Decoder, unknown, string | null]>([
    ['both, and a text handler', TextPerson, String, 'text'],
    ['both, and a binary handler', TextPerson, Buffer, 'binary'],
    ['both, and a Reader', ReaderPerson, Reader, 'text'],
    ['binary only, and a text handler', StreamPerson, String, null],
  ])('[ANN-5] conflicts: %s', async (_, decoder, type, native) => {
    const decoders = native === null ? [decoder] : [decoder, BinaryPerson];
    const first = emitted(OnMessage, [Person]);
    (first.prototype as { other(): void }).other = () => {};
    Reflect.defineMetadata('design:paramtypes', [type], first.prototype, 'other');
    OnMessage(first.prototype as { other(): void }, 'other', Object.getOwnPropertyDescriptor(first.prototype, 'other') as never);
    const config = Builder.create(first, '/talk').decoders(decoders).build();
    if (native === null) return void (await start(config));
    const problem = await refused(config);
    expect([problem.code, problem.message]).toEqual([
      'MARGAY_DUPLICATE_HANDLER',
      `Talk.m() and Talk.other() both take ${native}; keep one`,
    ]);
  });

  it('[SES-23] an added handler takes both slots or none', async () => {
    const codes: unknown[] = [];
    @ServerEndpoint({ value: '/talk', decoders: both })
    class Talk {
      @OnOpen open(session: Session) {
        for (const type of [Person, String]) {
          try {
            session.addMessageHandler(type as Class, () => {});
          } catch (error) {
            codes.push((error as { code: string }).code);
          }
        }
      }

      @OnMessage bytes(message: Buffer) {
        return message;
      }
    }
    const peer = await (await start(Talk)).dial('/talk');
    peer.send(Buffer.from('a'));
    expect(await peer.next()).toEqual(Buffer.from('a'));
    expect(codes).toEqual(['MARGAY_HANDLER_TAKEN']); // the second found text free
  });
});

describe('types that need no decoder', () => {
  class ExactReader extends Decoder.Text(Reader) {
    decode(text: string) {
      return `decoded ${text}` as unknown as Reader;
    }
  }
  class ExactStream extends Decoder.Binary(InputStream) {
    decode(bytes: Buffer) {
      return `decoded ${bytes}` as unknown as InputStream;
    }
  }
  class ExactBuffer extends Decoder.Binary(Buffer) {
    decode(bytes: Buffer) {
      return Buffer.from(`decoded ${bytes}`);
    }
  }
  class ExactView extends Decoder.Binary(Uint8Array) {
    decode(bytes: Buffer) {
      return new Uint8Array(Buffer.from(`decoded ${bytes}`));
    }
  }
  const show = async (message: unknown) =>
    message instanceof Reader || message instanceof InputStream ? all(message) : Buffer.from(message as Buffer).toString();

  it.each<[string, Class, new () => Decoder, unknown, string | Buffer]>([
    ['Reader', Reader, ExactReader, reader, 'a'],
    ['InputStream', InputStream, ExactStream, inputStream, Buffer.from('a')],
    ['Buffer', Buffer, ExactBuffer, binary, Buffer.from('a')],
    ['Uint8Array', Uint8Array, ExactView, undefined, Buffer.from('a')],
  ])('[SES-23] a decoder for exactly %s comes first, however the handler is declared', async (_, type, decoder, binding, message) => {
    for (const way of WAYS) {
      const config = taking(type, way, { decoders: [decoder], answer: show, binding });
      const peer = await (await start(config)).dial('/talk');
      peer.send(message);
      expect([way, await peer.next()]).toEqual([way, 'decoded a']);
    }
  });

  it('[SES-23] one for a subclass does not', async () => {
    for (const way of ['parameter', 'added'] as const) {
      const peer = await (await start(taking(Uint8Array, way, { decoders: [ExactBuffer], answer: show }))).dial('/talk');
      peer.send(Buffer.from('a'));
      expect(await peer.next()).toBe('a');
    }
  });

  it('[ANN-9] text and plain values are never decoded, unless decoded(…) is asked for', async () => {
    class Words extends Decoder.Text(String) {
      decode(text: string) {
        return `decoded ${text}`;
      }
    }
    for (const [way, outcome] of [
      ['parameter', 'a'],
      ['added', 'a'],
      ['binding', 'decoded a'],
    ] as const) {
      const peer = await (await start(taking(String, way, { decoders: [Words], answer: (text) => text }))).dial('/talk');
      peer.send('a');
      expect(await peer.next()).toBe(outcome);
    }
  });

  it('[COD-10] parts are never decoded', async () => {
    @ServerEndpoint({ value: '/talk', decoders: [ExactBuffer, TextPerson] })
    class Talk {
      @OnMessage part(part: Buffer, last: boolean) {
        return `${part} ${last}`;
      }
    }
    const peer = await (await start(Talk)).dial('/talk');
    peer.part(Buffer.from('a'), false);
    peer.part(Buffer.from('b'), true);
    expect(await peer.take(2)).toEqual(['a false', 'b true']);
    expect((await refused(listing([Person, Boolean], [TextPerson]))).code).toBe('MARGAY_PAYLOAD');
  });
});
