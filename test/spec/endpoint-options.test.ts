/** What an endpoint may say of itself beyond its path. */
import { describe, expect, it } from '@jest/globals';
import { ServerContainer, ServerEndpoint, type ServerEndpointOptions } from 'margay';
import { deploy, refused } from '../support/deploy.js';

function talk(options: object) {
  @ServerEndpoint({ value: '/talk', ...options } as ServerEndpointOptions)
  class Talk {}
  return Talk;
}

describe('[D-36] options of the container, set for one endpoint', () => {
  it.each<[string, object]>([
    ['allowedOrigins', { allowedOrigins: '*' }],
    ['allowedOrigins', { allowedOrigins: ['https://a.example', 'null'] }],
    ['maxTextMessageBufferSize', { maxTextMessageBufferSize: 10 }],
    ['maxBinaryMessageBufferSize', { maxBinaryMessageBufferSize: 0 }],
    ['maxIdleTimeout', { maxIdleTimeout: 0 }],
    ['asyncSendTimeout', { asyncSendTimeout: -1 }],
    ['closeTimeout', { closeTimeout: 100 }],
    ['abnormalCloseSendTimeout', { abnormalCloseSendTimeout: 50 }],
    ['hookTimeout', { hookTimeout: 1000 }],
    ['stuckCallbackAfter', { stuckCallbackAfter: 0 }],
    ['highWaterMark', { highWaterMark: 1024 }],
    ['backlog', { backlog: { events: 1 } }],
    ['perMessageDeflate', { perMessageDeflate: true }],
    ['perMessageDeflate', { perMessageDeflate: { serverMaxWindowBits: 9, level: -1 } }],
    ['strict', { strict: true }],
    ['nothing', { allowedOrigins: undefined, strict: undefined }],
  ])('[D-36] %s: %j', async (_, options) => {
    expect((await deploy(talk(options))).container.endpoints).toHaveLength(1);
  });

  it.each<[string, object, string]>([
    ['a slip', { alowedOrigins: '*' }, 'Talk: unknown option "alowedOrigins"; did you mean "allowedOrigins"?'],
    ['a slip in a JSR field', { subprotocol: [] }, 'Talk: unknown option "subprotocol"; did you mean "subprotocols"?'],
    ['letter case', { Strict: true }, 'Talk: unknown option "Strict"; did you mean "strict"?'],
    ['nothing near', { zzzzzzzzzz: 1 }, 'Talk: unknown option "zzzzzzzzzz"; known are '],
    ['the container’s alone', { contextPath: '/x' }, 'Talk: unknown option "contextPath"'],
    ['the container’s alone', { shutdownTimeout: 1 }, 'Talk: unknown option "shutdownTimeout"'],
    ['an inherited name', { toString: 1 }, 'Talk: unknown option "toString"'],
    ['a wrong type', { strict: 'yes' }, 'Talk: strict "yes"; give true or false'],
    ['a wrong size', { maxTextMessageBufferSize: -1 }, 'Talk: maxTextMessageBufferSize -1; give a whole number of bytes'],
    ['a wrong time', { closeTimeout: 0 }, 'Talk: closeTimeout 0; give a number of ms above 0'],
    ['an inner slip', { backlog: { event: 1 } }, 'Talk: backlog an object; unknown option "event"; did you mean "events"?'],
    ['a wrong origin', { allowedOrigins: ['a.example/x'] }, 'Talk: allowedOrigins'],
    ['window bits', { perMessageDeflate: { serverMaxWindowBits: 8 } }, 'give a whole number from 9 to 15'],
  ])('[D-36] refused: %s', async (_, options, words) => {
    const error = await refused(talk(options));
    expect(error.code).toBe('MARGAY_OPTION');
    expect(error.message).toContain(words);
  });

  it('[D-36] all of them are told', async () => {
    const error = await refused(talk({ alowedOrigins: '*', strict: 1, subprotocols: ['a b', 'a b'] }));
    expect(error.problems.map(({ code }) => code)).toEqual(Array(4).fill('MARGAY_OPTION'));
  });

  it.each<[string, unknown]>([
    ['a list', 'chat'],
    ['tokens', ['a,b']],
    ['tokens', ['']],
    ['tokens', ['chat room']],
    ['strings', [7]],
    ['no undefined', [undefined]],
    ['each once', ['chat', 'chat']],
  ])('[ANN-1] subprotocols are %s: %j', async (_, subprotocols) => {
    const error = await refused(talk({ subprotocols }));
    expect(error.code).toBe('MARGAY_OPTION');
    expect(error.message).toMatch(/^Talk: subprotocols has .*; list tokens/);
  });
});

describe('options of the container', () => {
  it.each<[object, string]>([
    [{ alowedOrigins: '*' }, 'unknown option "alowedOrigins"; did you mean "allowedOrigins"?'],
    [{ contextPath: 'app' }, 'contextPath "app"'],
    [{ logger: {} }, 'logger an object; it has no method debug()'],
    [{ port: 80 }, 'unknown option "port"'],
  ])('[D-36] %j', (options, words) => {
    expect(() => new ServerContainer(options)).toThrow(
      expect.objectContaining({ name: 'IllegalArgumentException', code: 'MARGAY_OPTION', message: expect.stringContaining(words) }),
    );
  });
});
