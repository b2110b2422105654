/** JSR-356's errors, and the few of Java's it speaks of. Each keeps its `cause` and has a stable `code`. [GEN-1] */

/** What all of margay's errors share. */
export abstract class CodedError extends Error {
  /** Stable: `MARGAY_…`, listed in docs/errors.md. */
  readonly code: string;

  constructor(message: string, cause: unknown, code: string) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }

  static {
    Object.defineProperty(CodedError.prototype, 'name', {
      get(this: Error) {
        return this.constructor.name;
      },
      configurable: true,
    });
  }
}

/** One thing wrong with a deployment. */
export interface Problem {
  readonly code: string;
  readonly message: string;
  /** The endpoint class's name. */
  readonly endpoint?: string;
  /** The method's name. */
  readonly member?: string;
  /** The parameter's index, from 0. */
  readonly parameter?: number;
}

/** The response that a connect failed on. [D-21] */
export interface FailedResponse {
  readonly status: number;
  /** Lower-case name to its lines. */
  readonly headers: ReadonlyMap<string, readonly string[]>;
  /** At most its first 64 KiB. */
  readonly body: Buffer;
}

/** An endpoint, a container or a connection cannot be brought up. */
export class DeploymentException extends CodedError {
  /** Every problem found; the message has one a line. */
  readonly problems: readonly Problem[];
  /** Of the response that a connect failed on; undefined where none came. [D-21] */
  readonly status: number | undefined;
  readonly headers: ReadonlyMap<string, readonly string[]> | undefined;
  readonly body: Buffer | undefined;

  constructor(message: string, cause?: unknown, code = 'MARGAY_DEPLOYMENT', problems: readonly Problem[] = [], response?: FailedResponse) {
    super(message, cause, code);
    this.problems = Object.freeze([...problems]);
    this.status = response?.status;
    this.headers = response?.headers;
    this.body = response?.body;
  }
}

/** A message or a path parameter that cannot be turned into the type asked for. */
export class DecodeException extends CodedError {
  readonly #data: string | Uint8Array;

  constructor(data: string | ArrayBuffer | ArrayBufferView, message: string, cause?: unknown, code = 'MARGAY_DECODE') {
    super(message, cause, code);
    this.#data = typeof data === 'string' ? data : bytesOf(data);
  }

  /** The text that could not be decoded; null if it was binary. */
  getText(): string | null {
    return typeof this.#data === 'string' ? this.#data : null;
  }

  /** The bytes that could not be decoded; null if it was text. */
  getBytes(): Buffer | null {
    return typeof this.#data === 'string' ? null : (this.#data as Buffer);
  }
}

/** An object that cannot be turned into a message. */
export class EncodeException extends CodedError {
  readonly #object: unknown;

  constructor(object: unknown, message: string, cause?: unknown, code = 'MARGAY_ENCODE') {
    super(message, cause, code);
    this.#object = object;
  }

  getObject(): unknown {
    return this.#object;
  }
}

/** Called at the wrong moment. */
export class IllegalStateException extends CodedError {
  constructor(message: string, cause?: unknown, code = 'MARGAY_STATE') {
    super(message, cause, code);
  }
}

/** Called with something it cannot take. */
export class IllegalArgumentException extends CodedError {
  constructor(message: string, cause?: unknown, code = 'MARGAY_ARGUMENT') {
    super(message, cause, code);
  }
}

/** Not to be had here. */
export class UnsupportedOperationException extends CodedError {
  constructor(message: string, cause?: unknown, code = 'MARGAY_UNSUPPORTED') {
    super(message, cause, code);
  }
}

/** A class whose constructor threw, or that has none to call. */
export class InstantiationException extends CodedError {
  constructor(message: string, cause?: unknown, code = 'MARGAY_INSTANTIATION') {
    super(message, cause, code);
  }
}

/** The connection, or what it stands on, failed. */
export class IOException extends CodedError {
  constructor(message: string, cause?: unknown, code = 'MARGAY_IO') {
    super(message, cause, code);
  }
}

/** What was being read was cut off. */
export class EOFException extends IOException {
  constructor(message: string, cause?: unknown, code = 'MARGAY_EOF') {
    super(message, cause, code);
  }
}

/** The peer took or gave nothing for too long. */
export class SocketTimeoutException extends IOException {
  constructor(message: string, cause?: unknown, code = 'MARGAY_TIMEOUT') {
    super(message, cause, code);
  }
}

/** An error that a callback raised, as an Error: anything else becomes the cause of one. */
export function errorOf(thrown: unknown): Error {
  if (isError(thrown)) return thrown;
  return new Error(`a ${thrown === null ? 'null' : typeof thrown} was thrown: ${wordsOf(thrown)}`, { cause: thrown });
}

/** An error's message, or anything else as text; whatever was thrown, this does not throw. OpenSSL's end with a line break. */
export function wordsOf(thrown: unknown): string {
  try {
    return String(isError(thrown) ? thrown.message : thrown).trimEnd();
  } catch {
    return 'something that cannot be told';
  }
}

/** Also true for errors of another realm, which is where node's own come from under jest. */
function isError(thrown: unknown): thrown is Error {
  try {
    return thrown instanceof Error || Object.prototype.toString.call(thrown) === '[object Error]';
  } catch {
    return false; // a proxy that refuses to be looked at
  }
}

/** A Buffer where there is one (node), a Uint8Array elsewhere. */
function bytesOf(data: ArrayBuffer | ArrayBufferView): Uint8Array {
  const view = ArrayBuffer.isView(data) ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength) : new Uint8Array(data);
  const node = (globalThis as { Buffer?: typeof Buffer }).Buffer;
  return node === undefined ? view : node.from(view.buffer, view.byteOffset, view.byteLength);
}
