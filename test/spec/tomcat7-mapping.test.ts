/** Which servlet answers where, and when it is made and let go. [TC7-9] */
import { describe, expect, it } from '@jest/globals';
import { type ContainerOptions, DeploymentException, IllegalArgumentException, ServerContainer, serve } from 'margay';
import { HttpServlet, type HttpServletRequest, type HttpServletResponse } from 'margay/catalina';
import { ask } from '../support/ask.js';
import { gate } from '../support/eventually.js';
import { start } from '../support/start.js';

/** Answers with its pattern, and where the path was cut. */
class Telling extends HttpServlet {
  protected override doGet(request: HttpServletRequest, response: HttpServletResponse) {
    response.getWriter().print(`${this.getInitParameter('name')} ${request.getServletPath()} ${request.getPathInfo()}`);
  }
}

const mapped = (...patterns: string[]) =>
  patterns.map((urlPattern) => ({ urlPattern, servlet: Telling, initParams: { name: urlPattern } }));

const quiet = { debug() {}, info() {}, warn() {}, error() {} };

describe('[TC7-9] mapping', () => {
  const PATTERNS = ['/', '/chat', '/chat/*', '/chat/rooms/*', '*.ws', '/小明', '/a b/*', '/deep/exact/path'];
  const ROWS: readonly [path: string, pattern: string, servletPath: string, pathInfo: string | null][] = [
    ['/chat', '/chat', '/chat', null],
    ['/chat/', '/chat/*', '/chat', '/'],
    ['/chat/x', '/chat/*', '/chat', '/x'],
    ['/chat/x.ws', '/chat/*', '/chat', '/x.ws'],
    ['/chat/rooms', '/chat/rooms/*', '/chat/rooms', null],
    ['/chat/rooms/1/2', '/chat/rooms/*', '/chat/rooms', '/1/2'],
    ['/chatter', '/', '/chatter', null],
    ['/x.ws', '*.ws', '/x.ws', null],
    ['/deep/x.ws', '*.ws', '/deep/x.ws', null],
    ['/x.ws/y', '/', '/x.ws/y', null],
    ['/%E5%B0%8F%E6%98%8E', '/小明', '/小明', null],
    ['/%63hat', '/chat', '/chat', null],
    ['/a%20b/c', '/a b/*', '/a b', '/c'],
    ['/deep/exact/path', '/deep/exact/path', '/deep/exact/path', null],
    ['/chat%2Fx', '/', '/chat%2Fx', null],
    ['/Chat', '/', '/Chat', null],
    ['//chat', '/chat', '/chat', null],
    ['/', '/', '/', null],
    ['/x/../chat', '/chat', '/chat', null],
  ];
  it.each(ROWS)('%s is for %s', async (target, pattern, servletPath, pathInfo) => {
    const started = await start([], { contextPath: '/app', servlets: mapped(...PATTERNS) });
    const { body } = await ask(started, { target: `/app${target}`, headers: { Upgrade: [], Connection: [] } });
    expect(body).toBe(`${pattern} ${servletPath} ${pathInfo}`);
  });

  it('the kind decides, whatever the length and the order of the list', async () => {
    const started = await start([], { servlets: mapped('/', '*.extension', '/*', '/chat/*', '/chat') });
    const at = async (target: string) => (await ask(started, { target, headers: { Upgrade: [], Connection: [] } })).body.split(' ', 1)[0];
    expect(await at('/chat')).toBe('/chat');
    expect(await at('/chat/x.extension')).toBe('/chat/*');
    expect(await at('/x.extension')).toBe('/*');
  });

  it('everything below /*, the context path itself left out', async () => {
    const started = await start([], { contextPath: '/app', servlets: mapped('/*') });
    const at = async (target: string) => (await ask(started, { target, headers: { Upgrade: [], Connection: [] } })).body;
    expect([await at('/app/x'), await at('/app/')]).toEqual(['/*  /x', '/*  /']);
    expect([await at('/app'), await at('/other')]).toEqual([
      expect.stringContaining('NO_ENDPOINT'),
      expect.stringContaining('NO_ENDPOINT'),
    ]);
  });
});

describe('[TC7-9] what is refused', () => {
  const ROWS: readonly [servlets: unknown, words: string][] = [
    [{}, 'give a list of { urlPattern, servlet }'],
    [[null], 'entry 0: give { urlPattern, servlet }'],
    [[{ servlet: Telling }], 'entry 0: it has no urlPattern; give { urlPattern, servlet }'],
    [[{ urlPattern: 'chat', servlet: Telling }], 'urlPattern "chat" does not begin with "/"; write "/chat"'],
    [[{ urlPattern: '', servlet: Telling }], 'does not begin with "/"'],
    [[{ urlPattern: '/a*b', servlet: Telling }], 'has a "*" that is neither in'],
    [[{ urlPattern: '/a/*/b', servlet: Telling }], 'has a "*" that is neither in'],
    [[{ urlPattern: '*.a/b', servlet: Telling }], 'has more than an extension'],
    [[{ urlPattern: '*.', servlet: Telling }], 'has more than an extension'],
    [[{ urlPattern: '/a?b', servlet: Telling }], 'holds "?" or "#"'],
    [[{ urlPattern: '/a' }], 'it has no servlet'],
    [[{ urlPattern: 7, servlet: Telling }], 'urlPattern 7 is not a string'],
    [[{ urlPattern: '/a', servlet: null }], 'servlet: give a class that extends HttpServlet'],
    [[{ urlPattern: '/a', servlet: class Odd {} }], 'servlet Odd; give a class that extends HttpServlet'],
    [[{ urlPattern: '/a', servlet: {} }], 'servlet: give a class that extends HttpServlet'],
    [[{ urlPattern: '/a', servlet: Telling, initParams: { a: 1 } }], 'initParams: give an object of strings'],
    [[{ urlPattern: '/a', servlet: Telling, initparams: {} }], 'did you mean "initParams"?'],
    [mapped('/a', '/b', '/a'), 'two entries have the urlPattern "/a"; keep one'],
  ];
  it.each(ROWS)('%j', (servlets, words) => {
    const make = () => new ServerContainer({ servlets: servlets as never });
    expect(make).toThrow(IllegalArgumentException);
    expect(make).toThrow(expect.objectContaining({ code: 'MARGAY_OPTION', message: expect.stringContaining(words) }));
  });
});

describe('[TC7-9] the life of a servlet', () => {
  it('made and initialised once, in the order of the list, before the first request; destroyed backwards at the end', async () => {
    const events: string[] = [];
    class First extends HttpServlet {
      constructor() {
        super();
        events.push('new First');
      }
      override async init() {
        await new Promise((resolve) => setTimeout(resolve, 10));
        events.push('init First');
      }
      override async destroy() {
        await null;
        events.push('destroy First');
      }
    }
    class Second extends HttpServlet {
      override init() {
        events.push('init Second');
      }
      override destroy() {
        events.push('destroy Second');
      }
    }
    const second = new Second();
    const servlets = [
      { urlPattern: '/first', servlet: First },
      { urlPattern: '/first/again', servlet: First },
      { urlPattern: '/second', servlet: second },
      { urlPattern: '*.second', servlet: second },
    ];
    const container = new ServerContainer({ servlets, logger: quiet });
    expect(events).toEqual([]);
    const { port } = await container.listen({ port: 0, host: '127.0.0.1' });
    await container.listen({ port: 0, host: '127.0.0.1' });
    expect(events).toEqual(['new First', 'init First', 'new First', 'init First', 'init Second']);
    expect((await ask({ port }, { target: '/x.second', headers: { Upgrade: [], Connection: [] } })).status).toBe(405);
    await container.close();
    expect(events.slice(5)).toEqual(['destroy Second', 'destroy First', 'destroy First']);
  });

  const FAILING: readonly [what: string, servlet: new () => HttpServlet, words: string][] = [
    [
      'init throws',
      class Bad extends HttpServlet {
        override init() {
          throw new Error('no disk');
        }
      },
      'Bad.init() threw: no disk',
    ],
    [
      'init rejects',
      class Bad extends HttpServlet {
        override init() {
          return Promise.reject(new Error('no disk'));
        }
      },
      'Bad.init() threw: no disk',
    ],
    [
      'the constructor throws',
      class Bad extends HttpServlet {
        constructor() {
          super();
          throw new Error('no disk');
        }
      },
      'Bad cannot be made: no disk',
    ],
  ];
  it.each(FAILING)('%s: DeploymentException, nothing listens, and those before it are let go', async (_what, servlet, words) => {
    const destroyed: string[] = [];
    class Good extends HttpServlet {
      override destroy() {
        destroyed.push('Good');
      }
    }
    const options: ContainerOptions = {
      servlets: [
        { urlPattern: '/good', servlet: Good },
        { urlPattern: '/bad', servlet },
      ],
      logger: quiet,
    };
    const failed = await serve({ ...options, port: 0 }).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(DeploymentException);
    expect(failed).toMatchObject({ code: 'MARGAY_INITIALIZER', message: words, cause: expect.objectContaining({ message: 'no disk' }) });
    expect(destroyed).toEqual(['Good']);
    const container = new ServerContainer(options);
    await expect(container.listen({ port: 0 })).rejects.toMatchObject({ code: 'MARGAY_INITIALIZER' });
    await expect(container.listen({ port: 0 })).rejects.toMatchObject({ code: 'MARGAY_INITIALIZER' }); // and again
    expect(container.url).toBe('');
    await container.close();
  });

  it('a destroy that throws is logged, and the others follow', async () => {
    const destroyed: string[] = [];
    const make = (name: string) =>
      new (class Servlet extends HttpServlet {
        override destroy() {
          destroyed.push(name);
          if (name === 'b') throw new Error('stuck');
        }
      })();
    const { container, log } = await start([], {
      servlets: ['a', 'b', 'c'].map((name) => ({ urlPattern: `/${name}`, servlet: make(name) })),
    });
    await container.close();
    expect(destroyed).toEqual(['c', 'b', 'a']);
    expect(log.filter(({ level }) => level === 'warn')).toMatchObject([{ code: 'MARGAY_DESTROY', class: 'Servlet' }]);
  });

  it('a container that closes while a servlet is initialised lets it go, and never listens', async () => {
    const begun = gate();
    const held = gate();
    const events: string[] = [];
    class Slow extends HttpServlet {
      override async init() {
        begun.open();
        await held.promise;
      }
      override destroy() {
        events.push('destroyed');
      }
    }
    const container = new ServerContainer({ servlets: [{ urlPattern: '/slow', servlet: Slow }], logger: quiet });
    const listening = container.listen({ port: 0 });
    listening.catch(() => {});
    await begun.promise;
    await container.close();
    held.open();
    await expect(listening).rejects.toMatchObject({ code: 'MARGAY_STATE' });
    expect(events).toEqual(['destroyed']);
  });

  it('[DEP-10] comes from the instance manager, if there is one, and goes back to it; an object of yours does not', async () => {
    const events: unknown[] = [];
    class Made extends Telling {}
    const given = new Telling();
    const manager = {
      async create(type: new () => object) {
        events.push(['create', type.name]);
        return new type();
      },
      destroy(object: object) {
        events.push(['destroy', object.constructor.name]);
      },
    };
    const { container } = await start([], {
      instanceManager: manager,
      servlets: [
        { urlPattern: '/made', servlet: Made },
        { urlPattern: '/given', servlet: given },
      ],
    });
    await container.close();
    expect(events).toEqual([
      ['create', 'Made'],
      ['destroy', 'Made'],
    ]);
  });

  it('what the instance manager makes has to be a servlet', async () => {
    const failed = serve({ port: 0, logger: quiet, instanceManager: { create: () => ({}) }, servlets: mapped('/x') });
    await expect(failed).rejects.toMatchObject({ code: 'MARGAY_INITIALIZER', message: expect.stringContaining('Telling cannot be made') });
  });
});
