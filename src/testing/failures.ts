/** What a test is told when something did not happen, with its words and codes. */
import {
  DecodeException,
  DeploymentException,
  EOFException,
  type FailedResponse,
  IllegalStateException,
  IOException,
  SocketTimeoutException,
  wordsOf,
} from '../api/exceptions.js';

/** How a connection ended. */
export interface Closed {
  /** Of the server's close frame; 1005 if it was empty, 1006 if none came. */
  readonly code: number;
  readonly phrase: string;
}

const spelt = ({ code, phrase }: Closed) => (phrase === '' ? String(code) : `${code} ${JSON.stringify(phrase)}`);

export const waitedTooLong = (what: string, ms: number, soFar: string) =>
  new SocketTimeoutException(`waited ${ms} ms for ${what}; so far came ${soFar}`);

export const closedBefore = (what: string, closed: Closed, soFar: string) =>
  new EOFException(`waited for ${what}, but the connection is closed with ${spelt(closed)}; so far came ${soFar}`);

export const otherKind = (wanted: string, got: string) =>
  new IllegalStateException(`expected ${wanted}, got ${got}; it is still there, for the verb that takes it`);

export const notJson = (text: string, came: string, cause: unknown) =>
  new DecodeException(text, `expected JSON, got text ${came}: ${wordsOf(cause)}`, cause);

export const peerClosed = (verb: string, closed: Closed | null, cause?: unknown) =>
  new IOException(
    `${verb}(): the connection is ${closed === null ? 'closing' : `closed with ${spelt(closed)}`}; nothing more can be sent`,
    cause,
    'MARGAY_SEND_CLOSED',
  );

export const partsBegun = (verb: string, kind: string) =>
  new IllegalStateException(`${verb}() while a ${kind} message is being sent in parts; end it first`, undefined, 'MARGAY_SEND_ORDER');

export const handshakeRefused = (path: string, cause: unknown, response: FailedResponse) => {
  const [line = ''] = response.body.toString().split('\n', 1);
  return new DeploymentException(`${path} answered ${response.status}: ${line}`, cause, 'MARGAY_HANDSHAKE', [], response);
};

export const noAnswer = (path: string, ms: number) =>
  new DeploymentException(
    `${path} did not answer within ${ms} ms; does a hook of the handshake wait?`,
    undefined,
    'MARGAY_CONNECT_TIMEOUT',
  );

export const notListening = (path: string, cause: unknown) =>
  new DeploymentException(`${path}: the container is closed`, cause, 'MARGAY_CONNECT');

export const notRefused = (path: string, subprotocol: string) =>
  new IllegalStateException(`expected a refusal, but ${path} answered 101${subprotocol === '' ? '' : ` with subprotocol ${subprotocol}`}`);

export const appClosed = (verb: string) => new IllegalStateException(`${verb}() after close(); deploy again`);
