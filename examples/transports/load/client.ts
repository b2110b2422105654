/** A client of one transport, as the load has a thousand of: it knows the last message that it has, and asks for what is behind. */
import { Agent, request as ask, type ClientRequest, type IncomingMessage } from 'node:http';
import type { Counter, Delivered } from './counter.js';
import type { LoadOrder } from './protocol.js';

export type Opening = Extract<LoadOrder, { do: 'open' }>;

export abstract class LoadClient {
  protected readonly opening: Opening;
  readonly #counter: Counter;
  /** A browser's connections are its own. */
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  #asking: ClientRequest | null = null;
  #last: number | null = null;
  protected isClosed = false;

  constructor(opening: Opening, counter: Counter) {
    this.opening = opening;
    this.#counter = counter;
  }

  /** Resolves once messages come; rejects when they cannot. */
  abstract open(): Promise<void>;

  /** The crowd is complete: where clients should not all ask at once, this one begins after its share of an interval. */
  begin(_share: number): void {}

  close(): void {
    this.isClosed = true;
    this.#asking?.destroy();
    this.#agent.destroy();
  }

  protected got(message: Delivered): void {
    this.#last = this.#counter.got(message, this.#last);
  }

  protected position(last: number): void {
    this.#last ??= last;
  }

  /** Sends a request to a path of the application, with the lines of the visitor's browser; `came` gets it before it is sent. */
  protected send(path: string, came: (request: ClientRequest) => void): void {
    const { base, trial, lines } = this.opening;
    const query = new URLSearchParams({ trial, ...(this.#last !== null && { after: `${this.#last}` }) });
    const headers = lines.length > 0 ? Object.fromEntries(lines) : { Connection: 'keep-alive' };
    const request = ask(`${base}${path}?${query}`, { agent: this.#agent, headers });
    this.#asking = request;
    came(request);
    request.end();
  }

  /** The body of an answer; rejects when there is none, or it says no. */
  protected get(path: string): Promise<string> {
    return new Promise((resolve, reject) => {
      this.send(path, (request) => {
        request.once('error', reject);
        request.once('response', (response: IncomingMessage) => {
          let body = '';
          response.setEncoding('utf8').on('data', (text: string) => {
            body += text;
          });
          response.once('error', reject);
          response.once('end', () => (response.statusCode === 200 ? resolve(body) : reject(new Error(`${response.statusCode} ${body}`))));
        });
      });
    });
  }
}
