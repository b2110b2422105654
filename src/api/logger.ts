/** Where margay says what nobody else would hear. */

/** pino's order: fields, then a sentence. A logger that throws is ignored. */
export interface Logger {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
}

/** `code` is stable: `MARGAY_…`, listed in docs/errors.md. */
export interface LogFields {
  readonly code: string;
  readonly [key: string]: unknown;
}
