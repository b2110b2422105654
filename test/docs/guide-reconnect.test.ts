/** The examples of docs/guide/reconnect.md, run as they stand there. */
import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { ClientEndpoint, CloseReason, OnMessage, OnOpen, ServerEndpoint, Session } from 'margay';
import { eventually } from '../support/eventually.js';
import { start } from '../support/start.js';

beforeEach(() => {
  jest.spyOn(Math, 'random').mockReturnValue(0); // nobody waits
});
afterEach(() => {
  jest.restoreAllMocks();
});

const closeCode = (code: number) => new CloseReason(CloseReason.CloseCodes.getCloseCode(code), '');

it('a ticker subscribes again, and what was ordered meanwhile arrives', async () => {
  const heard: string[] = [];
  let own!: Session;
  @ServerEndpoint('/ticks')
  class Ticks {
    @OnOpen open(session: Session): void {
      own = session;
    }

    @OnMessage text(message: string): string {
      heard.push(message);
      return `${message}: 7`;
    }
  }
  const server = await start(Ticks);
  const { ticker, follow, order } = await import('./examples/guide-reconnect-1.js');
  await follow(server.url('/ticks'));
  await eventually(() => expect(ticker.prices).toEqual(['subscribe: 7']));
  const lost = ticker.session as Session;
  await own.close(closeCode(1012));
  await eventually(() => expect(lost.isOpen()).toBe(false));
  await order('two of it');
  await eventually(() => expect(heard).toEqual(['subscribe', 'subscribe', 'two of it']));
  await ticker.session?.close();
});

it('who is told that a token has expired stays away, and comes back otherwise', async () => {
  const own: Session[] = [];
  @ServerEndpoint('/members')
  class Members {
    @OnOpen open(session: Session): void {
      own.push(session);
    }
  }
  @ClientEndpoint
  class Member {}
  const server = await start(Members);
  const { connect, tokens } = await import('./examples/guide-reconnect-2.js');
  await connect(Member, server.url('/members'));
  await eventually(() => expect(own).toHaveLength(1));
  await own[0]?.close(closeCode(1000));
  await eventually(() => expect(own).toHaveLength(2));
  await own[1]?.close(closeCode(4001));
  await eventually(() => expect(tokens.expired).toBe(true));
  await eventually(() => expect(server.container.statistics().open).toBe(0));
  expect(own).toHaveLength(2);
});
