/** Who may connect: row 3 of the handshake, and what hooks learn of it. [HS-1, HS-7, HS-12, HS-15] */
import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import {
  type ContainerOptions,
  type HandshakeRequest,
  OnOpen,
  type Principal,
  ServerEndpoint,
  ServerEndpointConfig,
  type ServerEndpointOptions,
  Session,
} from 'margay';
import { ask, type Question } from '../support/ask.js';
import { eventually, gate, sleep } from '../support/eventually.js';
import { start } from '../support/start.js';

/** Everybody has a name: that in the header. */
const byHeader = (request: IncomingMessage): Principal | null => {
  const name = request.headers['x-user'];
  return typeof name === 'string' ? { name, roles: name === 'ann' ? ['admin'] : [] } : null;
};
const as = (name: string): Question => ({ headers: { 'X-User': name } });

/** `/talk` with these options; what is answered to a request: its status, and the code of a refusal. */
async function serving(own: Partial<ServerEndpointOptions>, options: ContainerOptions = {}) {
  @ServerEndpoint({ value: '/talk', ...own })
  class Talk {}
  const started = await start(Talk, { authenticate: byHeader, ...options });
  return {
    started,
    answer: async (question: Question = {}) => {
      const { status, body } = await ask(started, question);
      return `${status} ${/\[MARGAY_(.*)\]$/.exec(body)?.[1] ?? ''}`.trim();
    },
  };
}

describe('[HS-1] row 3: rolesAllowed', () => {
  it.each<[readonly string[], string, string, string]>([
    [['admin'], '401 UNAUTHENTICATED', '403 FORBIDDEN', '101'],
    [['other', 'admin'], '401 UNAUTHENTICATED', '403 FORBIDDEN', '101'],
    [['other'], '401 UNAUTHENTICATED', '403 FORBIDDEN', '403 FORBIDDEN'],
    [['*'], '401 UNAUTHENTICATED', '101', '101'],
    [[], '401 UNAUTHENTICATED', '403 FORBIDDEN', '403 FORBIDDEN'],
  ])('[HS-15] %j: nobody gets %s, bob %s, ann, an admin, %s', async (rolesAllowed, nobody, bob, ann) => {
    const { answer } = await serving({ rolesAllowed });
    expect([await answer(), await answer(as('bob')), await answer(as('ann'))]).toEqual([nobody, bob, ann]);
  });

  it('without authenticate everybody is nobody, and without rolesAllowed that is enough', async () => {
    const { answer } = await serving({ rolesAllowed: ['*'] }, { authenticate: undefined });
    expect(await answer(as('ann'))).toBe('401 UNAUTHENTICATED');
    const open = await serving({});
    expect(await open.answer()).toBe('101');
  });

  it.each<[Partial<ServerEndpointOptions>, ContainerOptions, string]>([
    [{}, {}, 'Bearer'],
    [{}, { challenge: 'Basic realm="all"' }, 'Basic realm="all"'],
    [{ challenge: 'Basic realm="talk"' }, { challenge: 'Basic realm="all"' }, 'Basic realm="talk"'],
  ])('the 401 is complete and has a challenge: endpoint %j, container %j: %s', async (own, options, challenge) => {
    const { started } = await serving({ rolesAllowed: ['*'], ...own }, options);
    const { status, headers, body } = await ask(started);
    expect([status, headers.get('www-authenticate'), headers.get('connection')]).toEqual([401, [challenge], ['close']]);
    expect(body).toMatch(/^[A-Z].*\. \[MARGAY_UNAUTHENTICATED\]$/);
  });

  it('[D-36] the endpoint’s roles replace the container’s; in a configuration they are a user property', async () => {
    class Talk {}
    ServerEndpoint('/unused')(Talk);
    const config = ServerEndpointConfig.Builder.create(Talk, '/configured').build();
    config.getUserProperties().set('margay.rolesAllowed', ['*']);
    @ServerEndpoint('/inherits')
    class Inherits {}
    const started = await start([config, Inherits], { authenticate: byHeader, rolesAllowed: ['admin'] });
    const status = async (target: string, name: string) => (await ask(started, { target, ...as(name) })).status;
    expect([await status('/configured', 'bob'), await status('/inherits', 'bob'), await status('/inherits', 'ann')]).toEqual([
      101, 403, 101,
    ]);
  });

  it.each<[string, Question['headers'], string]>([
    ['Connection without upgrade', { Connection: 'keep-alive' }, '400 UPGRADE_CONNECTION'],
    ['another version', { 'Sec-WebSocket-Version': '8' }, '426 UPGRADE_VERSION'],
    ['a bad key', { 'Sec-WebSocket-Key': 'short' }, '400 UPGRADE_KEY'],
    ['a foreign origin', { Origin: 'http://evil.example' }, '403 ORIGIN'],
    ['malformed extensions', { 'Sec-WebSocket-Extensions': 'a="b' }, '400 UPGRADE_EXTENSIONS'],
  ])('[HS-10] comes before what %s costs', async (_what, headers, otherwise) => {
    const { answer } = await serving({ rolesAllowed: ['admin'] });
    expect(await answer({ headers: { ...headers } })).toBe('401 UNAUTHENTICATED');
    expect(await answer({ headers: { ...headers, 'X-User': 'bob' } })).toBe('403 FORBIDDEN');
    expect(await answer({ headers: { ...headers, 'X-User': 'ann' } })).toBe(otherwise);
  });

  it.each<[string, Question, string]>([
    ['an unknown path', { target: '/nowhere' }, '404 NO_ENDPOINT'],
    ['HTTP/1.0', { version: '1.0' }, '400 UPGRADE_HTTP'],
  ])('[HS-10] comes behind %s, and nobody is asked', async (_what, question, otherwise) => {
    let asked = 0;
    const { answer } = await serving({ rolesAllowed: ['admin'] }, { authenticate: () => void asked++ as never });
    expect([await answer(question), asked]).toEqual([otherwise, 0]);
  });

  it('[HS-12] it is the GET of the http path that is asked about, and nothing else', async () => {
    const asked: unknown[] = [];
    const authenticate = ({ method, url }: IncomingMessage) => {
      asked.push(method, url);
      return null;
    };
    const { answer } = await serving({ rolesAllowed: ['admin'] }, { authenticate });
    expect(await answer({ target: '/talk?q=1' })).toBe('401 UNAUTHENTICATED');
    expect(await answer({ method: 'POST' })).toBe('426 UPGRADE_REQUIRED');
    expect(await answer({ headers: { Upgrade: null, Connection: 'close' } })).toBe('426 UPGRADE_REQUIRED');
    expect(asked).toEqual(['GET', '/talk?q=1']);
  });
});

describe('[HS-1] row 3: confidential', () => {
  it('plain ws is a 403 before anybody looks at credentials; wss, or a trusted proxy that says https, is let in', async () => {
    let asked = 0;
    const authenticate = () => {
      asked++;
      return null;
    };
    const { answer } = await serving({ confidential: true }, { authenticate, trustProxy: ['127.0.0.1'] });
    expect([await answer(), asked]).toEqual(['403 FORBIDDEN', 0]);
    expect([await answer({ headers: { 'X-Forwarded-Proto': 'https' } }), asked]).toEqual(['101', 1]);
  });

  it('what a proxy says that nobody trusts is no encryption', async () => {
    const { answer } = await serving({}, { confidential: true });
    expect(await answer({ headers: { 'X-Forwarded-Proto': 'https' } })).toBe('403 FORBIDDEN');
    const open = await serving({ confidential: false }, { confidential: true });
    expect(await open.answer()).toBe('101');
  });
});

describe('[HS-15] authenticate and isUserInRole', () => {
  it('[HS-7, HS-11, SES-13] give hooks and the session the principal, the very object', async () => {
    const principal = { name: 'ann', roles: ['admin'] };
    const seen: unknown[] = [];
    class Hooks extends ServerEndpointConfig.Configurator {
      override checkOrigin(_origin: string | null, request?: HandshakeRequest): boolean {
        seen.push(request?.getUserPrincipal() === principal, request?.isUserInRole('admin'), request?.isUserInRole('root'));
        return true;
      }
    }
    @ServerEndpoint({ value: '/talk', configurator: Hooks })
    class Talk {
      @OnOpen
      open(session: Session): void {
        seen.push(session.getUserPrincipal() === principal);
      }
    }
    await ask(await start(Talk, { authenticate: async () => sleep(5).then(() => principal) }));
    await eventually(() => expect(seen).toEqual([true, true, false, true]));
  });

  it('[HS-7] nobody is null, and in no role, whatever isUserInRole would say', async () => {
    const seen: unknown[] = [];
    class Hooks extends ServerEndpointConfig.Configurator {
      override modifyHandshake(_config: ServerEndpointConfig, request: HandshakeRequest): void {
        seen.push(request.getUserPrincipal(), request.isUserInRole('admin'));
      }
    }
    const { answer } = await serving({ configurator: Hooks }, { isUserInRole: () => true });
    expect(await answer()).toBe('101');
    expect(seen).toEqual([null, false]);
  });

  it('isUserInRole decides instead of the roles, and is told who, which role and the request', async () => {
    const asked: unknown[] = [];
    const isUserInRole = (principal: Principal, role: string, request: IncomingMessage): boolean => {
      asked.push([principal.name, role, request.url]);
      return principal.name === 'bob' && role === 'second';
    };
    const { answer } = await serving({ rolesAllowed: ['first', 'second'] }, { isUserInRole });
    expect([await answer(as('bob')), await answer(as('ann'))]).toEqual(['101', '403 FORBIDDEN']);
    expect(asked.slice(0, 2)).toEqual([
      ['bob', 'first', '/talk'],
      ['bob', 'second', '/talk'],
    ]);
  });

  const PAST = new Date(Date.now() - 1000);

  it.each<[string, unknown, string]>([
    ['undefined', undefined, '401 UNAUTHENTICATED'],
    ['one that has expired', { name: 'ann', expires: PAST }, '401 UNAUTHENTICATED'],
    ['a name alone', 'ann', '500 HOOK_FAILED'],
    ['no name', { roles: ['admin'] }, '500 HOOK_FAILED'],
    ['roles that are one string', { name: 'ann', roles: 'administrator' }, '500 HOOK_FAILED'],
    ['an expiry in seconds', { name: 'ann', expires: 1_700_000_000 }, '500 HOOK_FAILED'],
    ['an expiry that is no time', { name: 'ann', expires: new Date('soon') }, '500 HOOK_FAILED'],
    ['a far expiry', { name: 'ann', expires: new Date(Date.now() + 2 ** 40) }, '101'],
  ])('authenticate that returns %s: a good answer or none, never a wrong one', async (_what, answered, outcome) => {
    const { answer } = await serving({ rolesAllowed: ['*'] }, { authenticate: () => answered as Principal });
    expect(await answer()).toBe(outcome);
  });

  it.each<[string, ContainerOptions]>([
    [
      'authenticate throws',
      {
        authenticate: () => {
          throw new Error('no database');
        },
      },
    ],
    ['authenticate rejects', { authenticate: async () => Promise.reject(new Error('no database')) }],
    [
      'isUserInRole throws',
      {
        isUserInRole: () => {
          throw new Error('no database');
        },
      },
    ],
    ['isUserInRole returns a promise, which is as good as a yes', { isUserInRole: (async () => false) as never }],
    [
      'httpSession throws',
      {
        httpSession: () => {
          throw new Error('no database');
        },
      },
    ],
    ['httpSession returns an id', { httpSession: () => 'id' as never }],
  ])('%s: 500 HOOK_FAILED, logged, and nothing of it is told', async (_what, options) => {
    const { answer, started } = await serving({ rolesAllowed: ['admin'] }, options);
    expect(await answer(as('ann'))).toBe('500 HOOK_FAILED');
    expect(started.log.filter(({ level }) => level === 'error')).toMatchObject([{ code: 'MARGAY_HOOK_FAILED', path: '/talk' }]);
  });

  it.each(['authenticate', 'httpSession'])('[REL-2, D-25] %s counts in hookTimeout', async (which) => {
    const never = gate();
    const { answer } = await serving({}, { hookTimeout: 80, [which]: () => never.promise });
    expect(await answer(as('ann'))).toBe('503 HOOK_TIMEOUT');
    never.open();
  });

  it.each<[string, unknown]>([
    ['rolesAllowed', 'admin'],
    ['rolesAllowed', ['']],
    ['challenge', ''],
    ['challenge', 'Basic\r\nX-Smuggled: 1'],
    ['confidential', 'yes'],
    ['authenticate', { name: 'ann' }],
    ['isUserInRole', true],
    ['httpSession', 'id'],
    ['onSessionEnd', null],
  ])('[D-36] the option %s cannot be %j', async (name, value) => {
    await expect(serving({}, { [name]: value })).rejects.toMatchObject({ code: 'MARGAY_OPTION', message: expect.stringContaining(name) });
  });
});

describe('[HS-15] httpSession', () => {
  it('[HS-7] is asked behind rows 3 to 6 and before the origin; hooks get what it gives', async () => {
    const order: unknown[] = [];
    const session = { id: 's1', cart: ['tea'] };
    class Hooks extends ServerEndpointConfig.Configurator {
      override checkOrigin(_origin: string | null, request?: HandshakeRequest): boolean {
        order.push('checkOrigin', request?.getHttpSession() === session);
        return true;
      }
    }
    const { answer } = await serving(
      { configurator: Hooks },
      {
        authenticate: () => {
          order.push('authenticate');
          return null;
        },
        httpSession: async () => {
          await sleep(5);
          order.push('httpSession');
          return session;
        },
      },
    );
    expect(await answer({ headers: { 'Sec-WebSocket-Key': 'short' } })).toBe('400 UPGRADE_KEY');
    expect(order.splice(0)).toEqual(['authenticate']);
    expect(await answer()).toBe('101');
    expect(order).toEqual(['authenticate', 'httpSession', 'checkOrigin', true]);
  });

  it('[HS-7] is null where there is none, and without the option', async () => {
    const seen: unknown[] = [];
    class Hooks extends ServerEndpointConfig.Configurator {
      override modifyHandshake(_config: ServerEndpointConfig, request: HandshakeRequest): void {
        seen.push(request.getHttpSession());
      }
    }
    for (const httpSession of [undefined, () => null, () => undefined as never]) {
      expect(await (await serving({ configurator: Hooks }, { httpSession })).answer()).toBe('101');
    }
    expect(seen).toEqual([null, null, null]);
  });
});
