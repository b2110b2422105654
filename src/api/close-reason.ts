/** Why a session ended: a code and a phrase. */
import { IllegalArgumentException } from './exceptions.js';
import { KIND } from './kind.js';

/** A close code that has a name. */
class NamedCode {
  readonly #code: number;
  readonly #name: string;

  constructor(code: number, name: string) {
    this.#code = code;
    this.#name = name;
  }

  getCode(): number {
    return this.#code;
  }

  toString(): string {
    return this.#name;
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return `${this.#name} (${this.#code})`;
  }
}

const named = (code: number, name: string): CloseReason.CloseCode => new NamedCode(code, name);

const KNOWN = {
  NORMAL_CLOSURE: named(1000, 'NORMAL_CLOSURE'),
  GOING_AWAY: named(1001, 'GOING_AWAY'),
  PROTOCOL_ERROR: named(1002, 'PROTOCOL_ERROR'),
  CANNOT_ACCEPT: named(1003, 'CANNOT_ACCEPT'),
  RESERVED: named(1004, 'RESERVED'),
  NO_STATUS_CODE: named(1005, 'NO_STATUS_CODE'),
  CLOSED_ABNORMALLY: named(1006, 'CLOSED_ABNORMALLY'),
  NOT_CONSISTENT: named(1007, 'NOT_CONSISTENT'),
  VIOLATED_POLICY: named(1008, 'VIOLATED_POLICY'),
  TOO_BIG: named(1009, 'TOO_BIG'),
  NO_EXTENSION: named(1010, 'NO_EXTENSION'),
  UNEXPECTED_CONDITION: named(1011, 'UNEXPECTED_CONDITION'),
  SERVICE_RESTART: named(1012, 'SERVICE_RESTART'),
  TRY_AGAIN_LATER: named(1013, 'TRY_AGAIN_LATER'),
  TLS_HANDSHAKE_FAILURE: named(1015, 'TLS_HANDSHAKE_FAILURE'),
};

const BY_NUMBER = new Map(Object.values(KNOWN).map((code) => [code.getCode(), code]));

const CODES = Object.freeze({
  ...KNOWN,
  /**
   * The constant of that number, else an anonymous code.
   * @throws IllegalArgumentException `MARGAY_CLOSE_CODE` unless it is a whole number from 1000 to 4999 [CLO-2]
   */
  getCloseCode(code: number): CloseReason.CloseCode {
    const known = BY_NUMBER.get(code);
    if (known !== undefined) return known;
    if (!Number.isInteger(code) || code < 1000 || code > 4999) {
      throw new IllegalArgumentException(`${String(code)} is no close code; use one from 1000 to 4999`, undefined, 'MARGAY_CLOSE_CODE');
    }
    return named(code, String(code));
  },
});

/** Why a session ended, or is to end. [CLO-1] */
export class CloseReason {
  static readonly [KIND]: string = 'CloseReason';

  /** The codes of RFC 6455 and IANA by name, and `getCloseCode(number)`. [CLO-2] */
  static readonly CloseCodes: typeof CODES = CODES;

  readonly #code: CloseReason.CloseCode;
  readonly #phrase: string;

  /**
   * @param phrase at most 123 bytes of UTF-8; null and undefined read back as ""
   * @throws IllegalArgumentException `MARGAY_ARGUMENT` for a code that is none (a bare number is refused), `MARGAY_CLOSE_PHRASE` for a longer phrase
   */
  constructor(code: CloseReason.CloseCode, phrase?: string | null) {
    if (typeof code !== 'object' || code === null || typeof code.getCode !== 'function') {
      const cure = typeof code === 'number' ? `; write CloseCodes.getCloseCode(${code})` : '; use one of CloseReason.CloseCodes';
      throw new IllegalArgumentException(`new CloseReason(code): code is ${String(code)}${cure}`);
    }
    const text = phrase ?? '';
    if (typeof text !== 'string')
      throw new IllegalArgumentException(
        `new CloseReason(code, phrase): phrase is ${typeof text === 'object' ? 'an' : 'a'} ${typeof text}`,
      );
    const size = text.length > 41 ? new TextEncoder().encode(text).length : 0; // 41 units are never more than 123 bytes
    if (size > 123) {
      throw new IllegalArgumentException(
        `a close phrase of ${size} bytes; at most 123 fit into a close frame`,
        undefined,
        'MARGAY_CLOSE_PHRASE',
      );
    }
    this.#code = code;
    this.#phrase = text;
  }

  getCloseCode(): CloseReason.CloseCode {
    return this.#code;
  }

  /** "" when there is none. */
  getReasonPhrase(): string {
    return this.#phrase;
  }

  /** `CloseReason[1000]`, `CloseReason[1000,bye]`. */
  toString(): string {
    return this.#phrase === '' ? `CloseReason[${this.#code.getCode()}]` : `CloseReason[${this.#code.getCode()},${this.#phrase}]`;
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }
}

export declare namespace CloseReason {
  /** A close code: a constant of `CloseCodes`, or any object that knows its number. */
  interface CloseCode {
    getCode(): number;
  }
  type CloseCodes = typeof CODES;
}
