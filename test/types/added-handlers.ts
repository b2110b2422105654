/** Handlers that are added to a session: what compiles, and what the compiler refuses. */
import { InputStream, Int, Long, MessageHandler, PongMessage, Reader, type Session } from 'margay';

class Person {
  name = '';
}

class Texts extends MessageHandler.Whole(String) {
  onMessage(message: string): number {
    return message.length;
  }
}

class Parts extends MessageHandler.Partial(Buffer) {
  async onMessage(part: Buffer, last: boolean): Promise<void> {
    if (last) part.fill(0);
  }
}

export function add(session: Session): void {
  session.addMessageHandler(String, (message) => message.toUpperCase());
  session.addMessageHandler(Int, (n) => n.toFixed());
  session.addMessageHandler(Long, (n) => n + 1n);
  session.addMessageHandler(Boolean, async (yes) => !yes);
  session.addMessageHandler(Uint8Array, (bytes) => bytes.byteLength);
  session.addMessageHandler(PongMessage, (pong) => pong.getApplicationData());
  session.addMessageHandler(Person, ({ name }) => name);
  session.addMessageHandler(Reader, async (reader) => {
    for await (const chunk of reader) chunk.toUpperCase();
  });
  session.addMessageHandler(InputStream, { onMessage: (stream: InputStream) => void stream.resume() });
  session.addMessageHandler(String, { partial: true, onMessage: (part: string, last: boolean) => last || part });
  session.addMessageHandler(new Texts());
  session.addMessageHandler(new Parts());
  session.addMessageHandler({ type: Person, onMessage: (person: Person) => person.name });
  for (const handler of session.getMessageHandlers()) session.removeMessageHandler(handler);
  session.removeMessageHandler((message: string) => message);
  session.removeMessageHandler(null);

  // @ts-expect-error the message is a string
  session.addMessageHandler(String, (message: number) => message);
  // @ts-expect-error a function is whole: it gets no flag
  session.addMessageHandler(String, (part: string, last: boolean) => last || part);
  // @ts-expect-error a Reader has no parts
  session.addMessageHandler(Reader, { partial: true, onMessage: (part: Reader, last: boolean) => last || part });
  // @ts-expect-error the handler tells no type
  session.addMessageHandler({ onMessage: (message: string) => message });
  // @ts-expect-error snapshots are read-only
  session.getMessageHandlers().clear();
}

// @ts-expect-error numbers have no parts
export class Numbers extends MessageHandler.Partial(Number) {}

export class Persons extends MessageHandler.Whole(Person) {
  // @ts-expect-error a handler of Person gets a Person
  onMessage(person: string): string {
    return person;
  }
}
