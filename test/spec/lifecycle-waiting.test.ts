/** A callback that messages wait for is named. [LIF-13] */
import { describe, expect, it } from '@jest/globals';
import { OnMessage, OnOpen, PongMessage, ServerEndpoint, Session } from 'margay';
import { eventually, gate, sleep } from '../support/eventually.js';
import { withFastSeconds } from '../support/fast-seconds.js';
import { OPCODES } from '../support/frames.js';
import { RawPeer } from '../support/raw-peer.js';
import { type Line, start } from '../support/start.js';

withFastSeconds();

const { text } = OPCODES;
const stuck = (log: readonly Line[]) => log.filter(({ code }) => code === 'MARGAY_STUCK_CALLBACK');

describe('a callback that messages wait for', () => {
  it('[LIF-13] is named once when it has run for stuckCallbackAfter, with class, method, session and time', async () => {
    const hold = gate();
    let id = '';
    @ServerEndpoint('/port')
    class Ported {
      @OnMessage async loop(_message: string, session: Session): Promise<void> {
        id = session.getId();
        await hold.promise;
      }
    }
    const { dial, log } = await start(Ported, { stuckCallbackAfter: 100 });
    const peer = await dial('/port');
    peer.send('1');
    peer.send('2');
    await eventually(() => expect(stuck(log)).toHaveLength(1));
    expect(stuck(log)[0]).toMatchObject({ level: 'warn', endpoint: 'Ported', member: 'loop', session: id });
    expect(stuck(log)[0]?.['ms']).toBeGreaterThanOrEqual(100);
    expect(stuck(log)[0]?.message).toContain('Ported.loop()');
    await sleep(300); // some more looks at the clock
    expect(stuck(log)).toHaveLength(1);
    hold.open();
  });

  it('[LIF-13] each call is named once', async () => {
    let hold = gate();
    let calls = 0;
    @ServerEndpoint('/again')
    class Again {
      @OnMessage async text(_message: string): Promise<void> {
        calls++;
        await hold.promise;
      }
    }
    const { dial, log } = await start(Again, { stuckCallbackAfter: 50 });
    const peer = await dial('/again');
    for (const each of ['1', '2', '3']) peer.send(each);
    await eventually(() => expect(stuck(log)).toHaveLength(1));
    const first = hold;
    hold = gate();
    first.open();
    await eventually(() => expect(calls).toBe(2));
    await eventually(() => expect(stuck(log)).toHaveLength(2));
    hold.open();
  });

  it('[LIF-13] is not named while nothing waits, nor with the option 0', async () => {
    const hold = gate();
    @ServerEndpoint({ value: '/alone', stuckCallbackAfter: 50 })
    class Alone {
      @OnMessage text(_message: string): Promise<void> {
        return hold.promise;
      }
    }
    @ServerEndpoint({ value: '/off', stuckCallbackAfter: 0 })
    class Off {
      @OnMessage text(_message: string): Promise<void> {
        return hold.promise;
      }
    }
    @ServerEndpoint({ value: '/witness', stuckCallbackAfter: 50 })
    class Witness {
      @OnMessage text(_message: string): Promise<void> {
        return hold.promise;
      }
    }
    const { dial, log } = await start([Alone, Off, Witness]);
    (await dial('/alone')).send('1');
    const [off, witness] = [await dial('/off'), await dial('/witness')];
    for (const peer of [off, witness]) for (const each of ['1', '2']) peer.send(each);
    await eventually(() => expect(stuck(log)).toHaveLength(1));
    expect(stuck(log)[0]).toMatchObject({ endpoint: 'Witness' });
    hold.open();
  });

  it.each([
    ['one that has a handler', text],
    ['a pong', OPCODES.pong],
    ['one that nobody takes yet', OPCODES.binary],
  ])('[LIF-13] an @OnOpen that a message waits for is named too: %s', async (_which, opcode) => {
    const hold = gate();
    @ServerEndpoint('/open')
    class Open {
      @OnOpen open(): Promise<void> {
        return hold.promise;
      }

      @OnMessage text(_message: string): void {}

      @OnMessage pong(_pong: PongMessage): void {}
    }
    const { port, log } = await start(Open, { stuckCallbackAfter: 50 });
    await RawPeer.open({ port }, '/open', { behind: [{ opcode, payload: 'x' }] });
    await eventually(() => expect(stuck(log)).toHaveLength(1), 2500);
    expect(stuck(log)[0]).toMatchObject({ endpoint: 'Open', member: 'open' });
    hold.open();
  });
});
