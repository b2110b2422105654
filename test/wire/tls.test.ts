/** TLS takes no write at once: what is sent while the 101 is on its way waits behind it. */
import { afterEach, expect, it } from '@jest/globals';
import { OnOpen, type ServerContainer, ServerEndpoint, Session, serve } from 'margay';
import { cert, key } from '../support/localhost-certificate.js';
import { Peer } from '../support/peer.js';

let container: ServerContainer | undefined;

afterEach(async () => {
  await container?.close();
});

it('[LIF-4] what @OnOpen sends over TLS leaves without anything else being sent', async () => {
  @ServerEndpoint('/greeting')
  class Greeting {
    @OnOpen()
    open(session: Session): void {
      session.getBasicRemote().sendText('hello');
    }
  }
  container = await serve({ endpoints: [Greeting], port: 0, host: '127.0.0.1', tls: { key, cert }, shutdownTimeout: 100 });

  const peer = await Peer.open(`${container.url.replace('http', 'ws')}/greeting`, { ca: cert });
  expect(await peer.next()).toBe('hello');
  await peer.close();
});
