/** Snake on Tomcat 7's API: the same game in another notation. */
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { serve } from 'margay';
import type { Location } from '../../examples/snake/field.js';
import { SnakeWebSocketServlet } from '../../examples/tc7/snake-web-socket-servlet.js';
import { eventually } from '../support/eventually.js';
import { Peer } from '../support/peer.js';
import { run } from './running.js';

const COLOUR = '#e6a1b2';
const logged = { debug: jest.fn(), info: jest.fn(), warn: jest.fn(), error: jest.fn() };
const stops: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
  jest.resetAllMocks();
});

/** A servlet whose time is the ticks of the test, and whose snakes begin there; later they begin at 600, 400. */
async function begin(...starts: Location[]) {
  const servlet = new SnakeWebSocketServlet();
  const { game } = servlet;
  const stopped = jest.fn();
  game.ticker = () => stopped;
  game.chance = { colour: () => COLOUR, place: () => starts.shift() ?? { x: 600, y: 400 } };
  const container = await serve({ servlets: [{ urlPattern: '/snake', servlet }], port: 0, host: '127.0.0.1', logger: logged });
  stops.push(() => container.close());
  return { game, stopped, dial: () => Peer.open(`${container.url.replace('http', 'ws')}/snake`) };
}

const join = (...ids: number[]) => `{'type': 'join','data':[${ids.map((id) => `{id: ${id}, color: '${COLOUR}'}`).join(',')}]}`;

describe('snake on Tomcat 7', () => {
  it('[EX-S1] is deployed beside its successor, and moves ten times a second', async () => {
    const peer = await (await run()).dial('/examples/websocket/tc7/snake');
    const types = (await peer.take(4)).map((frame) => /^\{'type': '(\w+)'/.exec(String(frame))?.[1]);
    expect(types).toEqual(['join', 'update', 'update', 'update']);
  });

  it('[EX-S1] [EX-S3] counts its snakes from 1, and says who comes, who is where, and who leaves', async () => {
    const { game, dial, stopped } = await begin({ x: 100, y: 100 }, { x: 200, y: 50 });
    const first = await dial();
    expect(await first.next()).toBe(join(1));
    const second = await dial();
    expect([await first.next(), await second.next()]).toEqual([join(1, 2), join(1, 2)]);
    first.send('east');
    await eventually(() => expect(game.snakes.get(1)?.direction).toBe('east'));
    game.tick();
    const update = "{'type': 'update', 'data' : [{'id':1,'body':[{x: 110, y: 100},{x: 100, y: 100}]},{'id':2,'body':[{x: 200, y: 50}]}]}";
    expect([await first.next(), await second.next()]).toEqual([update, update]);
    await second.close();
    expect(await first.next()).toBe("{'type': 'leave', 'id': 2}");
    first.socket.terminate();
    await eventually(() => expect(stopped).toHaveBeenCalledTimes(1));
    expect(logged.error).not.toHaveBeenCalled();
  });

  it('[EX-S3] [EX-S4] tells of death and of the kill', async () => {
    const { game, dial } = await begin({ x: 200, y: 200 }, { x: 190, y: 200 });
    const [still, runner] = [await dial(), await dial()];
    await still.take(2);
    await runner.next();
    for (const text of ['none', '东 🐍', '__proto__', 'toString', 'EAST', 'ping']) runner.send(text);
    runner.socket.ping();
    await runner.pong(); // which the server wrote behind all of them
    expect(game.snakes.get(2)?.direction).toBe('none');
    runner.send('east');
    await eventually(() => expect(game.snakes.get(2)?.direction).toBe('east'));
    game.tick();
    expect([await still.next(), await runner.next()]).toEqual(["{'type': 'kill'}", "{'type': 'dead'}"]);
  });

  it('[TC7-4] drops who sends bytes, and the rest hear of it once', async () => {
    const { game, dial } = await begin();
    const [first, second] = [await dial(), await dial()];
    await first.take(2);
    second.send(Buffer.from('west'));
    expect(await second.closed).toMatchObject({ code: 1006 });
    expect(await first.next()).toBe("{'type': 'leave', 'id': 2}");
    game.tick();
    expect(await first.next()).toBe("{'type': 'update', 'data' : [{'id':1,'body':[{x: 600, y: 400}]}]}");
  });

  it('lets nobody wait for who does not read', async () => {
    const { game, dial } = await begin();
    const [quick, deaf] = [await dial(), await dial()];
    await quick.take(2);
    deaf.socket.pause();
    for (let i = 0; i < 300; i++) {
      game.tell(`${i} ${' '.repeat(30_000)}`);
      expect(Number.parseInt(String(await quick.next()), 10)).toBe(i);
    }
    deaf.socket.terminate();
    expect(await quick.next()).toBe("{'type': 'leave', 'id': 2}");
    expect(logged.error).not.toHaveBeenCalled();
  });
});
