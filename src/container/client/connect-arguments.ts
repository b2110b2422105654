/** The four forms of connectToServer, told apart. [CON-6] */
import type { ConnectOptions } from '../../api/connect-options.js';
import { isEndpoint } from './client.js';
import { isUrl } from './target.js';

/** What was asked for. */
export interface ConnectArguments {
  readonly endpoint: unknown;
  /** undefined: an annotated form. */
  readonly config: unknown;
  readonly uri: unknown;
  readonly options: ConnectOptions;
}

/**
 * The second argument of an annotated form is the URI; what is none there is the configuration of a programmatic one, or, where
 * nothing follows and the endpoint is no Endpoint, a URI that is none: then that is what is told.
 */
export function argumentsOf([endpoint, second, third, fourth]: readonly unknown[]): ConnectArguments {
  const isAnnotated = typeof second === 'string' || isUrl(second) || (third === undefined && !isEndpoint(endpoint));
  return isAnnotated
    ? { endpoint, config: undefined, uri: second, options: (third ?? {}) as ConnectOptions }
    : { endpoint, config: second ?? null, uri: third, options: (fourth ?? {}) as ConnectOptions };
}
