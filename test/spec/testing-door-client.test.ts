/** margay/testing: a client endpoint talks to the endpoints that are deployed, without a socket. */
import { expect, it } from '@jest/globals';
import { ClientEndpoint, type DeploymentException, Int, OnClose, OnMessage, OnOpen, PathParam, ServerEndpoint, Session } from 'margay';
import { deploy, memoryTransport } from 'margay/testing';
import { eventually, gate } from '../support/eventually.js';

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

it.each(['client', 'server', 'app'] as const)('[CLO-4] a close by the %s ends both ends at once: nobody waits for TCP', async (who) => {
  const ended = gate();
  @ServerEndpoint('/bye')
  class Bye {
    @OnMessage bye(_message: string, session: Session): void {
      void session.close();
    }
  }
  @ClientEndpoint
  class Leaving {
    @OnClose close(): void {
      ended.open();
    }
  }
  const app = await deploy(Bye, { lingerTimeout: 600_000 });
  const session = await app.container.connectToServer(Leaving, 'ws://localhost/bye');
  if (who === 'client') await session.close();
  else if (who === 'server') await session.getBasicRemote().sendText('bye');
  else await app.close();
  await ended.promise;
  if (who === 'app')
    expect(app.container.statistics().open).toBe(0); // nobody was left to be dropped
  else await eventually(() => expect(app.container.statistics().open).toBe(0));
  await app.close();
});
