/** margay/testing: a client endpoint talks to the endpoints that are deployed, without a socket. */
import { expect, it } from '@jest/globals';
import { ClientEndpoint, type DeploymentException, Int, OnClose, OnMessage, OnOpen, PathParam, ServerEndpoint, Session } from 'margay';
import { deploy, memoryTransport } from 'margay/testing';
import { gate } from '../support/eventually.js';

@ServerEndpoint({ value: '/half/{by}', subprotocols: ['v2'] })
class Half {
  @OnMessage divide(message: number, @PathParam('by', Int) by: number): number {
    return message / by;
  }
}

@ClientEndpoint({ subprotocols: ['v1', 'v2'] })
class Asking {
  readonly answer = gate<number>();
  readonly ended = gate<string>();

  @OnOpen open(session: Session): Promise<void> {
    return session.getBasicRemote().sendText('84');
  }

  @OnMessage hear(message: number): void {
    this.answer.open(message);
  }

  @OnClose close(session: Session): void {
    this.ended.open(String(session.isOpen()));
  }
}

it('[CON-6, CON-8] connectToServer of the app leads to its own endpoints, whatever host is named', async () => {
  const app = await deploy(Half);
  const asking = new Asking();
  const session = await app.container.connectToServer(asking, 'wss://nowhere.example/half/2?x=1');
  expect(await asking.answer.promise).toBe(42);
  expect(session.getNegotiatedSubprotocol()).toBe('v2');
  expect([session.isSecure(), session.getQueryString(), session.getContainer() === app.container]).toEqual([true, 'x=1', true]);
  expect(app.container.statistics().open).toBe(2);
  await app.close();
  expect(await asking.ended.promise).toBe('false');
  expect(app.container.statistics().open).toBe(0);
});

it('[D-21] a refusal has its status and its body', async () => {
  const app = await deploy(Half, { transport: memoryTransport() });
  const failure = await app.container.connectToServer(Asking, 'ws://localhost/third').catch((error: DeploymentException) => error);
  expect(failure).toMatchObject({ code: 'MARGAY_HANDSHAKE', status: 404 });
  expect(String((failure as DeploymentException).body)).toContain('MARGAY_NO_ENDPOINT');
  await app.close();
});

it('[CLO-4, CON-8] neither end is waited for once they have said goodbye', async () => {
  for (const saysGoodbye of [true, false]) {
    const app = await deploy(Half);
    const asking = new Asking();
    const session = await app.container.connectToServer(asking, 'ws://localhost/half/2');
    await asking.answer.promise;
    if (saysGoodbye) await session.close();
    const before = performance.now();
    await app.close();
    expect(performance.now() - before).toBeLessThan(500); // a peer that does not end is given 1000 ms
  }
});
