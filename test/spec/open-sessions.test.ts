/** Sessions found from outside, and what belongs to the application as a whole. [CON-8, CON-10, CON-4, SES-3, SES-19] */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { afterEach, describe, expect, it } from '@jest/globals';
import {
  type ContainerOptions,
  IllegalArgumentException,
  OnClose,
  OnOpen,
  openSessions,
  ServerContainer,
  ServerEndpoint,
  ServerEndpointConfig,
  Session,
} from 'margay';
import { eventually } from '../support/eventually.js';
import { start } from '../support/start.js';

@ServerEndpoint('/room/{id}')
class Room {}

@ServerEndpoint('/other')
class Other {}

const ids = (sessions: Iterable<Session>) => [...sessions].map((each) => each.getId()).sort();

describe('[CON-10] openSessions(container, endpoint)', () => {
  it('gives those of a class, or of its path as written, whatever its variables and the context path are', async () => {
    const { container, dial } = await start([Room, Other], { contextPath: '/app' });
    expect(openSessions(container, Room).size).toBe(0);
    await dial('/room/1');
    await dial('/room/2');
    await dial('/other');
    const rooms = openSessions(container, Room);
    expect([...rooms].map((each) => each.getPathParameters().get('id')).sort()).toEqual(['1', '2']);
    expect(ids(openSessions(container, '/room/{id}'))).toEqual(ids(rooms));
    expect(ids([...rooms][0]?.getOpenSessions() ?? [])).toEqual(ids(rooms));
    expect(openSessions(container, Other).size).toBe(1);
    for (const path of ['/app/room/{id}', '/room/1', '/room/{other}']) expect(openSessions(container, path).size).toBe(0);
  });

  it('gives a set of its own each time, and sessions only while they are open', async () => {
    const seen: unknown[] = [];
    @ServerEndpoint('/own')
    class Own {
      @OnOpen
      open(session: Session): void {
        seen.push(openSessions(session.getContainer() as ServerContainer, Own).has(session));
      }
      @OnClose
      close(session: Session): void {
        seen.push(openSessions(session.getContainer() as ServerContainer, Own).has(session));
      }
    }
    const { container, dial } = await start(Own);
    const peer = await dial('/own');
    const before = openSessions(container, Own);
    before.clear();
    expect(openSessions(container, Own).size).toBe(1);
    const kept = openSessions(container, Own);
    await peer.close();
    await eventually(() => expect(seen).toEqual([true, false]));
    expect([kept.size, openSessions(container, Own).size]).toEqual([1, 0]);
  });

  it('a class at two paths: both by the class, each by its path', async () => {
    const second = ServerEndpointConfig.Builder.create(Room, '/hall/{id}').build();
    const { container, dial } = await start([Room, second]);
    await dial('/room/1');
    await dial('/hall/1');
    const sizes = [Room, '/room/{id}', '/hall/{id}'].map((endpoint) => openSessions(container, endpoint).size);
    expect(sizes).toEqual([2, 1, 1]);
  });

  it('is empty for what is not deployed there, and knows nothing of another container', async () => {
    const { dial } = await start(Room);
    await dial('/room/1');
    const elsewhere = new ServerContainer();
    for (const endpoint of [Room, '/room/{id}', '/nowhere', class Stranger {}])
      expect(openSessions(elsewhere, endpoint)).toEqual(new Set());
  });

  it.each<[unknown, unknown]>([
    [null, Room],
    [{}, Room],
    [new ServerContainer(), null],
    [new ServerContainer(), 7],
  ])('refuses what is no container or no endpoint: %#', (container, endpoint) => {
    const call = () => openSessions(container as ServerContainer, endpoint as string);
    expect(call).toThrow(IllegalArgumentException);
    expect(call).toThrow(expect.objectContaining({ code: 'MARGAY_ARGUMENT' }));
  });
});

describe('[SES-3, CON-4] the container of a session', () => {
  it('[CON-8] is one and the same for all endpoints of the application, and the one that was made', async () => {
    const { container, dial } = await start([Room, Other], { perMessageDeflate: true });
    await dial('/room/1');
    await dial('/room/2');
    await dial('/other');
    const all = [...openSessions(container, Room), ...openSessions(container, Other)];
    expect(all.map((session) => session.getContainer() === container)).toEqual([true, true, true]);
    expect([...(all[0] as Session).getContainer().getInstalledExtensions()].map((each) => each.getName())).toEqual(['permessage-deflate']);
  });
});

describe('[CON-8] container.attributes', () => {
  const NAME = 'jakarta.websocket.server.ServerContainer';
  const servers: Server[] = [];
  const made: ServerContainer[] = [];

  afterEach(async () => {
    await Promise.all(made.splice(0).map((each) => each.close()));
    for (const server of servers.splice(0)) server.close();
  });

  async function site(): Promise<Server> {
    const server = createServer();
    servers.push(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return server;
  }

  function container(options: ContainerOptions = {}): ServerContainer {
    made.push(new ServerContainer(options));
    return made.at(-1) as ServerContainer;
  }

  it('has the container from the beginning, and whatever is put there', async () => {
    const { container: one, dial } = await start(Room);
    expect(one.attributes.get(NAME)).toBe(one);
    one.attributes.set('greeting', 'hello');
    await dial('/room/1');
    const [session] = openSessions(one, Room);
    expect(((session as Session).getContainer() as ServerContainer).attributes.get('greeting')).toBe('hello');
  });

  it('is one for the containers of one context path on one server, with what each had before', async () => {
    const server = await site();
    const [one, two] = [container({ contextPath: '/app' }), container({ contextPath: '/app' })];
    one.attributes.set('a', 1).set('both', 'one');
    two.attributes.set('b', 2).set('both', 'two');
    await one.attach(server);
    await two.attach(server);
    expect(two.attributes).toBe(one.attributes);
    expect(new Map(one.attributes)).toEqual(
      new Map<string, unknown>([
        [NAME, one],
        ['a', 1],
        ['both', 'one'],
        ['b', 2],
      ]),
    );
  });

  it('is another one for another context path, and on another server', async () => {
    const [server, other] = [await site(), await site()];
    const [one, two, three] = [container({ contextPath: '/app' }), container(), container({ contextPath: '/app' })];
    await one.attach(server);
    await two.attach(server);
    await three.attach(other);
    for (const each of [one, two, three]) expect(each.attributes.get(NAME)).toBe(each);
    one.attributes.set('a', 1);
    expect([two.attributes.has('a'), three.attributes.has('a')]).toEqual([false, false]);
  });

  it('stays with those who are left when one is closed or detached; whoever comes then joins them', async () => {
    const server = await site();
    const [one, two, three, four] = [container(), container(), container(), container()];
    await one.attach(server);
    const detach = await two.attach(server);
    await three.attach(server);
    one.attributes.set('a', 1);
    await one.close();
    expect([two.attributes.get(NAME), two.attributes.get('a'), one.attributes.get(NAME)]).toEqual([two, 1, one]);
    detach();
    two.attributes.set('own', true);
    expect([three.attributes.get(NAME), three.attributes.has('own'), two.attributes.get(NAME)]).toEqual([three, false, two]);
    await four.attach(server);
    expect(four.attributes).toBe(three.attributes);
    await Promise.all([three.close(), four.close()]);
    const fresh = container();
    await fresh.attach(server);
    expect([...fresh.attributes.keys()]).toEqual([NAME]);
  });
});
