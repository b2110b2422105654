/** The JSR's vocabulary: its errors, its small values, and how they print. */

import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import {
  CloseReason,
  DecodeException,
  DeploymentException,
  EncodeException,
  EOFException,
  type Extension,
  IllegalArgumentException,
  IllegalStateException,
  InstantiationException,
  IOException,
  type SendHandler,
  SendResult,
  type Session,
  SessionException,
  SocketTimeoutException,
  UnsupportedOperationException,
} from 'margay';

const cause = new Error('why');
const session = { getId: () => 'x' } as Session;

describe('errors', () => {
  it.each<[string, string, Error & { code: string }]>([
    ['DeploymentException', 'MARGAY_DEPLOYMENT', new DeploymentException('m', cause)],
    ['DecodeException', 'MARGAY_DECODE', new DecodeException('data', 'm', cause)],
    ['EncodeException', 'MARGAY_ENCODE', new EncodeException({}, 'm', cause)],
    ['SessionException', 'MARGAY_SESSION', new SessionException('m', cause, session)],
    ['IllegalStateException', 'MARGAY_STATE', new IllegalStateException('m', cause)],
    ['IllegalArgumentException', 'MARGAY_ARGUMENT', new IllegalArgumentException('m', cause)],
    ['UnsupportedOperationException', 'MARGAY_UNSUPPORTED', new UnsupportedOperationException('m', cause)],
    ['InstantiationException', 'MARGAY_INSTANTIATION', new InstantiationException('m', cause)],
    ['IOException', 'MARGAY_IO', new IOException('m', cause)],
    ['EOFException', 'MARGAY_EOF', new EOFException('m', cause)],
    ['SocketTimeoutException', 'MARGAY_TIMEOUT', new SocketTimeoutException('m', cause)],
  ])('[GEN-1] %s is an Error with name, message, cause and the code %s', (name, code, error) => {
    expect(error).toBeInstanceOf(Error);
    expect({ name: error.name, message: error.message, cause: error.cause, code: error.code }).toEqual({ name, message: 'm', cause, code });
    expect(String(error)).toBe(`${name}: m`);
    expect(error.stack).toMatch(new RegExp(`^${name}: m\n`));
    expect(Object.keys(error)).not.toContain('name');
  });

  it('[GEN-1] the code is the last argument of the constructor', () => {
    expect(new DeploymentException('m', undefined, 'X').code).toBe('X');
    expect(new DecodeException('', 'm', undefined, 'X').code).toBe('X');
    expect(new EncodeException(1, 'm', undefined, 'X').code).toBe('X');
    expect(new SessionException('m', undefined, session, 'X').code).toBe('X');
    expect(new EOFException('m', undefined, 'X').code).toBe('X');
  });

  it('[GEN-1] without a cause there is none', () => {
    expect('cause' in new IOException('m')).toBe(false);
  });

  it('[GEN-1] EOFException and SocketTimeoutException are IOExceptions', () => {
    expect(new EOFException('m')).toBeInstanceOf(IOException);
    expect(new SocketTimeoutException('m')).toBeInstanceOf(IOException);
  });

  it('[GEN-1] DecodeException keeps text, and null for bytes', () => {
    const error = new DecodeException('text', 'm');
    expect([error.getText(), error.getBytes()]).toEqual(['text', null]);
  });

  it.each([
    ['Buffer', Buffer.from('ab')],
    ['Uint8Array', new Uint8Array([97, 98])],
    ['ArrayBuffer', new Uint8Array([97, 98]).buffer],
    ['DataView', new DataView(new Uint8Array([0, 97, 98, 0]).buffer, 1, 2)],
  ])('[GEN-1] DecodeException keeps bytes as a Buffer, and null for text: %s', (_, data) => {
    const error = new DecodeException(data, 'm');
    expect(Buffer.isBuffer(error.getBytes())).toBe(true);
    expect(error.getBytes()?.toString()).toBe('ab');
    expect(error.getText()).toBeNull();
  });

  it('[GEN-1] EncodeException keeps the object, SessionException the session', () => {
    const object = {};
    expect(new EncodeException(object, 'm').getObject()).toBe(object);
    expect(new SessionException('m', cause, session).getSession()).toBe(session);
  });

  it('[GEN-1] a DeploymentException made by hand has no problems', () => {
    expect(new DeploymentException('m').problems).toEqual([]);
  });
});

describe('SendResult', () => {
  it('[GEN-2] without an exception it is good', () => {
    const result = new SendResult(session);
    expect([result.isOK(), result.getException(), result.getSession()]).toEqual([true, null, session]);
  });

  it('[GEN-2] with one it is not', () => {
    const result = new SendResult(session, cause);
    expect([result.isOK(), result.getException()]).toEqual([false, cause]);
  });

  it('[GEN-2] null is no exception, and there may be no session', () => {
    const result = new SendResult(null, null);
    expect([result.isOK(), result.getException(), result.getSession()]).toEqual([true, null, null]);
  });

  it('[GEN-2] a handler is told by onResult', () => {
    const heard: SendResult[] = [];
    const handler: SendHandler = { onResult: (result) => void heard.push(result) };
    const result = new SendResult(session);
    handler.onResult(result);
    expect(heard).toEqual([result]);
  });
});

describe('printed', () => {
  const { CloseCodes } = CloseReason;

  it('[GEN-6] a close reason is one line', () => {
    const reason = new CloseReason(CloseCodes.GOING_AWAY, 'bye');
    expect(String(reason)).toBe('CloseReason[1001,bye]');
    expect(inspect(reason)).toBe('CloseReason[1001,bye]');
    expect(String(new CloseReason(CloseCodes.NORMAL_CLOSURE))).toBe('CloseReason[1000]');
  });

  it('[GEN-6] a close code is its name, or its number', () => {
    expect(String(CloseCodes.TOO_BIG)).toBe('TOO_BIG');
    expect(inspect(CloseCodes.TOO_BIG)).toMatch(/^TOO_BIG.*1009.*$/);
    expect(String(CloseCodes.getCloseCode(4000))).toBe('4000');
    expect(inspect(CloseCodes.getCloseCode(4000))).toMatch(/^[^\n]*4000[^\n]*$/);
  });
});

it('[GEN-3] a plain object will do as an extension; a bare parameter has the value null', () => {
  const parameter: Extension.Parameter = { getName: () => 'server_no_context_takeover', getValue: () => null };
  const extension: Extension = { getName: () => 'permessage-deflate', getParameters: () => [parameter] };
  expect(extension.getParameters()[0]?.getValue()).toBeNull();
});
