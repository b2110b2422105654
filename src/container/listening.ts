/** Where a container listens. */
export interface Listening {
  readonly host: string;
  readonly port: number;
  /** As `container.url`. */
  readonly url: string;
}
