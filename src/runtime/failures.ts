/** The runtime's errors, with their words and codes. */
import type { CloseReason } from '../api/close-reason.js';
import type { SlowPeerPolicy } from '../api/endpoint-settings.js';
import {
  DecodeException,
  EncodeException,
  EOFException,
  IllegalArgumentException,
  IllegalStateException,
  IOException,
  SocketTimeoutException,
  UnsupportedOperationException,
  wordsOf,
} from '../api/exceptions.js';
import type { Session } from '../api/session.js';
import { SessionException } from '../api/session-exception.js';
import { nameOf } from '../api/tokens.js';
import type { MessageKind } from '../transport/spi.js';

export const wrongArgument = (call: string, what: string) => new IllegalArgumentException(`${call}: ${what}`);

export const unpairedSurrogate = (text: string) =>
  new IllegalArgumentException(
    `the text has an unpaired surrogate at index ${text.search(/\p{Surrogate}/u)}, which UTF-8 cannot carry; send text.toWellFormed()`,
    undefined,
    'MARGAY_SURROGATE',
  );

export const controlSize = (call: string, size: number) =>
  new IllegalArgumentException(`${call}: ${size} bytes; a control frame carries at most 125`, undefined, 'MARGAY_CONTROL_SIZE');

export const noPings = (call: string) =>
  new UnsupportedOperationException(
    `${call}: a browser lets no page send pings or pongs; send a message of your own (a server's pings are answered by the browser)`,
  );

/** What has begun and is not ended: parts of a type, or a stream. */
export type Running = MessageKind | 'writer' | 'stream';

const RUNNING: Readonly<Record<Running, string>> = {
  text: 'a text message is being sent in parts',
  binary: 'a binary message is being sent in parts',
  writer: 'a send writer is open',
  stream: 'a send stream is open',
};

export const sendOrder = (wanted: string, running: Running) =>
  new IllegalStateException(`${wanted} while ${RUNNING[running]}; end it first`, undefined, 'MARGAY_SEND_ORDER');

export const sendBusy = (wanted: string) =>
  new IllegalStateException(
    `${wanted} while another send is under way (option strict); end it first, or await it`,
    undefined,
    'MARGAY_SEND_BUSY',
  );

export const sendClosed = (session: Session, reason: CloseReason | null) =>
  new IOException(
    `session ${session.getId()} is ${reason === null ? 'closed' : `closing with ${reason}`}; nothing more can be sent`,
    undefined,
    'MARGAY_SEND_CLOSED',
  );

export const reconnecting = (session: Session, attempt: number) =>
  new IOException(
    `session ${session.getId()} is over and the next has not opened yet (attempt ${attempt} to reconnect); send it there, or raise reconnect.queue`,
    undefined,
    'MARGAY_RECONNECTING',
  );

export const sendFailed = (session: Session, cause: unknown) =>
  new IOException(`session ${session.getId()} ended before the message had left`, cause, 'MARGAY_SEND_FAILED');

export const sendTimeout = (session: Session, ms: number) =>
  new SocketTimeoutException(
    `session ${session.getId()}: the peer did not take the message within ${ms} ms`,
    undefined,
    'MARGAY_SEND_TIMEOUT',
  );

export const sendStalled = (session: Session, ms: number) =>
  new SocketTimeoutException(
    `session ${session.getId()}: a send waited while the peer took nothing for ${ms} ms (blockingSendTimeout)`,
    undefined,
    'MARGAY_SEND_TIMEOUT',
  );

/** Of each session that was closed for it: what its own sends failed with. */
const forsaken = new WeakMap<Error, Session>();

export function peerTooSlow(session: Session, bytes: number, policy: SlowPeerPolicy): IOException {
  const done = { close: 'the session is closed', drop: 'a message is left out', wait: 'the sender waits' }[policy];
  const error = new IOException(
    `session ${session.getId()}: the peer is too slow, ${bytes} bytes wait for it and ${done} (slowPeer)`,
    undefined,
    'MARGAY_SLOW_PEER',
  );
  if (policy === 'close') forsaken.set(error, session);
  return error;
}

/** That its peer was too slow is told to a session by its close, and not as an error of its own. [REL-10] */
export const isForsaken = (session: Session, error: Error): boolean => forsaken.get(error) === session;

export const streamEnded = (session: Session) =>
  new IOException(
    `session ${session.getId()}: the stream was ended, and its message with it; open another`,
    undefined,
    'MARGAY_STREAM_ENDED',
  );

export const streamDestroyed = (session: Session) =>
  new IOException(`session ${session.getId()}: the stream was destroyed before its end`, undefined, 'MARGAY_SEND_FAILED');

export const sessionClosed = (id: string, member: string) =>
  new IllegalStateException(`session ${id} is closed; ${member}() works until @OnClose has completed`, undefined, 'MARGAY_SESSION_CLOSED');

export const unsendableCode = (code: number) =>
  new IllegalArgumentException(
    `close code ${code} may not be sent; use 1000 to 1003, 1007 to 1014, or 3000 to 4999`,
    undefined,
    'MARGAY_CLOSE_CODE',
  );

/** `call`: of sendObject, or the name of the handler that returned it. */
export const noEncoder = (value: unknown, call: string) =>
  new EncodeException(
    value,
    `${call}: no encoder for ${nameOf((value as object).constructor)}; add one to encoders, or give text (JSON.stringify), bytes or a plain value`,
    undefined,
    'MARGAY_NO_ENCODER',
  );

export const encodeFailed = (value: unknown, encoder: string, why: string | null, cause?: unknown) =>
  new EncodeException(value, `${encoder}: ${why ?? wordsOf(cause)}`, cause);

export const connectionLost = (session: Session, cause: Error) =>
  new SessionException(
    `the connection of session ${session.getId()} was lost: ${(cause as { code?: string }).code ?? cause.message}`,
    cause,
    session,
    'MARGAY_CONNECTION_LOST',
  );

const cutOffs = new WeakSet<Error>();

/** What a message that is read while it arrives ends with, when no more of it will come. [ANN-18] */
export function messageCutOff(why: string): EOFException {
  const error = new EOFException(`the message was cut off: ${why}`);
  cutOffs.add(error);
  return error;
}

/** A peer that merely vanishes, in the middle of a message too, is no error of the application's. [D-20] */
export function isLoss(error: Error): boolean {
  if (error instanceof SessionException && error.code === 'MARGAY_CONNECTION_LOST') return true;
  return cutOffs.has(error) || (error instanceof DecodeException && cutOffs.has(error.cause as Error));
}

/** 1002, 1007 and 1009, as the endpoint hears of them before the close. [D-09] */
export function streamBroken(session: Session, code: number, cause: Error): SessionException {
  const known = code === 1009 ? 'MARGAY_TOO_BIG' : code === 1007 ? 'MARGAY_UTF8' : 'MARGAY_PROTOCOL';
  const inflate = isInflateFailure(cause);
  const inner = inflate ? new IOException('a compressed message cannot be inflated', cause, 'MARGAY_INFLATE') : cause;
  const cure = code === 1009 ? '; raise maxMessageSize, or the session’s or container’s buffer size' : '';
  return new SessionException(`session ${session.getId()}: ${cause.message}${cure}`, inner, session, known);
}

/** zlib's own errors carry its code. [EXT-14] */
export function isInflateFailure(error: Error): boolean {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' && code.startsWith('Z_');
}
