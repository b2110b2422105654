/** The example of docs/guide/browser.md, run as it stands there; in node, where it is the same. */
import { expect, it } from '@jest/globals';
import { OnMessage, ServerEndpoint, Session } from 'margay';
import { eventually } from '../support/eventually.js';
import { start } from '../support/start.js';

@ServerEndpoint('/ticks')
class Ticks {
  @OnMessage
  async said(what: string, session: Session): Promise<void> {
    if (what === 'subscribe') await session.getBasicRemote().sendText('EUR 1.09');
  }
}

it('a ticker is followed, and tells of its end', async () => {
  const { follow } = (await import('./examples/guide-browser-1.js')) as {
    follow(url: string, show: (line: string) => void): Promise<Session>;
  };
  const { url } = await start(Ticks);
  const lines: string[] = [];
  const session = await follow(url('/ticks'), (line) => lines.push(line));
  await eventually(() => expect(lines).toEqual(['EUR 1.09']));
  await session.close();
  await eventually(() => expect(lines).toEqual(['EUR 1.09', 'closed: CloseReason[1000]']));
});
