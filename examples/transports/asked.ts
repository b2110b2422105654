/** A plain request for messages: who asks, for which, and how they are given. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { answerText } from '../http.js';
import { Exchange } from './exchange.js';
import type { Message } from './source.js';
import type { Transport } from './transport.js';
import { Trial } from './trial.js';
import { Visitor } from './visitor.js';

export class Asked {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly trial: Trial;
  /** The id of the last message that the client has; null: it has none, and wants what is new from now on. */
  readonly after: number | null;
  readonly #transport: Transport;

  /** Null: it was not to be answered with messages, and has been told so. */
  static of(transport: Transport, request: IncomingMessage, response: ServerResponse): Asked | null {
    if (request.method !== 'GET') {
      answerText(response, 405, 'Messages are there to be got: GET.\n', { Allow: 'GET' });
      return null;
    }
    const query = new URLSearchParams(/\?(.*)$/s.exec(request.url ?? '')?.[1]);
    const given = request.headers['last-event-id'] ?? query.get('after');
    if (given !== null && !/^\d{1,15}$/.test(String(given))) {
      answerText(response, 400, 'after is the id of a message, a whole number.\n');
      return null;
    }
    const trial = Trial.of(query.get('trial'));
    if (trial === null) {
      answerText(response, 410, 'That trial is over.\n');
      return null;
    }
    return new Asked(transport, request, response, { trial, after: given === null ? null : Number(given), page: query.get('page') });
  }

  private constructor(
    transport: Transport,
    request: IncomingMessage,
    response: ServerResponse,
    { trial, after, page }: { readonly trial: Trial; readonly after: number | null; readonly page: string | null },
  ) {
    this.request = request;
    this.response = response;
    this.trial = trial;
    this.after = after;
    this.#transport = transport;
    const exchange = new Exchange(request.socket, trial.meters[transport]);
    const ear = Visitor.of(page)?.listen(transport, request);
    response.once('close', () => {
      ear?.close();
      exchange.end();
    });
  }

  /** Those that the client has not seen. */
  get waiting(): readonly Message[] {
    return this.after === null ? [] : this.trial.source.after(this.after);
  }

  /** One answer with these messages, and with the id to ask behind the next time. */
  answer(messages: readonly Message[]): void {
    const last = messages.at(-1)?.id ?? Math.min(this.after ?? Number.POSITIVE_INFINITY, this.trial.source.last);
    const json = `{"last":${last},"messages":[${messages.map((message) => message.json).join(',')}]}`;
    this.gave(messages.length);
    answerText(this.response, 200, json, { 'Content-Type': 'application/json; charset=utf-8' });
  }

  gave(messages: number): void {
    this.trial.meters[this.#transport].gave(messages);
  }
}
