/** What a primary and its workers say to each other, on the channel that the application may use too. */
import {
  CodedError,
  DeploymentException,
  IllegalArgumentException,
  IllegalStateException,
  IOException,
  type Problem,
  wordsOf,
} from '../../api/exceptions.js';
import type { TransportAddress } from '../../transport/spi.js';

/** From a worker; `call` is which serve() it is about. */
export type Report =
  | { readonly word: 'here' }
  | { readonly word: 'ask'; readonly call: number }
  /** `port` is the one it asked the kernel for. */
  | { readonly word: 'listening'; readonly call: number; readonly port: number; readonly address: TransportAddress | null }
  | { readonly word: 'closed'; readonly call: number }
  /** For whoever started the primary. */
  | { readonly word: 'told'; readonly call: number; readonly about: string; readonly line: string }
  | { readonly word: 'failed'; readonly failure: Failure };

/** From the primary. */
export type Order =
  | { readonly word: 'port'; readonly call: number; readonly port: number }
  | { readonly word: 'close'; readonly call: number }
  | { readonly word: 'end' };

/** An error without what cannot travel. */
export interface Failure {
  readonly name: string;
  readonly message: string;
  /** Where it was thrown, in the worker. */
  readonly stack?: string | undefined;
  readonly code?: string | undefined;
  readonly problems?: readonly Problem[] | undefined;
  readonly cause?: Failure | undefined;
}

const MARK = 'margay/workers';

export const sealed = (message: Report | Order): object => ({ [MARK]: message });

/** Null for what the application says. */
export function opened<T extends Report | Order>(message: unknown): T | null {
  return typeof message === 'object' && message !== null && MARK in message ? (message[MARK] as T) : null;
}

export function failureOf(error: unknown): Failure {
  const { code, cause, stack } = Object(error) as { code?: unknown; cause?: unknown; stack?: unknown };
  return {
    name: KINDS.find((kind) => error instanceof kind)?.name ?? 'Error',
    message: wordsOf(error),
    stack: typeof stack === 'string' ? stack : undefined,
    code: typeof code === 'string' ? code : undefined,
    problems: error instanceof DeploymentException ? error.problems : undefined,
    cause: error instanceof CodedError && cause !== undefined ? failureOf(cause) : undefined,
  };
}

const KINDS = [DeploymentException, IOException, IllegalArgumentException, IllegalStateException];

/** The error that it was, as far as it travelled: its class, its words, its code, its stack, and those of its causes. */
export function errorFrom(failure: Failure): Error {
  const error = made(failure);
  if (failure.stack !== undefined) error.stack = failure.stack;
  return error;
}

function made({ name, message, code, problems, cause: inner }: Failure): Error {
  const cause = inner === undefined ? undefined : errorFrom(inner);
  if (name === DeploymentException.name) return new DeploymentException(message, cause, code, problems);
  const Kind = KINDS.find((kind) => kind.name === name);
  if (Kind !== undefined) return new Kind(message, cause, code);
  return Object.assign(new Error(message), code === undefined ? {} : { code });
}
