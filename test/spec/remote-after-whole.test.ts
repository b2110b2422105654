/** A whole message that goes straight to the channel, as the one before it did, must not pass what has come between them. */
import { afterEach, describe, expect, it } from '@jest/globals';
import { Encoder, OnOpen, ServerEndpoint, Session } from 'margay';
import { eventually } from '../support/eventually.js';
import { RawPeer } from '../support/raw-peer.js';
import { start } from '../support/start.js';

class Slow {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

class SlowEncoder extends Encoder.Text(Slow) {
  override async encode({ name }: Slow): Promise<string> {
    await new Promise((resolve) => setTimeout(resolve, 20));
    return name;
  }
}

const opened: Session[] = [];

@ServerEndpoint({ value: '/talk', encoders: [SlowEncoder] })
class Talk {
  @OnOpen
  open(session: Session): void {
    opened.push(session);
  }
}

afterEach(() => void opened.splice(0));

/** A session that has sent two whole messages. */
async function spoken() {
  const peer = await RawPeer.open(await start(Talk), '/talk');
  await eventually(() => expect(opened).toHaveLength(1));
  const [session] = opened as [Session];
  const remote = session.getBasicRemote();
  await remote.sendText('one');
  await remote.sendText('two');
  await peer.received(2);
  return { peer, session, remote };
}

describe('behind whole messages', () => {
  it('[REM-8] nothing else may begin while parts are sent', async () => {
    const { remote, peer } = await spoken();
    await remote.sendText('a ', false);
    expect(() => remote.sendText('whole')).toThrow(expect.objectContaining({ code: 'MARGAY_SEND_ORDER' }));
    expect(() => remote.sendBinary(Buffer.from('whole'))).toThrow(expect.objectContaining({ code: 'MARGAY_SEND_ORDER' }));
    await remote.sendText('part', true);
    await remote.sendText('three');
    await eventually(() => expect(peer.frames.map(({ payload }) => payload.toString())).toEqual(['one', 'two', 'a ', 'part', 'three']));
  });

  it('[REM-9] nothing else may begin while a writer is open', async () => {
    const { remote } = await spoken();
    const writer = remote.getSendWriter();
    expect(() => remote.sendText('whole')).toThrow(expect.objectContaining({ code: 'MARGAY_SEND_ORDER' }));
    writer.end('written');
  });

  it('[REM-15] what is sent behind an object that is being encoded comes behind it', async () => {
    const { remote, peer } = await spoken();
    void remote.sendObject(new Slow('object'));
    void remote.sendText('three');
    expect(await peer.received(4)).toEqual(['one', 'two', 'object', 'three']);
  });

  it('[REM-2] a batch holds back', async () => {
    const { remote, peer } = await spoken();
    await remote.setBatchingAllowed(true);
    await remote.sendText('three');
    peer.ping('read');
    await peer.ponged();
    expect(peer.texts).toEqual(['one', 'two']);
    await remote.flushBatch();
    expect(await peer.received(3)).toEqual(['one', 'two', 'three']);
  });

  it('[REM-3] a session that closes sends no more', async () => {
    const { remote, session, peer } = await spoken();
    void session.close();
    await expect(remote.sendText('three')).rejects.toMatchObject({ code: 'MARGAY_SEND_CLOSED' });
    await expect(remote.sendBinary(Buffer.from('three'))).rejects.toMatchObject({ code: 'MARGAY_SEND_CLOSED' });
    await peer.closeFrame();
    expect(peer.texts).toEqual(['one', 'two']);
  });
});
