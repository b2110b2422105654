/** Coders, and the bindings of what they make: what compiles, and what the compiler refuses. */
import {
  Char,
  Decoder,
  decoded,
  Encoder,
  type EndpointConfig,
  type InputStream,
  Int,
  inputStream,
  Long,
  last,
  OnMessage,
  type OutputStream,
  Reader,
  reader,
  ServerEndpoint,
  ServerEndpointConfig,
  type Session,
  session,
  type Writer,
} from 'margay';

class Person {
  constructor(readonly name: string) {}
}

class Child extends Person {
  readonly toys: string[] = [];
}

class Dog {
  bark() {}
}

class ReadsText extends Decoder.Text(Person) {
  override init(config: EndpointConfig) {
    config.getUserProperties();
  }
  override willDecode(text: string) {
    return text !== '';
  }
  decode(text: string) {
    return new Person(text);
  }
  override async destroy() {}
}

class ReadsBytes extends Decoder.Binary(Person) {
  async decode(bytes: Buffer) {
    return bytes.length === 0 ? null : new Child(String(bytes));
  }
}

class ReadsReader extends Decoder.TextStream(Person) {
  async decode(from: Reader) {
    let text = '';
    for await (const piece of from) text += piece.toUpperCase();
    return new Person(text);
  }
}

class ReadsStream extends Decoder.BinaryStream(Int) {
  async decode(from: InputStream) {
    let size = 0;
    for await (const piece of from) size += piece.byteLength;
    return size;
  }
}

class WritesText extends Encoder.Text(Person) {
  encode(person: Person) {
    return person.name;
  }
}

class WritesBytes extends Encoder.Binary(Person) {
  encode = async (person: Person) => new TextEncoder().encode(person.name).buffer as ArrayBuffer;
}

class WritesWriter extends Encoder.TextStream(Long) {
  encode(value: bigint, writer: Writer) {
    writer.write(String(value));
  }
}

class WritesStream extends Encoder.BinaryStream(Person) {
  async encode(person: Person, stream: OutputStream) {
    stream.write(Buffer.from(person.name));
    await stream.flush();
  }
}

export const asTypes: [Decoder.Text<Person>, Decoder, Encoder.Binary<Person>, Encoder] = [
  new ReadsText(),
  new ReadsStream(),
  new WritesBytes(),
  new WritesWriter(),
];

@ServerEndpoint({
  value: '/all',
  encoders: [WritesText, WritesBytes, WritesWriter, WritesStream],
  decoders: [ReadsText, ReadsBytes, ReadsReader, ReadsStream],
})
export class Bound {
  @OnMessage(decoded(Person)) person(_person: Person) {}
  @OnMessage(decoded(Child)) wider(_person: Person) {}
  @OnMessage(decoded(Person)) nothing(_person: Person | null) {}
  @OnMessage(session, decoded(Person)) second(_session: Session, _person: Person) {}
  @OnMessage({ maxMessageSize: 1 }, decoded(Int)) number(_value: number) {}
  @OnMessage(decoded(Char)) char(_value: string) {}
  @OnMessage(reader) reader(_reader: Reader) {}
  @OnMessage(inputStream, session) stream(_stream: InputStream, _session: Session) {}
  @OnMessage bare(_person: Person) {}
}

export class Refused {
  // @ts-expect-error a dog is no person
  @OnMessage(decoded(Person)) dog(_dog: Dog) {}

  // @ts-expect-error nor is every person a child
  @OnMessage(decoded(Person)) narrower(_child: Child) {}

  // @ts-expect-error Int is a number
  @OnMessage(decoded(Int)) text(_value: string) {}

  // @ts-expect-error Long is a bigint
  @OnMessage(decoded(Long)) long(_value: number) {}

  // @ts-expect-error the order is that of the bindings
  @OnMessage(session, decoded(Person)) swapped(_person: Person, _session: Session) {}

  // @ts-expect-error a Reader reads text
  @OnMessage(reader) bytes(_stream: InputStream) {}

  // @ts-expect-error an InputStream reads bytes
  @OnMessage(inputStream) characters(_reader: Reader) {}

  // @ts-expect-error nor is it the bytes themselves
  @OnMessage(inputStream) whole(_bytes: Buffer) {}

  // @ts-expect-error a name is no class
  @OnMessage(decoded('Person')) named(_person: Person) {}

  // @ts-expect-error a class is no binding
  @OnMessage(Person) unbound(_person: Person) {}

  // @ts-expect-error decoded what?
  @OnMessage(decoded()) what(_person: Person) {}

  @OnMessage(decoded(Person), last) partial(_person: Person, _last: boolean) {} // refused when it is deployed
}

// @ts-expect-error it does not decode
export class Silent extends Decoder.Text(Person) {}
// @ts-expect-error nor this one encode
export class Mute extends Encoder.BinaryStream(Person) {}

export class WrongResult extends Decoder.Text(Person) {
  // @ts-expect-error a dog is no person
  decode() {
    return new Dog();
  }
}
export class WrongSource extends Decoder.Text(Person) {
  // @ts-expect-error text is a string
  decode(bytes: Buffer) {
    return new Person(String(bytes));
  }
}
export class AsyncWillDecode extends ReadsText {
  // @ts-expect-error it answers at once
  override async willDecode() {
    return true;
  }
}
export class NoText extends Encoder.Text(Person) {
  // @ts-expect-error a text is a string
  encode(person: Person) {
    return Buffer.from(person.name);
  }
}
export class NoBytes extends Encoder.Binary(Person) {
  // @ts-expect-error nor are bytes
  encode(person: Person) {
    return person.name;
  }
}
export class WrongObject extends Encoder.Text(Person) {
  // @ts-expect-error a dog is no person
  encode(_dog: Dog) {
    return '';
  }
}

export class WrongStream extends Encoder.TextStream(Person) {
  // @ts-expect-error text is written to a Writer
  encode(_person: Person, _stream: OutputStream) {}
}

class Needy extends ReadsText {
  constructor(readonly locale: string) {
    super();
  }
}

// @ts-expect-error an encoder is no decoder
@ServerEndpoint({ value: '/x', decoders: [WritesText] })
export class EncoderAsDecoder {}
// @ts-expect-error nor the other way
@ServerEndpoint({ value: '/x', encoders: [ReadsStream] })
export class DecoderAsEncoder {}
// @ts-expect-error classes, not objects
@ServerEndpoint({ value: '/x', decoders: [new ReadsText()] })
export class Objects {}
// @ts-expect-error a list
@ServerEndpoint({ value: '/x', decoders: ReadsText })
export class NoList {}
// @ts-expect-error made without arguments
@ServerEndpoint({ value: '/x', decoders: [Needy] })
export class Arguments {}
// @ts-expect-error a class that is no coder
@ServerEndpoint({ value: '/x', decoders: [Dog] })
export class NoCoder {}
// @ts-expect-error the base itself is abstract
@ServerEndpoint({ value: '/x', decoders: [Decoder.Text(Person)] })
export class Base {}

const builder = ServerEndpointConfig.Builder.create(Bound, '/x');
export const config: ServerEndpointConfig = builder.encoders([WritesText]).decoders([ReadsText, ReadsBytes]).decoders(null).build();
// @ts-expect-error an encoder is no decoder here either
builder.decoders([WritesText]);
// @ts-expect-error nor the other way
builder.encoders([ReadsText]);
// @ts-expect-error a list
builder.encoders(WritesText);
// @ts-expect-error configurations are built, not made
export const made = new ServerEndpointConfig.Builder(Bound, '/x');
