/** Objects through encoders: sendObject, and what handlers return. [REM-16, COD-1, COD-5, COD-8, ANN-13, ANN-14] */
import { describe, expect, it } from '@jest/globals';
import {
  EncodeException,
  Encoder,
  IllegalArgumentException,
  IOException,
  OnMessage,
  OnOpen,
  type OutputStream,
  SendResult,
  ServerEndpoint,
  Session,
  type Writer,
} from 'margay';
import { watch } from '../support/deaf-peer.js';
import { eventually, sleep } from '../support/eventually.js';
import { OPCODES } from '../support/frames.js';
import { arrives, liveSession, messages } from '../support/live-session.js';
import { start } from '../support/start.js';

class Person {
  constructor(readonly name: string) {}
}
class Child extends Person {}
class Data {
  constructor(readonly bytes: Uint8Array) {}
}

class PersonText extends Encoder.Text(Person) {
  encode(person: Person): string {
    return `person ${person.name}`;
  }
}
class ChildText extends Encoder.Text(Child) {
  encode(child: Child): string {
    return `child ${child.name}`;
  }
}
class PersonLater extends Encoder.Text(Person) {
  async encode(person: Person): Promise<string> {
    await sleep(5);
    return `later ${person.name}`;
  }
}
class DataBinary extends Encoder.Binary(Data) {
  encode(data: Data): Uint8Array {
    return data.bytes;
  }
}
class DataLater extends Encoder.Binary(Data) {
  async encode(data: Data): Promise<ArrayBuffer> {
    await sleep(5);
    return new Uint8Array(data.bytes).buffer;
  }
}
class PersonStream extends Encoder.TextStream(Person) {
  encode(person: Person, writer: Writer): void {
    writer.write('streamed ');
    writer.write(person.name);
  }
}
class PersonStreamLater extends Encoder.TextStream(Person) {
  async encode(person: Person, writer: Writer): Promise<void> {
    writer.write('slowly ');
    await sleep(5);
    writer.end(person.name);
  }
}
class DataStream extends Encoder.BinaryStream(Data) {
  async encode(data: Data, stream: OutputStream): Promise<void> {
    for (const byte of data.bytes) {
      stream.write(Uint8Array.of(byte));
      await stream.flush();
    }
  }
}
class LoudText extends Encoder.Text(String) {
  encode(text: string): string {
    return text.toUpperCase();
  }
}
class NumberText extends Encoder.Text(Number) {
  encode(value: number): string {
    return `number ${value}`;
  }
}

/** What is sent, through the Basic view, the Async view and as a handler's return value; each once. */
async function sentEach(value: unknown, encoders: readonly (new () => Encoder)[]) {
  const live = await liveSession({}, { encoders, reply: () => value });
  await live.basic.sendObject(value);
  await live.async.sendObject(value);
  live.client.send({ opcode: OPCODES.text, payload: 'x' });
  return live;
}

const byte = (n: number) => String.fromCharCode(n);

describe('an encoder', () => {
  it.each<[string, unknown, (new () => Encoder)[], string, 'text' | 'binary']>([
    ['Text', new Person('a'), [PersonText], 'person a', 'text'],
    ['Text, async', new Person('a'), [PersonLater], 'later a', 'text'],
    ['Binary', new Data(Uint8Array.of(1, 2)), [DataBinary], byte(1) + byte(2), 'binary'],
    ['Binary, async', new Data(Uint8Array.of(1, 2)), [DataLater], byte(1) + byte(2), 'binary'],
    ['TextStream, ended for it', new Person('a'), [PersonStream], 'streamed a', 'text'],
    ['TextStream, async', new Person('a'), [PersonStreamLater], 'slowly a', 'text'],
    ['of a class: subclasses too', new Child('a'), [DataBinary, PersonText], 'person a', 'text'],
    ['the first in the order of declaration', new Child('a'), [PersonText, ChildText], 'person a', 'text'],
    ['and not the nearest class', new Child('a'), [ChildText, PersonText], 'child a', 'text'],
    ['of a plain type goes before the default', 5, [NumberText], 'number 5', 'text'],
  ])('[REM-16, COD-1, COD-5, ANN-13] %s', async (_name, value, encoders, expected, opcode) => {
    const { client } = await sentEach(value, encoders);
    await arrives(client, Array(3).fill([opcode, true, expected]));
  });

  it('[REM-16, COD-1] BinaryStream: what it flushes leaves as it goes', async () => {
    const { client } = await sentEach(new Data(Uint8Array.of(1, 2)), [DataStream]);
    const message = [['binary', false, byte(1)], ['continuation', false, byte(2)], ['continuation', true, '']] as const; // biome-ignore format: one line
    await arrives(client, [...message, ...message, ...message]);
  });

  it('[REM-16, ANN-13] of strings serves sendObject; what a handler returns passes it by', async () => {
    const { client } = await sentEach('abc', [LoudText]);
    await eventually(() => expect(messages(client)).toEqual(['ABC', 'ABC', 'abc']));
  });

  it('[REM-16, ANN-13] so does that of bytes', async () => {
    class HexText extends Encoder.Text(Buffer) {
      encode(bytes: Buffer): string {
        return bytes.toString('hex');
      }
    }
    const { client } = await sentEach(Buffer.from('a'), [HexText]);
    await arrives(client, [['text', true, '61'], ['text', true, '61'], ['binary', true, 'a']]); // biome-ignore format: one line
  });

  it.each<[string, unknown, string]>([
    ['text', 'abc', 'abc'],
    ['bytes', Buffer.from('ab'), 'ab'],
    ['an ArrayBuffer', new TextEncoder().encode('ab').buffer, 'ab'],
    ['a number', 1.5, '1.5'],
    ['a boolean', false, 'false'],
    ['a bigint', 12n, '12'],
    ['a boxed number', Object(7), '7'],
  ])('[REM-16, D-04] without one %s is sent as it is', async (_name, value, expected) => {
    const { client } = await sentEach(value, [PersonText]);
    const opcode = typeof value === 'object' && !(value instanceof Number) ? 'binary' : 'text';
    await arrives(client, Array(3).fill([opcode, true, expected]));
  });

  it('[REM-16, ANN-13] listed in @ServerEndpoint, one instance serves a connection: sends, async sends and return values', async () => {
    let made = 0;
    class Counted extends Encoder.Text(Person) {
      readonly own = ++made;
      #calls = 0;
      encode(person: Person): string {
        return `${person.name} ${this.own}.${++this.#calls}`;
      }
    }
    @ServerEndpoint({ value: '/people', encoders: [DataBinary, Counted] })
    class People {
      @OnOpen async open(session: Session): Promise<void> {
        await session.getBasicRemote().sendObject(new Person('basic'));
        await session.getAsyncRemote().sendObject(new Person('async'));
      }

      @OnMessage text(name: string): Person {
        return new Person(name);
      }
    }
    const { dial } = await start(People);
    made = 0;
    for (const own of [1, 2]) {
      const peer = await dial('/people');
      peer.send('reply');
      expect(await peer.take(3)).toEqual([`basic ${own}.1`, `async ${own}.2`, `reply ${own}.3`]);
    }
  });

  it('[REM-16, D-19] sendText and sendBinary know no encoder', async () => {
    const { client, basic } = await liveSession({}, { encoders: [LoudText] });
    await basic.sendText('abc');
    await eventually(() => expect(messages(client)).toEqual(['abc']));
  });
});

describe('failures', () => {
  const mine = new Error('mine');
  const own = new EncodeException(new Person('a'), 'my own');
  const failing = (error: unknown, encode: (error: unknown) => unknown) =>
    class Failing extends Encoder.Text(Person) {
      encode(): string {
        return encode(error) as string;
      }
    };
  const throwing = (error: unknown) => {
    throw error;
  };
  const wrapped = { name: 'EncodeException', code: 'MARGAY_ENCODE', cause: mine, message: 'Failing: mine' };

  it.each<[string, new () => Encoder, object]>([
    ['throws', failing(mine, throwing), wrapped],
    ['rejects', failing(mine, (error) => Promise.reject(error)), wrapped],
    ['throws what is no Error', failing('text', throwing), { name: 'EncodeException', cause: 'text' }],
    ['throws an IOException', failing(new IOException('io'), throwing), { name: 'EncodeException', cause: { name: 'IOException' } }],
    ['throws an EncodeException of its own', failing(own, throwing), own],
    ['rejects with one', failing(own, (error) => Promise.reject(error)), own],
    ['returns a number', failing(5, (error) => error), { name: 'EncodeException', code: 'MARGAY_ENCODE' }],
    ['returns nothing', failing(null, (error) => error), { name: 'EncodeException', message: expect.stringContaining('null') }],
    ['comes to bytes', failing(Buffer.alloc(1), async (error) => error), { name: 'EncodeException', code: 'MARGAY_ENCODE' }],
    ['returns half a pair', failing('a\ud800', (text) => text), { name: 'EncodeException', cause: { code: 'MARGAY_SURROGATE' } }],
  ])(
    '[COD-8, REM-16, ANN-14] an encoder that %s: told by promise, result and @OnError; nothing is sent, the session goes on',
    async (_name, encoder, expected) => {
      const person = new Person('a');
      const { client, basic, async, heard, session } = await liveSession(
        {},
        { encoders: [encoder], reply: (text) => (text === 'end' ? 'end' : person) },
      );
      const results: SendResult[] = [];
      const error = await basic.sendObject(person).catch((each: unknown) => each);
      async.sendObject(person, (result) => void results.push(result));
      await expect(async.sendObject(person)).rejects.toMatchObject(expected);
      client.send({ opcode: OPCODES.text, payload: 'x' }, { opcode: OPCODES.text, payload: 'end' });
      await eventually(() => expect(messages(client)).toEqual(['end']));
      expect(heard).toHaveLength(1);
      for (const each of [error, results[0]?.getException(), heard[0]]) {
        expect(each).toBeInstanceOf(EncodeException);
        expect(each).toMatchObject(expected);
        if (expected !== own) expect((each as EncodeException).getObject()).toBe(person);
      }
      expect(session.isOpen()).toBe(true);
    },
  );

  it('[REM-16, REM-11, ANN-14] no encoder: EncodeException by promise, result and @OnError, never thrown at the call', async () => {
    class Unknown {}
    const { client, basic, async, heard } = await liveSession({}, { encoders: [PersonText], reply: () => new Unknown() });
    const expected = { name: 'EncodeException', code: 'MARGAY_NO_ENCODER', message: expect.stringContaining('Unknown') };
    const results: SendResult[] = [];
    await expect(basic.sendObject(new Unknown())).rejects.toMatchObject(expected);
    await expect(basic.sendObject(Symbol('x'))).rejects.toMatchObject({ code: 'MARGAY_NO_ENCODER' });
    async.sendObject(new Unknown(), (result) => void results.push(result));
    client.send({ opcode: OPCODES.text, payload: 'x' });
    await eventually(() => expect([results[0]?.getException(), heard[0]]).toEqual([expect.objectContaining(expected), expect.objectContaining(expected)])); // biome-ignore format: one line
    void basic.sendObject(new Unknown()); // dropped [REM-17]
    await basic.sendText('end');
    await eventually(() => expect(messages(client)).toEqual(['end']));
  });

  it.each([null, undefined])('[REM-4, REM-16] sendObject(%j) is IllegalArgumentException, thrown at the call', async (nothing) => {
    const { basic, async } = await liveSession({}, { encoders: [PersonText] });
    for (const send of [() => basic.sendObject(nothing), () => async.sendObject(nothing), () => async.sendObject(nothing, () => {})]) {
      expect(send).toThrow(IllegalArgumentException);
    }
    expect(() => async.sendObject(new Person('a'), null as never)).toThrow(IllegalArgumentException);
    expect(() => basic.sendObject('\ud800')).toThrow(expect.objectContaining({ code: 'MARGAY_SURROGATE' }));
  });

  it('[REM-3] after close it rejects with IOException, and the encoder is not asked', async () => {
    let asked = 0;
    class Counting extends Encoder.Text(Person) {
      encode(): string {
        asked++;
        return '';
      }
    }
    const { session, basic, async } = await liveSession({}, { encoders: [Counting] });
    void session.close();
    for (const remote of [basic, async]) {
      await expect(remote.sendObject(new Person('a'))).rejects.toMatchObject({ name: 'IOException', code: 'MARGAY_SEND_CLOSED' });
      await expect(remote.sendObject(5)).rejects.toMatchObject({ code: 'MARGAY_SEND_CLOSED' });
    }
    expect(asked).toBe(0);
  });
});

describe('a stream encoder that fails', () => {
  const failing = (before: (writer: Writer) => unknown, error: Error) =>
    class Failing extends Encoder.TextStream(Person) {
      async encode(_person: Person, writer: Writer): Promise<void> {
        await before(writer);
        throw error;
      }
    };

  it.each<[string, (writer: Writer) => unknown]>([
    ['before it wrote', () => {}],
    ['before a fragment left', (writer) => writer.write('x'.repeat(8192))],
  ])('[REM-9, COD-8] %s sends nothing, and the session goes on', async (_name, before) => {
    const { client, basic, heard } = await liveSession({}, { encoders: [failing(before, new Error('mine'))] });
    const failed = watch(basic.sendObject(new Person('a')));
    await basic.sendText('next');
    expect(failed.error).toMatchObject({ name: 'EncodeException', code: 'MARGAY_ENCODE', message: 'Failing: mine' });
    await eventually(() => expect(messages(client)).toEqual(['next']));
    expect(heard).toEqual([]);
  });

  it('[REM-9, D-16] after that its message cannot be completed: the session ends with 1011', async () => {
    const { client, async, basic, heard } = await liveSession(
      {},
      { encoders: [failing((writer) => writer.write('x'.repeat(9000)), new Error('mine'))] },
    );
    await basic.sendText('before');
    const failed = watch(async.sendObject(new Person('a')));
    expect(await client.closeFrame()).toMatchObject({ code: 1011 });
    expect(failed.error).toMatchObject({ name: 'EncodeException' });
    expect(client.frames.map(({ fin }) => fin)).toEqual([true, false, true]);
    await eventually(() => expect(heard).toEqual([1006]));
  });

  it('[COD-8] with an IOException stays an IOException', async () => {
    const io = new IOException('mine');
    const { basic } = await liveSession({}, { encoders: [failing(() => {}, io)] });
    await expect(basic.sendObject(new Person('a'))).rejects.toBe(io);
  });

  it('[REM-6, REM-9] half a pair that it wrote is a failure, even if it never looks', async () => {
    class Half extends Encoder.TextStream(Person) {
      encode(_person: Person, writer: Writer): void {
        writer.write('a\ud800');
      }
    }
    const { client, basic } = await liveSession({}, { encoders: [Half] });
    await expect(basic.sendObject(new Person('a'))).rejects.toMatchObject({ name: 'EncodeException', cause: { code: 'MARGAY_SURROGATE' } });
    await basic.sendText('next');
    await eventually(() => expect(messages(client)).toEqual(['next']));
  });

  it('[REM-9] without a write there is no message, and the send succeeds', async () => {
    class Silent extends Encoder.BinaryStream(Person) {
      encode(): void {}
    }
    const { client, basic } = await liveSession({}, { encoders: [Silent] });
    await basic.sendObject(new Person('a'));
    await basic.sendText('next');
    await eventually(() => expect(messages(client)).toEqual(['next']));
  });

  it('[REM-9, REM-14] when the connection goes its writes fail, and so does the send', async () => {
    let written: unknown = 'nothing';
    class Endless extends Encoder.BinaryStream(Person) {
      async encode(_person: Person, stream: OutputStream): Promise<void> {
        const ended = new Promise<void>((resolve) => {
          stream.on('error', (error) => {
            written = error;
            resolve();
          });
        });
        stream.write(Buffer.alloc(32 * 2 ** 20));
        await ended;
      }
    }
    const { client, basic } = await liveSession({}, { encoders: [Endless] });
    client.stopReading();
    const sent = watch(basic.sendObject(new Person('a')));
    await sleep(30);
    expect(sent.state).toBe('pending');
    client.reset();
    await eventually(() => expect(sent.error).toMatchObject({ name: 'IOException', code: 'MARGAY_SEND_FAILED' }));
    await eventually(() => expect(written).toMatchObject({ name: 'IOException' }));
  });
});
