/** margay/testing: how connections end, from either side, and that nothing is left. */
import { fileURLToPath } from 'node:url';
import { expect, it, jest } from '@jest/globals';
import { CloseReason, OnClose, OnMessage, OnOpen, ServerEndpoint, Session, statistics } from 'margay';
import { deploy, memoryTransport, type Peer } from 'margay/testing';
import { node } from '../support/command.js';
import { eventually, gate } from '../support/eventually.js';
import { backTo, handles } from '../support/handles.js';

/** Closes when it is told to, and remembers how each session ended. */
function closing(): { readonly Talk: new () => object; readonly reasons: string[]; readonly sessions: Session[] } {
  const reasons: string[] = [];
  const sessions: Session[] = [];
  @ServerEndpoint('/talk')
  class Talk {
    @OnMessage async text(text: string, session: Session): Promise<void> {
      await session.getBasicRemote().sendText(`${text}!`);
      const [word, code, phrase] = text.split(' ');
      if (word === 'close') await session.close(new CloseReason(CloseReason.CloseCodes.getCloseCode(Number(code)), phrase));
    }

    @OnClose close(reason: CloseReason, session: Session): void {
      sessions.push(session);
      reasons.push(`${reason}`);
    }
  }
  return { Talk, reasons, sessions };
}

it.each<[what: string, close: (peer: Peer) => Promise<void> | void, seen: string, told: { code: number; phrase: string }]>([
  ['without a code, as a browser does', (peer) => peer.close(), 'CloseReason[1005]', { code: 1005, phrase: '' }],
  ['with a code', (peer) => peer.close(1001), 'CloseReason[1001]', { code: 1001, phrase: '' }],
  ['with a code and a phrase', (peer) => peer.close(4321, 'bye'), 'CloseReason[4321,bye]', { code: 4321, phrase: '' }],
  ['with 1005', (peer) => peer.close(1005), 'CloseReason[1005]', { code: 1005, phrase: '' }],
  ['without a goodbye', (peer) => peer.terminate(), 'CloseReason[1006', { code: 1006, phrase: '' }],
])('the peer closes %s', async (_, close, seen, told) => {
  const { Talk, reasons } = closing();
  const app = await deploy(Talk);
  const peer = await app.connect('/talk');
  await close(peer);
  const { code, phrase } = await peer.closed();
  expect({ code, phrase: told.phrase && phrase }).toEqual(told);
  await eventually(() => expect(reasons).toEqual([expect.stringContaining(seen)]));
  await peer.close(1000); // nothing any more
  peer.terminate();
  expect((await peer.closed()).code).toBe(told.code);
  await app.close();
  expect(reasons).toHaveLength(1);
});

it('the endpoint closes: messages before it are kept, then every wait fails at once with the code', async () => {
  const { Talk, reasons, sessions } = closing();
  const app = await deploy(Talk);
  const peer = await app.connect('/talk');
  const waiting = [peer.pong(), peer.binary()].map((each) => each.catch((error: Error) => error.message));
  await peer.send('close 4000 enough');
  expect(await peer.closed()).toEqual({ code: 4000, phrase: 'enough' });
  expect(sessions.map((session) => statistics(session).framesReceived)).toEqual([2]); // the message, and our answer
  expect(await Promise.all(waiting)).toEqual([
    'waited for a pong, but the connection is closed with 4000 "enough"; so far came "close 4000 enough!"',
    'expected a binary message, got "close 4000 enough!"; it is still there, for the verb that takes it',
  ]);
  expect(await peer.text()).toBe('close 4000 enough!');
  jest.useFakeTimers(); // it is not time that ends these
  try {
    for (const wait of [peer.text(), peer.binary(), peer.json(), peer.pong()]) {
      await expect(wait).rejects.toMatchObject({
        name: 'EOFException',
        code: 'MARGAY_EOF',
        message: expect.stringContaining('the connection is closed with 4000 "enough"; so far came "close 4000 enough!"'),
      });
    }
  } finally {
    jest.useRealTimers();
  }
  for (const sent of [peer.send('late'), peer.sendPart('late', true), peer.ping()]) {
    await expect(sent).rejects.toMatchObject({
      name: 'IOException',
      code: 'MARGAY_SEND_CLOSED',
      message: expect.stringContaining('closed with 4000 "enough"'),
    });
  }
  await app.close();
  expect(reasons).toEqual(['CloseReason[4000,enough]']);
});

it('what is sent behind a goodbye, or a loss, is refused; what stood before it arrives', async () => {
  const { Talk } = closing();
  const app = await deploy(Talk);
  const [peer, lost] = [await app.connect('/talk'), await app.connect('/talk')];
  const first = peer.send('first');
  const closed = peer.close(1000);
  await expect(peer.send('second')).rejects.toMatchObject({ code: 'MARGAY_SEND_CLOSED' });
  await Promise.all([first, closed]);
  lost.terminate();
  void lost.send('nobody awaits it');
  await expect(lost.send('third')).rejects.toMatchObject({ code: 'MARGAY_SEND_CLOSED' });
  await app.close();
  expect(app.container.statistics().messagesReceived).toBe(1);
});

it('a close that the endpoint does not answer rejects after the patience, and raises nothing if nobody awaits it', async () => {
  const going = gate();
  @ServerEndpoint('/busy')
  class Busy {
    @OnMessage text(_text: string): Promise<void> {
      return going.promise;
    }
  }
  const app = await deploy(Busy);
  const [peer, other] = [await app.connect('/busy'), await app.connect('/busy')];
  await Promise.all([peer.send('work'), other.send('work')]);
  void other.close(1000);
  const failure = { code: 'MARGAY_TIMEOUT', message: expect.stringContaining('waited 2000 ms for the server to answer the close') };
  await expect(peer.close(1000)).rejects.toMatchObject(failure);
  going.open();
  expect(await peer.closed()).toEqual({ code: 1000, phrase: '' });
  await app.close();
});

it('app.close() tells peers 1001, runs every @OnClose, and leaves no handle, timer or session', async () => {
  const { Talk, reasons } = closing();
  const before = handles();
  const timers = () => handles()['Timeout'] ?? 0;
  const app = deploy(Talk);
  const peers = await Promise.all(Array.from({ length: 20 }, () => app.connect('/talk')));
  await Promise.all(peers.map((peer) => peer.send('hello')));
  const waiting = peers.map((peer) => peer.pong().catch(({ code }: { code: string }) => code));
  let gone = 0;
  for (const peer of peers) void peer.closed().then(() => gone++);
  const whole = await app;
  await Promise.all([app.close(), whole.close()]);
  expect([gone, timers()]).toEqual([20, before['Timeout'] ?? 0]);
  expect(await Promise.all(waiting)).toEqual(Array(20).fill('MARGAY_EOF'));
  for (const peer of peers) expect(await peer.closed()).toEqual({ code: 1001, phrase: expect.any(String) });
  expect(await peers[0]?.text()).toBe('hello!');
  expect(reasons).toHaveLength(20);
  expect(app.container.statistics()).toMatchObject({ open: 0, opened: 20 });
  for (const each of [app, whole]) expect(() => each.connect('/talk')).toThrow('connect() after close()');
  await backTo(before);
});

it('an engine that stops beneath is a loss to both ends', async () => {
  const { Talk, reasons } = closing();
  const transport = memoryTransport();
  const app = await deploy(Talk, { transport });
  const peer = await app.connect('/talk');
  await transport.stop();
  expect(await peer.closed()).toEqual({ code: 1006, phrase: '' });
  await app.close();
  expect(reasons).toEqual([expect.stringContaining('1006')]);
});

it('peers and apps dispose of themselves', async () => {
  const { Talk, reasons } = closing();
  const app = deploy(Talk);
  const [peer, gone] = [await app.connect('/talk'), await app.connect('/talk')];
  gone.terminate();
  await gone[Symbol.asyncDispose]();
  await peer[Symbol.asyncDispose]();
  expect(await peer.closed()).toMatchObject({ code: 1005 });
  await app[Symbol.asyncDispose]();
  await (await app)[Symbol.asyncDispose]();
  expect(reasons).toHaveLength(2);
});

it('a peer that nobody asks anything answers pings and closes', async () => {
  @ServerEndpoint('/quick')
  class Quick {
    @OnOpen async open(session: Session): Promise<void> {
      await session.getBasicRemote().sendPing(Buffer.alloc(0));
      await session.close();
    }
  }
  const app = await deploy(Quick);
  expect(await (await app.connect('/quick')).closed()).toEqual({ code: 1000, phrase: '' });
  await app.close();
});

it('a process ends although it has closed nothing, and one whose deployment failed unheard raises nothing', async () => {
  const script = fileURLToPath(new URL('./testing-door-process.js', import.meta.url));
  const run = node([script]);
  expect([await run.ended, run.out(), run.err()]).toEqual([0, ['hello', '{"unhandled":0}'], []]);
});
