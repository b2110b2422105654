/** An engine's client half without sockets: calls go to one memory transport. */
import { STATUS_CODES } from 'node:http';
import { clearTimeout, setTimeout } from 'node:timers';
import type { Call, DialError, Dialer, DialStep, Reply } from '../dialer.js';
import type { MemoryAnswer, MemoryCall } from './memory-call.js';
import { isLegal } from './memory-offer.js';
import { MemoryReply } from './memory-reply.js';

/** Bytes of a reply's body. */
const BODY = 65536;

/** What node's timers take. */
const LONGEST = 2 ** 31 - 1; // ms

class MemoryDialError extends Error implements DialError {
  override readonly name = 'MemoryDialError';
  readonly step: DialStep;
  readonly isTimeout: boolean;

  constructor(step: DialStep, message: string, { cause, isTimeout = false }: { cause?: unknown; isTimeout?: boolean } = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.step = step;
    this.isTimeout = isTimeout;
  }
}

/** Who takes calls: a memory transport. */
export interface Callee {
  ask(call: MemoryCall, answer: MemoryAnswer): void;
}

/** Host, port, proxy and trust of a call lead nowhere here: whatever they are, it is this transport that is asked. wss counts as secure. */
export class MemoryDialer implements Dialer {
  readonly #transport: Callee;

  constructor(transport: Callee) {
    this.#transport = transport;
  }

  async dial(call: Call): Promise<Reply> {
    const illegal = call.headers.find((line) => !isLegal(line));
    if (illegal !== undefined)
      throw new MemoryDialError('response', `The request has an illegal header line: ${JSON.stringify(illegal[0])}`);
    return await this.#ask(call);
  }

  #ask({ uri, headers: lines, timeout, maxHeaderSize, signal }: Call): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const giving = new AbortController();
      const leave = (): void => giving.abort(signal.reason);
      const timer = setTimeout(() => giving.abort(late(timeout)), Math.min(timeout, LONGEST));
      const settled = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', leave);
      };
      const reply = (made: MemoryReply): void => {
        settled();
        const size = headSize(made);
        if (size <= maxHeaderSize) return resolve(made);
        made.drop();
        reject(new MemoryDialError('response', `The answer's head has ${size} bytes; at most ${maxHeaderSize} are taken`));
      };
      if (signal.aborted) leave();
      else signal.addEventListener('abort', leave);
      const request = { target: uri.pathname + uri.search, lines, secure: uri.protocol === 'wss:', signal: giving.signal };
      this.#transport.ask(request, {
        switched: (channel, headers) => reply(new MemoryReply({ status: 101, headers, body: Buffer.alloc(0) }, channel, signal)),
        refused: ({ status, headers, body }) =>
          reply(new MemoryReply({ status, headers, body: Buffer.from(body).subarray(0, BODY) }, null, signal)),
        failed: (error) => {
          settled();
          reject(giving.signal.aborted ? error : new MemoryDialError('connect', (error as Error).message, { cause: error }));
        },
      });
    });
  }
}

const late = (ms: number) => new MemoryDialError('response', `No answer within ${ms} ms`, { isTimeout: true });

/** Bytes it would have on a wire: the status line, the header lines and the empty one. */
function headSize({ status, headers }: Reply): number {
  let size = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n\r\n`.length;
  for (const [name, lines] of headers) for (const line of lines) size += name.length + line.length + 4;
  return size;
}
