/** Standard decorators with coders: what compiles, and what the compiler refuses. */
import {
  Decoder,
  decoded,
  Encoder,
  type InputStream,
  Int,
  inputStream,
  OnMessage,
  type Reader,
  reader,
  ServerEndpoint,
  type Session,
  session,
} from 'margay';

class Person {
  constructor(readonly name: string) {}
}

class Dog {
  bark() {}
}

class Reads extends Decoder.Text(Person) {
  decode(text: string) {
    return new Person(text);
  }
}

class Writes extends Encoder.Text(Person) {
  encode({ name }: Person) {
    return name;
  }
}

@ServerEndpoint({ value: '/all', encoders: [Writes], decoders: [Reads] })
export class Bound {
  @OnMessage(decoded(Person)) person(person: Person) {
    return person;
  }
  @OnMessage(decoded(Person), session) nothing(_person: Person | null, _session: Session) {}
  @OnMessage({ maxMessageSize: 1 }, decoded(Int)) number(_value: number) {}
  @OnMessage(reader) async reader(from: Reader) {
    for await (const piece of from) piece.toUpperCase();
  }
  @OnMessage(inputStream) async stream(from: InputStream) {
    for await (const piece of from) piece.byteLength;
  }
}

export class Refused {
  // @ts-expect-error a dog is no person
  @OnMessage(decoded(Person)) dog(_dog: Dog) {}

  // @ts-expect-error Int is a number
  @OnMessage(decoded(Int)) text(_value: string) {}

  // @ts-expect-error the order is that of the bindings
  @OnMessage(decoded(Person), session) swapped(_session: Session, _person: Person) {}

  // @ts-expect-error a Reader reads text
  @OnMessage(reader) bytes(_stream: InputStream) {}

  // @ts-expect-error an InputStream reads bytes
  @OnMessage(inputStream) characters(_reader: Reader) {}

  // @ts-expect-error bare, nothing says that it is a person
  @OnMessage bare(_person: Person) {}

  // @ts-expect-error a static method is no handler
  @OnMessage(decoded(Person)) static person(_person: Person) {}
}

// @ts-expect-error it does not decode
export class Silent extends Decoder.Text(Person) {}

// @ts-expect-error an encoder is no decoder
@ServerEndpoint({ value: '/x', decoders: [Writes] })
export class WrongList {}
