/** The answer of a servlet, collected until the servlet is done. [TC7-8] */
import { STATUS_CODES, validateHeaderName, validateHeaderValue } from 'node:http';
import { IllegalArgumentException, IllegalStateException } from '../../api/exceptions.js';
import type { HttpServletResponse, PrintWriter } from '../../servlet/http-servlet-response.js';
import { spell } from '../options/spelling.js';
import { mustBeUtf8 } from './servlet-request.js';

/** What is sent. */
export interface Answer {
  readonly status: number;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
}

const DEFAULT_TYPE = 'text/plain';

/** Their answers have no body, whatever was written (RFC 9110, 6.4.1). */
const BODILESS = new Set([204, 205, 304]);

export class ServletResponse implements HttpServletResponse {
  #status = 200;
  #headers: (readonly [name: string, value: string])[] = [];
  #isCommitted = false;
  readonly #writer = new Collected(() => {
    this.#isCommitted = true;
  });

  setStatus(status: number): void {
    if (!Number.isInteger(status) || status < 200 || status > 599) {
      throw new IllegalArgumentException(`setStatus(status): status is ${spell(status)}; give a status from 200 to 599`);
    }
    if (!this.#isCommitted) this.#status = status;
  }

  sendError(status: number, message = STATUS_CODES[status] ?? ''): void {
    if (this.#isCommitted) throw new IllegalStateException('sendError() after the answer was committed; call it before flush(), and once');
    this.setStatus(status);
    this.setHeader('Content-Type', `${DEFAULT_TYPE};charset=UTF-8`);
    this.#writer.replace(message);
    this.#isCommitted = true;
  }

  setHeader(name: string, value: string): void {
    validate(name, value);
    if (this.#isCommitted) return;
    const lower = name.toLowerCase();
    this.#headers = [...this.#headers.filter(([each]) => each.toLowerCase() !== lower), [name, value]];
  }

  addHeader(name: string, value: string): void {
    validate(name, value);
    if (!this.#isCommitted) this.#headers.push([name, value]);
  }

  setContentType(type: string): void {
    this.setHeader('Content-Type', type);
  }

  setCharacterEncoding(encoding: string): void {
    mustBeUtf8('response', encoding);
  }

  getWriter(): PrintWriter {
    return this.#writer;
  }

  isCommitted(): boolean {
    return this.#isCommitted;
  }

  /** As it stands now; text says that it is UTF-8. */
  get answer(): Answer {
    const type = this.#headers.find(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? DEFAULT_TYPE;
    const isBare = type.startsWith('text/') && !/;\s*charset=/i.test(type);
    const headers = this.#headers.filter(([name]) => name.toLowerCase() !== 'content-type');
    return {
      status: this.#status,
      headers: [['Content-Type', isBare ? `${type};charset=UTF-8` : type], ...headers],
      body: BODILESS.has(this.#status) ? '' : this.#writer.text,
    };
  }
}

/** @throws IllegalArgumentException for what may not stand in a header */
function validate(name: string, value: string): void {
  try {
    validateHeaderName(name);
    validateHeaderValue(name, value);
  } catch (cause) {
    throw new IllegalArgumentException(`the header ${spell(name)}: ${spell(value)} cannot be sent`, cause);
  }
}

class Collected implements PrintWriter {
  readonly #commit: () => void;
  #pieces: string[] = [];
  #isClosed = false;

  constructor(commit: () => void) {
    this.#commit = commit;
  }

  get text(): string {
    return this.#pieces.join('').toWellFormed();
  }

  replace(text: string): void {
    this.#pieces = [text];
    this.#isClosed = true;
  }

  print(value: unknown): void {
    this.write(String(value));
  }

  println(value: unknown = ''): void {
    this.write(`${String(value)}\n`);
  }

  write(text: string): void {
    if (!this.#isClosed) this.#pieces.push(text);
  }

  flush(): void {
    this.#commit();
  }

  close(): void {
    this.#commit();
    this.#isClosed = true;
  }
}
