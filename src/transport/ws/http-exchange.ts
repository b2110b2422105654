/** One request on a socket of our own, by node's HTTP, and what comes back. */
import { request as ask, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Call } from '../dialer.js';
import { within } from './dial-step.js';
import type { HeaderLine } from './refusal.js';

/** What is asked. */
export interface Question {
  readonly step: 'proxy' | 'response';
  readonly method: 'GET' | 'CONNECT';
  /** As it stands in the request line. */
  readonly target: string;
  readonly headers: readonly HeaderLine[];
}

/** The head of a response. */
export interface Heard {
  readonly response: IncomingMessage;
  /** What came behind the head, where the socket is no longer HTTP's; null: a body follows, or it is a 101 that switches nothing. */
  readonly head: Buffer | null;
}

/** Bytes of a body that are kept. */
const BODY = 65536;

/** Interim responses that are passed over: each costs more to read than to send. */
const INTERIM = 100;

/**
 * Resolves with the head of the response, but for interim ones, as long as they are few. The time is that from the request's last byte to the head's,
 * however it trickles in. A header line that is illegal in HTTP is never sent.
 */
export function exchange(socket: Duplex, { step, method, target, headers }: Question, call: Call): Promise<Heard> {
  const isPlain = headers.some(([name]) => name.toLowerCase() === 'connection');
  return within<Heard>(step, call, ({ done, failed }) => {
    const request = ask({
      method,
      path: target,
      ...(isPlain ? { headers: headers as unknown as string[] } : {}), // node takes pairs as well, and keeps their order and spelling
      createConnection: () => socket,
      setHost: false,
      maxHeaderSize: call.maxHeaderSize,
      insecureHTTPParser: false,
    });
    if (!isPlain) {
      for (const [name, value] of headers) request.appendHeader(name, value);
      request.removeHeader('connection'); // or node would add one of its own [CLI-5]
    }
    request.maxHeadersCount = 0; // node would drop fields in silence; maxHeaderSize is the limit
    request.on('error', (error) => failed(`There was no usable response: ${error.message.trimEnd()}`, error));
    request.on('upgrade', (response, _, head) => done({ response, head }));
    request.on('connect', (response, _, head) => done({ response, head }));
    // node takes a 101 that switches nothing for an interim response, or for a final one: that depends on its version
    let interim = 0;
    request.on('information', (response) => {
      if (response.statusCode === 101) done({ response: response as unknown as IncomingMessage, head: null });
      else if (++interim > INTERIM) failed(`There were more than ${INTERIM} interim responses`);
    });
    request.on('response', (response) => done({ response, head: null }));
    request.end();
  });
}

/** The body's first 64 KiB, or what of it has come within the time, or before the connection broke. */
export function bodyOf(response: IncomingMessage, { step }: Pick<Question, 'step'>, call: Call): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  const body = (): Buffer => Buffer.concat(chunks).subarray(0, BODY);
  const keep = (chunk: Buffer): void => {
    chunks.push(chunk);
    size += chunk.length;
  };
  return within<Buffer>(
    step,
    call,
    ({ done }) => {
      response.on('error', () => done(body()));
      response.on('close', () => done(body()));
      response.on('end', () => done(body()));
      response.on('data', (chunk: Buffer) => {
        keep(chunk);
        if (size >= BODY) done(body());
      });
    },
    body,
  );
}
