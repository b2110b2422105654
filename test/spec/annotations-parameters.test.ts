/** What the parameters of a handler may be. */
import { describe, expect, it } from '@jest/globals';
import {
  type Class,
  CloseReason,
  EndpointConfig,
  OnClose,
  OnError,
  OnMessage,
  OnOpen,
  PathParam,
  PongMessage,
  ServerEndpoint,
  Session,
} from 'margay';
import { deploy, refused } from '../support/deploy.js';
import { emitted, param } from '../support/emitted.js';

class Person {}
class Mistake extends Error {}

describe('in any order', () => {
  it.each<[string, () => Class]>([
    [
      '@OnOpen(session, config, path)',
      () => {
        @ServerEndpoint('/{a}/{b}')
        class Talk {
          @OnOpen open(@PathParam('a') _a: string, _session: Session, @PathParam('b') _b: number, _config: EndpointConfig) {}
        }
        return Talk;
      },
    ],
    [
      '@OnOpen(config, session)',
      () => {
        @ServerEndpoint('/talk')
        class Talk {
          @OnOpen open(_config: EndpointConfig, _session: Session) {}
        }
        return Talk;
      },
    ],
    [
      '@OnMessage(session, last, path, text)',
      () => {
        @ServerEndpoint('/{a}')
        class Talk {
          @OnMessage text(_session: Session, _last: boolean, @PathParam('a') _a: string, _part: string) {}
        }
        return Talk;
      },
    ],
    [
      '@OnMessage(last, bytes)',
      () => {
        @ServerEndpoint('/talk')
        class Talk {
          @OnMessage binary(_last: boolean, _part: Uint8Array) {}
        }
        return Talk;
      },
    ],
    [
      '@OnClose(path, reason, session)',
      () => {
        @ServerEndpoint('/{a}')
        class Talk {
          @OnClose close(@PathParam('a') _a: bigint, _reason: CloseReason, _session: Session) {}
        }
        return Talk;
      },
    ],
    [
      '@OnError(session, path, error)',
      () => {
        @ServerEndpoint('/{a}')
        class Talk {
          @OnError fail(_session: Session, @PathParam('a') _a: boolean, _error: Error) {}
        }
        return Talk;
      },
    ],
    [
      'nothing at all where nothing is mandatory',
      () => {
        @ServerEndpoint('/talk')
        class Talk {
          @OnOpen open() {}
          @OnClose close() {}
        }
        return Talk;
      },
    ],
  ])('[ANN-7] %s', async (_, make) => {
    expect((await deploy(make())).container.endpoints).toHaveLength(1);
  });
});

const OPEN = '@OnOpen takes Session, EndpointConfig and path parameters';
const MESSAGE = '@OnMessage takes one payload, Session, a boolean beside text or bytes, and path parameters';
const CLOSE = '@OnClose takes Session, CloseReason and path parameters';
const ERROR = '@OnError takes an Error, Session and path parameters';

describe('outside the table', () => {
  it.each<[string, Parameters<typeof emitted>[0], unknown[], number, string]>([
    ['@OnOpen: text', OnOpen, [Session, String], 1, `is a string; ${OPEN}`],
    ['@OnOpen: bytes', OnOpen, [Buffer], 0, `is Buffer; ${OPEN}`],
    ['@OnOpen: boolean', OnOpen, [Boolean], 0, `is a boolean; ${OPEN}`],
    ['@OnOpen: CloseReason', OnOpen, [CloseReason], 0, `is CloseReason; ${OPEN}`],
    ['@OnOpen: Error', OnOpen, [Session, Error], 1, `is Error; ${OPEN}`],
    ['@OnOpen: PongMessage', OnOpen, [PongMessage], 0, `is PongMessage; ${OPEN}`],
    ['@OnOpen: any other class', OnOpen, [Person], 0, `is Person; ${OPEN}`],
    ['@OnMessage: CloseReason', OnMessage, [String, CloseReason], 1, `is CloseReason; ${MESSAGE}`],
    ['@OnMessage: Error', OnMessage, [String, Error], 1, `is Error; ${MESSAGE}`],
    ['@OnMessage: EndpointConfig', OnMessage, [EndpointConfig, String], 0, `is EndpointConfig; ${MESSAGE}`],
    ['@OnClose: Error', OnClose, [Session, Error], 1, `is Error; ${CLOSE}`],
    ['@OnClose: number', OnClose, [Number], 0, `is a number; ${CLOSE}`],
    ['@OnClose: bigint', OnClose, [BigInt], 0, `is a bigint; ${CLOSE}`],
    ['@OnClose: EndpointConfig', OnClose, [EndpointConfig], 0, `is EndpointConfig; ${CLOSE}`],
    ['@OnClose: text', OnClose, [CloseReason, String], 1, `is a string; ${CLOSE}`],
    ['@OnError: CloseReason', OnError, [Session, Error, CloseReason], 2, `is CloseReason; ${ERROR}`],
    ['@OnError: text', OnError, [Error, String], 1, `is a string; ${ERROR}`],
    ['@OnError: EndpointConfig', OnError, [EndpointConfig, Error], 0, `is EndpointConfig; ${ERROR}`],
    ['@OnError: a subclass of Error', OnError, [Mistake], 0, `is Mistake; ${ERROR}`],
    ['@OnOpen: two sessions', OnOpen, [Session, Session], 1, 'is Session again, as parameter 0 is; keep one'],
    ['@OnOpen: two configs', OnOpen, [EndpointConfig, EndpointConfig], 1, 'is EndpointConfig again, as parameter 0 is; keep one'],
    ['@OnMessage: two sessions', OnMessage, [Session, String, Session], 2, 'is Session again, as parameter 0 is; keep one'],
    ['@OnClose: two reasons', OnClose, [CloseReason, CloseReason], 1, 'is CloseReason again, as parameter 0 is; keep one'],
    ['@OnClose: two sessions', OnClose, [Session, CloseReason, Session], 2, 'is Session again, as parameter 0 is; keep one'],
    ['@OnError: two errors', OnError, [Error, Error], 1, 'is Error again, as parameter 0 is; keep one'],
    ['@OnError: two sessions', OnError, [Session, Session, Error], 1, 'is Session again, as parameter 0 is; keep one'],
  ])('[ANN-8] [ANN-12] %s', async (_, decorator, types, parameter, words) => {
    const error = await refused(emitted(decorator, types));
    expect(error.code).toBe('MARGAY_PARAMETER');
    expect(error.message).toBe(`Talk.m() parameter ${parameter} ${words}`);
    expect(error.problems[0]).toMatchObject({ endpoint: 'Talk', member: 'm', parameter });
  });

  it.each([
    ['nothing', []],
    ['a session', [Session]],
    ['a path parameter', [param(String, 'a')]],
  ])('[ANN-7] [ANN-12] @OnError must take the error: %s', async (_, types) => {
    const error = await refused(emitted(OnError, types));
    expect(error.code).toBe('MARGAY_PARAMETER');
    expect(error.message).toBe('Talk.m() takes no Error; add a parameter of type Error');
  });

  it('[ANN-8] a subclass of an injected type is not that type', async () => {
    class Mine extends EndpointConfig {
      getEncoders() {
        return [];
      }
      getDecoders() {
        return [];
      }
      getUserProperties() {
        return new Map<string, unknown>();
      }
    }
    const error = await refused(emitted(OnOpen, [Mine]));
    expect(error.code).toBe('MARGAY_PARAMETER');
    expect(error.message).toBe(`Talk.m() parameter 0 is Mine; ${OPEN}`);
  });
});

describe('payloads', () => {
  it.each([
    ['string', [String]],
    ['part of text', [String, Boolean]],
    ['Buffer', [Buffer]],
    ['Uint8Array', [Uint8Array]],
    ['ArrayBuffer', [ArrayBuffer]],
    ['part of bytes', [Boolean, Uint8Array]],
    ['part of bytes as ArrayBuffer', [ArrayBuffer, Boolean]],
    ['boolean', [Boolean]],
    ['number', [Number]],
    ['bigint', [BigInt]],
    ['pong', [PongMessage]],
  ])('[ANN-9] [ANN-10] %s', async (_, types) => {
    expect((await deploy(emitted(OnMessage, types))).container.endpoints).toHaveLength(1);
  });

  it.each<[string, unknown[], string]>([
    ['none', [], 'has no payload; '],
    ['none but a session', [Session], 'has no payload; '],
    ['none but a path parameter', [param(String, 'a')], 'has no payload; '],
    ['string and number', [String, Number], 'has two payloads (parameters 0 and 1); keep one'],
    ['two strings', [String, String], 'has two payloads (parameters 0 and 1); keep one'],
    ['text and bytes', [String, Session, Buffer], 'has two payloads (parameters 0 and 2); keep one'],
    ['bytes and number', [Buffer, Number], 'has two payloads (parameters 0 and 1); keep one'],
    ['two numbers', [Number, Number], 'has two payloads (parameters 0 and 1); keep one'],
    ['two booleans', [Boolean, Boolean], 'has two payloads (parameters 0 and 1); keep one'],
    ['text and two booleans', [String, Boolean, Boolean], 'has two payloads'],
    ['two pongs', [PongMessage, PongMessage], 'has two payloads (parameters 0 and 1); keep one'],
    ['pong and text', [PongMessage, String], 'has two payloads (parameters 0 and 1); keep one'],
    ['pong and bytes', [ArrayBuffer, PongMessage], 'has two payloads (parameters 0 and 1); keep one'],
    ['pong and boolean', [PongMessage, Boolean], 'has two payloads (parameters 0 and 1); keep one'],
    ['number and boolean', [Boolean, Number], 'has two payloads'],
    ['bigint and boolean', [BigInt, Boolean], 'has two payloads (parameters 0 and 1); keep one'],
  ])('[ANN-11] refused: %s', async (_, types, words) => {
    const error = await refused(emitted(OnMessage, types));
    expect(error.code).toBe('MARGAY_PAYLOAD');
    expect(error.message.startsWith(`Talk.m() ${words}`)).toBe(true);
    expect(error.problems[0]).toMatchObject({ endpoint: 'Talk', member: 'm' });
  });

  it.each([Person, Map, Date, Array, Symbol, Promise])('[ANN-11] nothing decodes %p', async (type) => {
    const error = await refused(emitted(OnMessage, [Session, type]));
    expect(error.code).toBe('MARGAY_NO_DECODER');
    expect(error.message).toMatch(new RegExp(`^Talk\\.m\\(\\) parameter 1 is ${type.name}, .*; list a decoder for it`));
    expect(error.problems[0]).toMatchObject({ endpoint: 'Talk', member: 'm', parameter: 1 });
  });

  it('[ANN-11] a path parameter of a bad type', async () => {
    expect((await refused(emitted(OnMessage, [String, param(Date, 'a')]))).code).toBe('MARGAY_PATH_PARAM');
  });
});

describe('options of @OnMessage', () => {
  it.each([-1, 0, 1, 2 ** 31 - 1])('[ANN-16] maxMessageSize %d will do', async (maxMessageSize) => {
    expect((await deploy(emitted(OnMessage({ maxMessageSize }), [String]))).container.endpoints).toHaveLength(1);
  });

  it.each([2 ** 31, Number.MAX_SAFE_INTEGER, Infinity, -Infinity, -2, 1.5, Number.NaN, '6', null, 6n])(
    '[ANN-16] maxMessageSize %p is refused',
    async (maxMessageSize) => {
      const error = await refused(emitted(OnMessage({ maxMessageSize: maxMessageSize as number }), [String]));
      expect(error.code).toBe('MARGAY_MAX_MESSAGE_SIZE');
      expect(error.message).toMatch(/^Talk\.m\(\) maxMessageSize .*; .*at most 2147483647/);
    },
  );

  it('[ANN-16] undefined is left out', async () => {
    expect((await deploy(emitted(OnMessage({ maxMessageSize: undefined }), [String]))).container.endpoints).toHaveLength(1);
  });

  it('[ANN-16] an unknown one is refused with the nearest', async () => {
    const error = await refused(emitted(OnMessage({ maxMesageSize: 6 } as object), [String]));
    expect(error.code).toBe('MARGAY_OPTION');
    expect(error.message).toBe('Talk.m() has an unknown option "maxMesageSize"; did you mean "maxMessageSize"?');
  });

  it.each([String, 'text', 6])('[ANN-16] what is neither options nor a binding is refused: %p', async (odd) => {
    const error = await refused(emitted(OnMessage(odd as never) as never, [String]));
    expect(error.code).toBe('MARGAY_OPTION');
    expect(error.message).toContain('which is neither options nor a binding; use text, binary');
    expect(error.message.length).toBeLessThan(200);
  });
});
