/** What can be thrown is not always an error, nor can it always be looked at. */
import { describe, expect, it } from '@jest/globals';
import { OnMessage, ServerEndpoint, ServerEndpointConfig } from 'margay';
import { start } from '../support/start.js';

const refusing = (): never => {
  throw new Error('do not look at me');
};

const odd: [what: string, thrown: unknown][] = [
  ['an error whose message cannot be read', Object.defineProperty(new Error(), 'message', { get: refusing })],
  ['an error whose message is a symbol', Object.assign(new Error(), { message: Symbol('m') })],
  ['an error whose code cannot be read', Object.defineProperty(new Error(), 'code', { get: refusing })],
  ['an object without a prototype', Object.create(null)],
  ['a proxy that refuses everything', new Proxy({}, { get: refusing, getPrototypeOf: refusing })],
];

describe.each(odd)('[LIF-11] %s', (_what, thrown) => {
  it.each(['checkOrigin', 'getNegotiatedSubprotocol', 'modifyHandshake', 'getEndpointInstance'] as const)(
    'thrown by %s is a 500',
    async (hook) => {
      class Odd extends ServerEndpointConfig.Configurator {}
      Object.defineProperty(Odd.prototype, hook, {
        value: () => {
          throw thrown;
        },
      });
      @ServerEndpoint({ value: '/odd', configurator: Odd })
      class Endpoint {}
      const server = await start(Endpoint);
      await expect(server.dial('/odd')).rejects.toMatchObject({ status: 500 });
      expect(server.log).toContainEqual(expect.objectContaining({ code: 'MARGAY_HOOK_FAILED' }));
    },
  );

  it('thrown by a handler without an @OnError is logged, and the session stays open', async () => {
    @ServerEndpoint('/odd')
    class Endpoint {
      @OnMessage()
      message(text: string): string | undefined {
        if (text === 'throw') throw thrown;
        return text;
      }
    }
    const server = await start(Endpoint);
    const peer = await server.dial('/odd');
    peer.send('throw');
    peer.send('still here');
    expect(await peer.next()).toBe('still here');
    expect(server.log).toContainEqual(expect.objectContaining({ code: 'MARGAY_UNHANDLED_ERROR', level: 'error' }));
  });
});
