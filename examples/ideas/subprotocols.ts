/** One endpoint, two languages: the client lists those it speaks, in the order it likes them, and gets the first that we speak too. */
import { OnError, OnMessage, ServerEndpoint, Session, serve } from 'margay';
import { report } from '../errors.js';
import { program, type Running } from './program.js';

const WRITERS: Readonly<Record<string, (celsius: number) => string>> = {
  'weather.v1.text': (celsius) => `${celsius} °C`,
  'weather.v2.json': (celsius) => JSON.stringify({ temperature: celsius, unit: '°C' }),
};

/** Who lists none, or none that we speak, is let in all the same, and has none. */
const PLAIN = 'weather.v1.text';

@ServerEndpoint({ value: '/weather', subprotocols: Object.keys(WRITERS) })
export class Weather {
  /** The text is a place; nobody has ever measured there. */
  @OnMessage
  ask(session: Session, place: string): string | undefined {
    const celsius = [...place].length * 3 - 5;
    return WRITERS[session.getNegotiatedSubprotocol() || PLAIN]?.(celsius);
  }

  @OnError
  failed(error: Error): void {
    report('Weather', error);
  }
}

export const start = (port: number): Promise<Running> => serve({ endpoints: [Weather], port });

await program(import.meta.url, start);
