/** Decoders: who is asked, what becomes of a message that nobody can read, and the order that is kept meanwhile. */
import { describe, expect, it } from '@jest/globals';
import { DecodeException, Decoder, EOFException, type InputStream, type Reader } from 'margay';
import { eventually, gate } from '../support/eventually.js';
import { WAYS as FAILURES, type Way as Failure, fail } from '../support/failing.js';
import { OPCODES } from '../support/frames.js';
import { all, BinaryPerson, later, Person, ReaderPerson, StreamPerson, TextPerson } from '../support/people.js';
import { RawPeer } from '../support/raw-peer.js';
import { start } from '../support/start.js';
import { taking, WAYS } from '../support/taking.js';

type Asked = string[];

/** Willing for a message that begins with its name; tells what it is asked. */
const willing = (name: string, asked: Asked) =>
  class Willing extends Decoder.Text(Person) {
    override willDecode(text: string) {
      asked.push(`${name}?`);
      return text.startsWith(name);
    }

    decode(text: string) {
      asked.push(`${name}!`);
      return new Person(`${name}: ${text}`);
    }
  };

const name = ({ name }: Person) => name;

describe('willDecode', () => {
  it.each(WAYS)('[COD-7] in the order of the list, the first that is willing decodes, the others are not asked: by %s', async (way) => {
    const asked: Asked = [];
    const decoders = ['a', 'b', 'c'].map((each) => willing(each, asked));
    const errors: DecodeException[] = [];
    const peer = await (await start(taking(Person, way, { decoders, answer: name, errors }))).dial('/talk');
    for (const message of ['b1', 'a1', 'x1', 'c1']) peer.send(message);
    expect(await peer.take(3)).toEqual(['b: b1', 'a: a1', 'c: c1']);
    expect(asked.join(' ')).toBe('a? b? b! a? a! a? b? c? a? b? c? c!');
    expect(errors).toHaveLength(1);
    expect(errors[0]).toBeInstanceOf(DecodeException);
    expect(errors[0]).toMatchObject({ code: 'MARGAY_NO_WILLING_DECODER' });
    expect(errors[0]?.message).toBe('no decoder took the message as Person; asked: Willing, Willing, Willing');
    expect([errors[0]?.getText(), errors[0]?.getBytes()]).toEqual(['x1', null]);
  });

  it('[COD-7] [GEN-1] of bytes: each sees a view of its own, and the exception has the bytes', async () => {
    const seen: Buffer[] = [];
    class Looking extends Decoder.Binary(Person) {
      override willDecode(bytes: Buffer) {
        seen.push(bytes);
        return false;
      }
      decode(): Person {
        throw new Error('never called');
      }
    }
    class Taking extends BinaryPerson {
      override willDecode(bytes: Buffer) {
        seen.push(bytes);
        return bytes.toString() !== 'x';
      }
    }
    const errors: DecodeException[] = [];
    const config = taking(Person, 'parameter', { decoders: [Looking, Taking], answer: name, errors });
    const peer = await (await start(config)).dial('/talk');
    peer.send(Buffer.from('x'));
    peer.send(Buffer.from('a'));
    expect(await peer.next()).toBe('binary a');
    expect([errors[0]?.getText(), errors[0]?.getBytes()]).toEqual([null, Buffer.from('x')]);
    expect(new Set(seen).size).toBe(4);
  });

  it.each<[string, (asked: Asked) => (new () => Decoder)[], string[]]>([
    ['first: it takes everything', (asked) => [ReaderPerson, willing('a', asked)], ['reader a1', 'reader x']],
    ['second: it takes what the first leaves', (asked) => [willing('a', asked), ReaderPerson], ['a: a1', 'reader x']],
    [
      'in the middle: nobody behind it is asked',
      (asked) => [willing('b', asked), ReaderPerson, willing('a', asked)],
      ['reader a1', 'reader x'],
    ],
    ['behind one of bytes: that is of the other kind', (asked) => [StreamPerson, willing('a', asked), ReaderPerson], ['a: a1', 'reader x']],
  ])('[COD-6] [COD-7] a stream decoder stands %s', async (_, make, answers) => {
    const asked: Asked = [];
    const peer = await (await start(taking(Person, 'parameter', { decoders: make(asked), answer: name }))).dial('/talk');
    peer.send('a1');
    peer.send('x');
    expect(await peer.take(2)).toEqual(answers);
    if (answers[0] === 'reader a1') expect(asked).not.toContain('a?');
  });

  it('[COD-6] a stream decoder of bytes stands behind one of whole bytes', async () => {
    class Never extends BinaryPerson {
      override willDecode() {
        return false;
      }
    }
    const peer = await (await start(taking(Person, 'parameter', { decoders: [Never, StreamPerson], answer: name }))).dial('/talk');
    peer.send(Buffer.from('a'));
    peer.send(Buffer.alloc(0));
    expect(await peer.take(2)).toEqual(['stream a', 'stream ']);
  });

  it('[COD-1] [LIF-11] a promise is no answer: told, and its rejection harms nobody', async () => {
    class Async extends TextPerson {
      override willDecode(): boolean {
        return Promise.reject(new Error('on purpose')) as unknown as boolean;
      }
    }
    const errors: Error[] = [];
    const peer = await (await start(taking(Person, 'parameter', { decoders: [Async], errors }))).dial('/talk');
    peer.send('a');
    peer.send('b');
    await eventually(() => expect(errors).toHaveLength(2));
    expect(errors[0]).toBeInstanceOf(DecodeException);
    expect(errors[0]?.message).toMatch(/^Async\.willDecode\(\) returned a promise; it answers true or false at once$/);
  });
});

describe('a decoder that fails', () => {
  const ON_PURPOSE = new Error('on purpose');

  const failing = {
    text: (how: Failure, error: unknown) =>
      class Failing extends Decoder.Text(Person) {
        decode(text: string): Person | Promise<Person> {
          return text === 'bad' ? fail(how, error) : new Person(text);
        }
      },
    binary: (how: Failure, error: unknown) =>
      class Failing extends Decoder.Binary(Person) {
        decode(bytes: Buffer): Person | Promise<Person> {
          return bytes.toString() === 'bad' ? fail(how, error) : new Person(String(bytes));
        }
      },
    reader: (how: Failure, error: unknown) =>
      class Failing extends Decoder.TextStream(Person) {
        #bad = true;
        decode(reader: Reader): Promise<Person> {
          if (!this.#bad) return all(reader).then((text) => new Person(text));
          this.#bad = false;
          return fail(how, error);
        }
      },
    stream: (how: Failure, error: unknown) =>
      class Failing extends Decoder.BinaryStream(Person) {
        #bad = true;
        decode(stream: InputStream): Promise<Person> {
          if (!this.#bad) return all(stream).then((text) => new Person(text));
          this.#bad = false;
          return fail(how, error);
        }
      },
  };
  const CASES = (Object.keys(failing) as (keyof typeof failing)[]).flatMap((kind) => FAILURES.map((how) => [kind, how] as const));

  it.each(CASES)('[COD-8] [LIF-10] %s, which %s: a DecodeException with the cause; the next message is served', async (kind, how) => {
    const errors: DecodeException[] = [];
    const calls: string[] = [];
    const answer = (person: Person) => {
      calls.push(person.name);
      return person.name;
    };
    const isText = kind === 'text' || kind === 'reader';
    const config = taking(Person, 'parameter', { decoders: [failing[kind](how, ON_PURPOSE)], answer, errors });
    const peer = await (await start(config)).dial('/talk');
    for (const message of ['bad', 'good']) peer.send(isText ? message : Buffer.from(message));
    expect(await peer.next()).toBe('good');
    expect(calls).toEqual(['good']);
    expect(errors).toHaveLength(1);
    const [error] = errors;
    expect(error).toBeInstanceOf(DecodeException);
    expect(error).toMatchObject({ code: 'MARGAY_DECODE', message: 'Failing failed: on purpose' });
    expect(error?.cause).toBe(ON_PURPOSE);
    const data = kind === 'text' ? 'bad' : kind === 'binary' ? Buffer.from('bad') : isText ? '' : Buffer.alloc(0); // a stream is not kept
    expect([error?.getText(), error?.getBytes()]).toEqual(isText ? [data, null] : [null, data]);
  });

  it.each(FAILURES)('[COD-8] its own DecodeException arrives as it is (%s)', async (how) => {
    const own = new DecodeException('bad', 'I say so');
    const errors: unknown[] = [];
    const peer = await (await start(taking(Person, 'parameter', { decoders: [failing.text(how, own)], answer: name, errors }))).dial(
      '/talk',
    );
    peer.send('bad');
    peer.send('good');
    expect(await peer.next()).toBe('good');
    expect(errors).toHaveLength(1);
    expect(errors[0]).toBe(own);
  });

  it.each([['a string'], [null], [undefined]])('[LIF-10] what is no Error, such as %p, is the cause too', async (thrown) => {
    const errors: DecodeException[] = [];
    const decoders = [failing.text('throws', thrown)];
    const peer = await (await start(taking(Person, 'parameter', { decoders, errors }))).dial('/talk');
    peer.send('bad');
    await eventually(() => expect(errors).toHaveLength(1));
    expect(errors[0]).toBeInstanceOf(DecodeException);
    expect(errors[0]?.cause).toBe(thrown);
  });

  it('[COD-8] a willDecode that throws is one, and the decoders behind it are not asked', async () => {
    class Angry extends TextPerson {
      override willDecode(): boolean {
        throw ON_PURPOSE;
      }
    }
    const asked: Asked = [];
    const errors: Error[] = [];
    const peer = await (await start(taking(Person, 'added', { decoders: [Angry, willing('a', asked)], errors }))).dial('/talk');
    peer.send('a');
    await eventually(() => expect(errors).toHaveLength(1));
    expect(errors[0]).toMatchObject({ name: 'DecodeException', message: 'Angry failed: on purpose' });
    expect(asked).toEqual([]);
  });

  it('[ANN-18] [COD-8] a message cut off under a stream decoder: the EOFException is the cause', async () => {
    const errors: Error[] = [];
    const begun = gate();
    class Reading extends Decoder.TextStream(Person) {
      async decode(reader: Reader) {
        begun.open();
        return new Person(await all(reader));
      }
    }
    const config = taking(Person, 'parameter', { decoders: [Reading], errors });
    const server = await start(config);
    const client = await RawPeer.open({ port: server.port }, '/talk');
    client.send({ opcode: OPCODES.text, fin: false, payload: 'a' });
    await begun.promise;
    client.socket.end();
    await eventually(() => expect(errors).toHaveLength(1));
    expect(errors[0]).toBeInstanceOf(DecodeException);
    expect(errors[0]?.cause).toBeInstanceOf(EOFException);
  });
});

describe('null', () => {
  class Nothing extends Decoder.Text(Person) {
    decode(): Person | null {
      return null;
    }
  }
  class NothingYet extends Decoder.Text(Person) {
    decode() {
      return later(null);
    }
  }

  it.each(WAYS.flatMap((way) => [[way, Nothing] as const, [way, NothingYet] as const]))(
    '[COD-9] goes to the handler: by %s, %p',
    async (way, decoder) => {
      const errors: unknown[] = [];
      const config = taking(Person, way, { decoders: [decoder], answer: (message) => String(message), errors });
      const peer = await (await start(config)).dial('/talk');
      peer.send('a');
      expect(await peer.next()).toBe('null');
      expect(errors).toEqual([]);
    },
  );
});

describe('decoders that take their time', () => {
  it.each(WAYS)('[LIF-6] [D-25] messages keep their order, and one is decoded at a time: by %s', async (way) => {
    const log: string[] = [];
    class Slow extends Decoder.Text(Person) {
      async decode(text: string) {
        log.push(`decode ${text}`);
        for (let turns = Number(text); turns > 0; turns--) await later(null);
        return new Person(text);
      }
    }
    const answer = async (person: Person) => {
      log.push(`handle ${person.name}`);
      await later(null);
      log.push(`handled ${person.name}`);
      return person.name;
    };
    const peer = await (await start(taking(Person, way, { decoders: [Slow], answer }))).dial('/talk');
    for (const message of ['9', '0', '3']) peer.send(message);
    expect(await peer.take(3)).toEqual(['9', '0', '3']);
    expect(log).toEqual(['9', '0', '3'].flatMap((text) => [`decode ${text}`, `handle ${text}`, `handled ${text}`]));
  });

  it('[LIF-14] a message that is still being decoded when the application closes is not delivered', async () => {
    const decoding = gate();
    const go = gate();
    const calls: string[] = [];
    class Slow extends Decoder.Text(Person) {
      async decode(text: string) {
        decoding.open();
        await go.promise;
        return new Person(text);
      }
    }
    const config = taking(Person, 'parameter', { decoders: [Slow], answer: ({ name }) => void calls.push(name) });
    const { dial, container } = await start(config, { shutdownTimeout: 5000 });
    const peer = await dial('/talk');
    peer.send('a');
    await decoding.promise;
    const closing = container.close();
    await peer.closed;
    go.open();
    await closing;
    expect(calls).toEqual([]);
  });

  it('[LIF-14] one whose peer closes meanwhile is', async () => {
    const decoding = gate();
    const go = gate();
    const calls: string[] = [];
    class Slow extends Decoder.Text(Person) {
      async decode(text: string) {
        decoding.open();
        await go.promise;
        return new Person(text);
      }
    }
    const config = taking(Person, 'parameter', { decoders: [Slow], answer: ({ name }) => void calls.push(name) });
    const peer = await (await start(config)).dial('/talk');
    peer.send('a');
    await decoding.promise;
    peer.socket.close(1000);
    await new Promise((resolve) => setTimeout(resolve, 50));
    go.open();
    await peer.closed;
    expect(calls).toEqual(['a']);
  });
});
