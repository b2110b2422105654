/** A class of the application's, and a coder of each kind for it. */
import { Decoder, Encoder, type InputStream, type OutputStream, type Reader, type Writer } from 'margay';

export class Person {
  constructor(readonly name: string) {}
}

export class Child extends Person {}

export class TextPerson extends Decoder.Text(Person) {
  decode(text: string): Person {
    return new Person(`text ${text}`);
  }
}

export class BinaryPerson extends Decoder.Binary(Person) {
  decode(bytes: Buffer): Person {
    return new Person(`binary ${bytes}`);
  }
}

export class ReaderPerson extends Decoder.TextStream(Person) {
  async decode(reader: Reader): Promise<Person> {
    return new Person(`reader ${await all(reader)}`);
  }
}

export class StreamPerson extends Decoder.BinaryStream(Person) {
  async decode(stream: InputStream): Promise<Person> {
    return new Person(`stream ${await all(stream)}`);
  }
}

export class PersonText extends Encoder.Text(Person) {
  encode(person: Person): string {
    return `text ${person.name}`;
  }
}

export class PersonBinary extends Encoder.Binary(Person) {
  encode(person: Person): Uint8Array {
    return new TextEncoder().encode(`binary ${person.name}`);
  }
}

export class PersonWriter extends Encoder.TextStream(Person) {
  encode(person: Person, writer: Writer): void {
    writer.write('writer ');
    writer.write(person.name);
  }
}

export class PersonStream extends Encoder.BinaryStream(Person) {
  encode(person: Person, stream: OutputStream): void {
    stream.write(Buffer.from('stream '));
    stream.write(Buffer.from(person.name));
  }
}

/** Everything a stream has, as text. */
export async function all(stream: Reader | InputStream): Promise<string> {
  let text = '';
  for await (const piece of stream) text += String(piece);
  return text;
}

/** Comes to it in a later turn of the event loop. */
export const later = <T>(value: T): Promise<T> => new Promise((resolve) => setImmediate(resolve, value));
