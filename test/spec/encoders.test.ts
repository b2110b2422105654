/** Encoders: which takes an object, by whichever way it is sent, and what becomes of its failures. */
import { describe, expect, it } from '@jest/globals';
import {
  Byte,
  Char,
  type Class,
  Double,
  EncodeException,
  Encoder,
  Float,
  Int,
  IOException,
  Long,
  OnError,
  OnMessage,
  type OutputStream,
  ServerEndpoint,
  Short,
  type TypeToken,
  type Writer,
} from 'margay';
import { eventually } from '../support/eventually.js';
import { WAYS as FAILURES, fail } from '../support/failing.js';
import { liveSession } from '../support/live-session.js';
import { Child, later, Person, PersonBinary, PersonStream, PersonText, PersonWriter } from '../support/people.js';
import { start } from '../support/start.js';

class LateText extends Encoder.Text(Person) {
  encode(person: Person) {
    return later(`text ${person.name}`);
  }
}

class LateBinary extends Encoder.Binary(Person) {
  encode(person: Person) {
    return later(Buffer.from(`binary ${person.name}`));
  }
}

class LateWriter extends Encoder.TextStream(Person) {
  async encode(person: Person, writer: Writer) {
    writer.write('writer ');
    await later(null);
    writer.end(person.name);
  }
}

class LateStream extends Encoder.BinaryStream(Person) {
  async encode(person: Person, stream: OutputStream) {
    await later(null);
    stream.write(Buffer.from(`stream ${person.name}`));
  }
}

/** An endpoint that returns what is named, and tells its errors. */
function returning(values: Record<string, unknown>, encoders: readonly (new () => Encoder)[], errors: unknown[] = []): Class {
  @ServerEndpoint({ value: '/talk', encoders })
  class Talk {
    @OnMessage text(message: string) {
      return message in values ? values[message] : message;
    }

    @OnError fail(error: Error) {
      errors.push(error);
    }
  }
  return Talk;
}

/** What comes of returning the value. */
async function returned(value: unknown, encoders: readonly (new () => Encoder)[]): Promise<string | Buffer> {
  const peer = await (await start(returning({ value }, encoders))).dial('/talk');
  peer.send('value');
  return peer.next();
}

/** An encoder for a type, which says that it was asked. */
const encoderOf = (type: TypeToken, word = 'encoded') =>
  class Typed extends Encoder.Text(type as Class) {
    encode(value: unknown) {
      return `${word} ${String(value)}`;
    }
  };

const KINDS: [string, new () => Encoder, string | Buffer][] = [
  ['Text', PersonText, 'text anna'],
  ['Text, async', LateText, 'text anna'],
  ['Binary', PersonBinary, Buffer.from('binary anna')],
  ['Binary, async', LateBinary, Buffer.from('binary anna')],
  ['TextStream', PersonWriter, 'writer anna'],
  ['TextStream, async', LateWriter, 'writer anna'],
  ['BinaryStream', PersonStream, Buffer.from('stream anna')],
  ['BinaryStream, async', LateStream, Buffer.from('stream anna')],
];

describe('the four kinds', () => {
  it.each(KINDS)('[COD-1] [ANN-13] %s: of what a handler returns', async (_, encoder, message) => {
    const peer = await (await start(returning({ anna: new Person('anna') }, [encoder]))).dial('/talk');
    for (const each of ['anna', 'between', 'anna']) peer.send(each);
    expect(await peer.take(3)).toEqual([message, 'between', message]);
  });

  it.each(KINDS)('[COD-1] [REM-16] %s: by sendObject of both remotes', async (_, encoder, message) => {
    const { client, basic, async } = await liveSession({}, { encoders: [encoder] });
    const anna = new Person('anna');
    await Promise.all([basic.sendObject(anna), async.sendObject(anna)]);
    await eventually(() => expect(client.frames.filter(({ fin }) => fin)).toHaveLength(2));
    const text = client.frames.map(({ payload }) => payload.toString()).join('');
    expect(text).toBe(String(message).repeat(2));
  });
});

describe('which encoder', () => {
  const named = (word: string) => encoderOf(Person, word);
  const ofChild = encoderOf(Child, 'child');
  const person = Object.assign(new Person('anna'), { toString: () => 'anna' });
  const child = Object.assign(new Child('ben'), { toString: () => 'ben' });

  it.each<[string, unknown, readonly (new () => Encoder)[], string]>([
    ['the first of several', person, [named('first'), named('second')], 'first anna'],
    ['one of a superclass takes a subclass', child, [named('person')], 'person ben'],
    ['the order of the list counts, not how close it is', child, [named('person'), ofChild], 'person ben'],
    ['one of a subclass comes first where it is listed first', child, [ofChild, named('person')], 'child ben'],
    ['one of a subclass does not take a superclass', person, [ofChild, named('person')], 'person anna'],
    ['Object takes every object', person, [encoderOf(Object, 'object')], 'object anna'],
    ['a list is an Array', [1, 2], [encoderOf(Array, 'list')], 'list 1,2'],
    ['a Date is a Date', new Date(0), [encoderOf(Date, 'date')], `date ${String(new Date(0))}`],
    ['a Map is not a Set', new Map(), [encoderOf(Set, 'set'), encoderOf(Map, 'map')], 'map [object Map]'],
  ])('[COD-5] %s', async (_, value, encoders, message) => {
    expect(await returned(value, encoders)).toBe(message);
  });

  const ALL = [Byte, Short, Int, Long, Char, Float, Double].map((token) => encoderOf(token as TypeToken, String(token)));

  it.each<[unknown, string]>([
    [127, 'Byte 127'],
    [-128, 'Byte -128'],
    [128, 'Short 128'],
    [-32768, 'Short -32768'],
    [32768, 'Int 32768'],
    [2147483647, 'Int 2147483647'],
    [2147483648, 'Float 2147483648'],
    [1.5, 'Float 1.5'],
    [Number.NaN, 'Float NaN'],
    [1n, 'Long 1'],
    [2n ** 63n - 1n, 'Long 9223372036854775807'],
    [2n ** 63n, '9223372036854775808'],
    [true, 'true'],
  ])('[COD-5] the kinds take what is in their range: %p', async (value, message) => {
    expect(await returned(value, ALL)).toBe(message);
  });

  it.each<[string, TypeToken, unknown, string | Buffer]>([
    ['Number', Number, 1.5, 'encoded 1.5'],
    ['Boolean', Boolean, false, 'encoded false'],
    ['BigInt', BigInt, 2n ** 64n, 'encoded 18446744073709551616'],
    ['Double', Double, 7, 'encoded 7'],
    ['no String: text is text', String, 'a', 'a'],
    ['no Char: text is text', Char, 'a', 'a'],
    ['no Buffer: bytes are bytes', Buffer, Buffer.from('a'), Buffer.from('a')],
  ])('[ANN-13] of a plain value that a handler returns the encoder wins: %s', async (_, token, value, message) => {
    expect(await returned(value, [encoderOf(token)])).toEqual(message);
  });

  it.each<[string, TypeToken, unknown]>([
    ['String', String, 'ab'],
    ['Char', Char, 'a'],
    ['Buffer', Buffer, Buffer.from('a')],
    ['Uint8Array', Uint8Array, Buffer.from('a')],
    ['Number', Number, 1],
    ['Boolean', Boolean, true],
  ])('[REM-16] of a plain value given to sendObject an encoder comes before all: %s', async (_, token, value) => {
    const { client, basic } = await liveSession({}, { encoders: [encoderOf(token)] });
    await basic.sendObject(value);
    await eventually(() => expect(client.frames.map(({ payload }) => payload.toString())).toEqual([`encoded ${String(value)}`]));
  });

  it('[D-19] [REM-16] what has no encoder: text, bytes and plain values go as they are, an object does not', async () => {
    const { client, basic } = await liveSession({}, { encoders: [ofChild] });
    for (const value of ['a', Buffer.from('b'), new Uint8Array([99]), 1, true, 2n]) await basic.sendObject(value);
    await eventually(() => expect(client.frames.map(({ payload }) => payload.toString())).toEqual(['a', 'b', 'c', '1', 'true', '2']));
    await expect(basic.sendObject(person)).rejects.toMatchObject({
      name: 'EncodeException',
      code: 'MARGAY_NO_ENCODER',
      message: 'sendObject(data): no encoder for Person; add one to encoders, or give text (JSON.stringify), bytes or a plain value',
    });
  });

  it('[COD-4] an encoder inherits its type, kind and encode()', async () => {
    class Loud extends PersonText {
      override encode(each: Person) {
        return super.encode(each).toUpperCase();
      }
    }
    class Sub extends Loud {}
    expect(await returned(new Person('anna'), [Sub])).toBe('TEXT ANNA');
  });
});

describe('an encoder that fails', () => {
  const ON_PURPOSE = new Error('on purpose');
  const OWN = new EncodeException({}, 'I say so');
  const IO = new IOException('no room');

  const kinds = {
    Text: (run: () => any) =>
      class Failing extends Encoder.Text(Person) {
        encode(): Promise<string> {
          return run();
        }
      },
    Binary: (run: () => any) =>
      class Failing extends Encoder.Binary(Person) {
        encode(): Promise<Buffer> {
          return run();
        }
      },
    TextStream: (run: () => any) =>
      class Failing extends Encoder.TextStream(Person) {
        encode(): Promise<void> {
          return run();
        }
      },
    BinaryStream: (run: () => any) =>
      class Failing extends Encoder.BinaryStream(Person) {
        encode(): Promise<void> {
          return run();
        }
      },
  };
  const CASES = (Object.keys(kinds) as (keyof typeof kinds)[]).flatMap((kind) => FAILURES.map((how) => [kind, how] as const));

  it.each(CASES)(
    '[COD-8] [ANN-14] [LIF-10] %s, which %s: of a return value @OnError hears it, and the session goes on',
    async (kind, how) => {
      const anna = new Person('anna');
      for (const [thrown, isItself] of [
        [ON_PURPOSE, false],
        [OWN, true],
        [IO, kind.endsWith('Stream')],
      ] as const) {
        const errors: EncodeException[] = [];
        const encoder = kinds[kind](() => fail(how, thrown));
        const peer = await (await start(returning({ anna }, [encoder], errors))).dial('/talk');
        peer.send('anna');
        peer.send('end');
        expect(await peer.next()).toBe('end');
        expect(errors).toHaveLength(1);
        if (isItself) expect(errors[0]).toBe(thrown);
        else {
          expect(errors[0]).toBeInstanceOf(EncodeException);
          expect(errors[0]).toMatchObject({ code: 'MARGAY_ENCODE', cause: thrown, message: `Failing: ${thrown.message}` });
          expect(errors[0]?.getObject()).toBe(anna);
        }
      }
    },
  );

  it.each(CASES)('[COD-8] [REM-16] %s, which %s: sendObject rejects, or the result says so', async (kind, how) => {
    const { basic, async, heard } = await liveSession({}, { encoders: [kinds[kind](() => fail(how, ON_PURPOSE))] });
    const expected = { name: 'EncodeException', code: 'MARGAY_ENCODE', cause: ON_PURPOSE };
    await expect(basic.sendObject(new Person('anna'))).rejects.toMatchObject(expected);
    await expect(async.sendObject(new Person('anna'))).rejects.toMatchObject(expected);
    const result = await new Promise<Error | null>((resolve) =>
      async.sendObject(new Person('anna'), (outcome) => resolve(outcome.getException())),
    );
    expect(result).toMatchObject(expected);
    expect(heard).toEqual([]); // who sent it knows
  });

  it.each<[keyof typeof kinds, unknown, RegExp]>([
    ['Text', undefined, /^Failing: encode\(\) returned undefined and not text$/],
    ['Text', Buffer.from('a'), /^Failing: encode\(\) returned .* and not text$/],
    ['Text', 'a\ud800', /^Failing: .*unpaired surrogate at index 1/],
    ['Binary', 'a', /^Failing: encode\(\) returned .* and not bytes$/],
    ['Binary', null, /^Failing: encode\(\) returned null and not bytes$/],
  ])('[COD-1] %s that returns %p is an EncodeException that says so', async (kind, value, words) => {
    const errors: Error[] = [];
    const encoders = [kinds[kind](() => value)];
    const peer = await (await start(returning({ anna: new Person('anna') }, encoders, errors))).dial('/talk');
    peer.send('anna');
    peer.send('end');
    expect(await peer.next()).toBe('end');
    expect(errors.map(({ message }) => message)).toEqual([expect.stringMatching(words)]);
  });
});

describe('encoders that take their time', () => {
  it('[REM-15] [COD-2] what is sent meanwhile keeps its place, and an encoder is asked one at a time', async () => {
    let running = 0;
    let most = 0;
    class Slow extends Encoder.Text(Person) {
      async encode({ name }: Person) {
        most = Math.max(most, ++running);
        for (let turns = Number(name); turns > 0; turns--) await later(null);
        running--;
        return `person ${name}`;
      }
    }
    const { client, basic } = await liveSession({}, { encoders: [Slow] });
    await Promise.all([
      basic.sendObject(new Person('9')),
      basic.sendText('text'),
      basic.sendObject(new Person('0')),
      basic.sendText('end'),
    ]);
    await eventually(() => expect(client.frames).toHaveLength(4));
    expect(client.frames.map(({ payload }) => payload.toString())).toEqual(['person 9', 'text', 'person 0', 'end']);
    expect(most).toBe(1);
  });
});
