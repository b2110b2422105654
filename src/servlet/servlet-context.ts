/** What the servlets of one context path share. [TC7-8] */

export interface ServletContext {
  /** As `container.attributes` has it; null when absent. */
  getAttribute(name: string): unknown;
  /** null removes it. */
  setAttribute(name: string, value: unknown): void;
  removeAttribute(name: string): void;
  /** `/app`, or "" for the root. */
  getContextPath(): string;
}
