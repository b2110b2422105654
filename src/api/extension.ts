/** A WebSocket extension as it was offered, or is in force. */

/** A name and its parameters, in header order; a plain object will do. [GEN-3] */
export interface Extension {
  getName(): string;
  getParameters(): readonly Extension.Parameter[];
}

export declare namespace Extension {
  interface Parameter {
    getName(): string;
    /** null when the parameter is a bare token. */
    getValue(): string | null;
  }
}
