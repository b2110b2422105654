/** What snake is made of: its time, its chance, and how it ends a connection. */
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { IOException, openSessions, type Session, serve } from 'margay';
import { anyColour } from '../../examples/snake/colour.js';
import { anywhere } from '../../examples/snake/field.js';
import { game, SnakeAnnotation } from '../../examples/snake/snake-annotation.js';
import { every } from '../../examples/snake/ticker.js';
import { eventually } from '../support/eventually.js';
import { Peer } from '../support/peer.js';

describe("snake's chance", () => {
  it('[EX-S1] puts a snake on the grid, both edges included', () => {
    const places = [0, 0.004, 0.5, 0.9999].map((drawn) => anywhere(() => drawn));
    expect(places).toEqual([
      { x: 0, y: 0 },
      { x: 0, y: 0 },
      { x: 320, y: 240 },
      { x: 640, y: 480 },
    ]);
  });

  it('[EX-S1] gives it any hue, of saturation 0.1 to 0.3 and brightness 0.9', () => {
    const of = (...drawn: number[]) => anyColour(() => drawn.shift() as number);
    expect([of(0, 0.5), of(1 / 3, 0.5), of(2 / 3, 0.5), of(1 / 6, 0)]).toEqual(['#e6b8b8', '#b8e6b8', '#b8b8e6', '#e6e6cf']);
    for (let i = 0; i < 200; i++) {
      const colour = anyColour(Math.random);
      const parts = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
      const [most, least] = [Math.max(...parts), Math.min(...parts)];
      expect(most).toBe(230); // 0.9 of 255
      expect(1 - least / most).toBeGreaterThan(0.097);
      expect(1 - least / most).toBeLessThan(0.303);
    }
  });
});

describe("snake's time", () => {
  afterEach(() => {
    jest.restoreAllMocks();
    jest.useRealTimers();
  });

  it('[EX-S1] ticks every 100 ms until it is stopped, and a late tick does not delay the next', () => {
    jest.useFakeTimers();
    const clock = performance.now.bind(performance);
    const begin = clock();
    let late = 0;
    jest.spyOn(performance, 'now').mockImplementation(() => clock() + late);
    const at: number[] = [];
    const stop = every(100)(() => {
      at.push(performance.now() - begin);
      if (at.length === 2) late = 30; // it takes long
    });
    jest.advanceTimersByTime(500);
    expect(at).toEqual([100, 200, 330, 400, 500]);
    stop();
    jest.advanceTimersByTime(500);
    expect(at).toHaveLength(5);
  });
});

describe("snake's connections", () => {
  const logged = { debug: jest.fn(), info: jest.fn(), warn: jest.fn(), error: jest.fn() };
  const stops: (() => Promise<unknown>)[] = [];

  afterEach(async () => {
    for (const stop of stops.splice(0)) await stop();
    await eventually(() => expect(game.snakes.size).toBe(0));
    logged.error.mockClear();
  });

  async function connected(): Promise<{ peer: Peer; session: Session }> {
    const container = await serve({ endpoints: [SnakeAnnotation], port: 0, host: '127.0.0.1', logger: logged });
    stops.push(() => container.close());
    const peer = await Peer.open(`${container.url.replace('http', 'ws')}/websocket/snake`);
    await peer.next();
    return { peer, session: [...openSessions(container, SnakeAnnotation)][0] as Session };
  }

  it('[EX-S5] gives a send a tenth of a second', async () => {
    const { session } = await connected();
    expect(session.getUserProperties().get('org.apache.tomcat.websocket.BLOCKING_SEND_TIMEOUT')).toBe(100);
  });

  it('[EX-S5] closes with 1006, which is 1002 on the wire, who cannot be sent to', async () => {
    const { peer, session } = await connected();
    jest.spyOn(session.getBasicRemote(), 'sendText').mockRejectedValue(new IOException('no'));
    game.tell('x');
    expect(await peer.closed).toEqual({ code: 1002, phrase: 'cannot be sent to' });
    await eventually(() => expect(game.snakes.size).toBe(0));
    expect(logged.error).not.toHaveBeenCalled();
  });

  it('[EX-S5] closes the session of an error, and leaves it to the container to say so', async () => {
    const { peer } = await connected();
    const snake = [...game.snakes.values()][0];
    const error = new TypeError('a defect');
    Object.defineProperty(snake, 'direction', {
      set: () => {
        throw error;
      },
    });
    peer.send('west');
    expect(await peer.closed).toEqual({ code: 1000, phrase: '' });
    await eventually(() => expect(logged.error).toHaveBeenCalledTimes(1));
    expect(logged.error.mock.calls[0]).toEqual([expect.objectContaining({ code: 'MARGAY_ERROR_HANDLER', err: error }), expect.any(String)]);
  });

  it('[EX-S5] [EX-0] says nothing of a connection that breaks', async () => {
    const { peer } = await connected();
    (peer.socket as unknown as { _socket: { resetAndDestroy(): void } })._socket.resetAndDestroy();
    await eventually(() => expect(game.snakes.size).toBe(0));
    expect(logged.error).not.toHaveBeenCalled();
  });
});
