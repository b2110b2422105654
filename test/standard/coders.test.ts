/** Standard decorators: coders, and messages that are read while they arrive. */
import { describe, expect, it } from '@jest/globals';
import {
  binary,
  DecodeException,
  Decoder,
  decoded,
  EncodeException,
  type InputStream,
  Int,
  inputStream,
  last,
  OnError,
  OnMessage,
  pathParam,
  type Reader,
  reader,
  ServerEndpoint,
  type Session,
  session,
  text,
} from 'margay';
import { refused } from '../support/deploy.js';
import { eventually } from '../support/eventually.js';
import {
  all,
  BinaryPerson,
  Child,
  Person,
  PersonBinary,
  PersonStream,
  PersonText,
  PersonWriter,
  ReaderPerson,
  StreamPerson,
  TextPerson,
} from '../support/people.js';
import { start } from '../support/start.js';

const DECODERS = { text: TextPerson, binary: BinaryPerson, reader: ReaderPerson, stream: StreamPerson };
const ENCODERS = { text: PersonText, binary: PersonBinary, writer: PersonWriter, stream: PersonStream };

describe('decoded(…)', () => {
  it.each(Object.entries(DECODERS))('[COD-1] [D-01] [D-19] a decoder of %s', async (name, decoder) => {
    @ServerEndpoint({ value: '/talk/{uid}', decoders: [decoder] })
    class Talk {
      @OnMessage(pathParam('uid'), decoded(Person), session) take(uid: string, person: Person, live: Session) {
        return `${uid} ${person.name} ${live.isOpen()}`;
      }
    }
    const peer = await (await start(Talk)).dial('/talk/anna');
    peer.send(name === 'text' || name === 'reader' ? 'hello' : Buffer.from('hello'));
    expect(await peer.next()).toBe(`anna ${name} hello true`);
  });

  it.each(Object.entries(ENCODERS))('[COD-1] [ANN-13] an encoder by %s', async (name, encoder) => {
    @ServerEndpoint({ value: '/talk', encoders: [encoder] })
    class Talk {
      @OnMessage(text) take(message: string) {
        return new Person(message);
      }
    }
    const peer = await (await start(Talk)).dial('/talk');
    peer.send('anna');
    const message = `${name} anna`;
    expect(await peer.next()).toEqual(name === 'binary' || name === 'stream' ? Buffer.from(message) : message);
  });

  it('[ANN-5] [COD-6] text and binary both, of a subclass too', async () => {
    class Younger extends Decoder.Binary(Child) {
      decode(bytes: Buffer) {
        return new Child(`child ${bytes}`);
      }
    }
    @ServerEndpoint({ value: '/talk', decoders: [TextPerson, Younger] })
    class Talk {
      @OnMessage(decoded(Person)) take(person: Person) {
        return person.name;
      }
    }
    const peer = await (await start(Talk)).dial('/talk');
    peer.send('a');
    peer.send(Buffer.from('b'));
    expect(await peer.take(2)).toEqual(['text a', 'child b']);
  });

  it('[COD-8] [ANN-14] what fails on the way in and out, and the session stays', async () => {
    const errors: Error[] = [];
    class Picky extends TextPerson {
      override decode(message: string): Person {
        if (message === 'bad') throw new Error('on purpose');
        return new Person(message);
      }
    }
    @ServerEndpoint({ value: '/talk', decoders: [Picky] })
    class Talk {
      @OnMessage(decoded(Person)) take(person: Person) {
        return person.name === 'object' ? person : person.name;
      }
      @OnError fail(error: Error) {
        errors.push(error);
      }
    }
    const peer = await (await start(Talk)).dial('/talk');
    for (const message of ['bad', 'object', 'good']) peer.send(message);
    expect(await peer.next()).toBe('good');
    expect(errors).toEqual([expect.any(DecodeException), expect.any(EncodeException)]);
  });

  it.each<[string, unknown[], string, RegExp]>([
    ['nothing decodes it', [decoded(Child)], 'NO_DECODER', /parameter 0 is Child, .*list a decoder for it/],
    ['nor a plain kind', [decoded(Int)], 'NO_DECODER', /parameter 0 is Int, /],
    ['in parts', [decoded(Person), last], 'PAYLOAD', /has a last-part flag without text or bytes/],
    ['two of them', [decoded(Person), decoded(Person)], 'PAYLOAD', /two payloads \(parameters 0 and 1\)/],
    ['beside text', [text, decoded(Person)], 'PAYLOAD', /two payloads \(parameters 0 and 1\)/],
    ['a Reader in parts', [reader, last], 'PAYLOAD', /has a last-part flag without text or bytes/],
  ])('[ANN-11] [COD-10] refused: %s', async (_, bindings, code, words) => {
    @ServerEndpoint({ value: '/talk', decoders: [TextPerson] })
    class Talk {
      @((OnMessage as any)(...bindings)) m() {}
    }
    const problem = await refused(Talk);
    expect([problem.code, problem.message]).toEqual([`MARGAY_${code}`, expect.stringMatching(words)]);
  });
});

describe('reader and inputStream', () => {
  it('[D-02] [ANN-9] are given while the message arrives', async () => {
    const begun: string[] = [];
    @ServerEndpoint('/talk')
    class Talk {
      @OnMessage(session, reader) async read(_session: Session, from: Reader) {
        begun.push('text');
        return `text ${await all(from)}`;
      }
      @OnMessage(inputStream) async stream(from: InputStream) {
        begun.push('binary');
        return `binary ${await all(from)}`;
      }
    }
    const peer = await (await start(Talk)).dial('/talk');
    peer.part('a', false);
    await eventually(() => expect(begun).toEqual(['text']));
    peer.part('b', true);
    peer.part(Buffer.from('c'), false);
    await eventually(() => expect(begun).toEqual(['text', 'binary']));
    peer.part(Buffer.from('d'), true);
    expect(await peer.take(2)).toEqual(['text ab', 'binary cd']);
  });

  it('[SES-23] a decoder for exactly their type comes first, and one for Buffer before binary', async () => {
    class Whole extends Decoder.Binary(Buffer) {
      decode(bytes: Buffer) {
        return Buffer.from(`decoded ${bytes}`);
      }
    }
    @ServerEndpoint({ value: '/whole', decoders: [Whole] })
    class Bytes {
      @OnMessage(binary) take(bytes: Buffer) {
        return String(bytes);
      }
    }
    @ServerEndpoint({ value: '/parts', decoders: [Whole] })
    class Parts {
      @OnMessage(binary, last) take(bytes: Buffer) {
        return String(bytes);
      }
    }
    const server = await start([Bytes, Parts]);
    for (const [path, answer] of [
      ['/whole', 'decoded a'],
      ['/parts', 'a'],
    ] as const) {
      const peer = await server.dial(path);
      peer.send(Buffer.from('a'));
      expect(await peer.next()).toBe(answer);
    }
  });
});
