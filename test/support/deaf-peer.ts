/** A session whose peer does not read, and sends that are watched. */
import { expect } from '@jest/globals';
import { CloseReason, OnClose, OnError, OnOpen, ServerEndpoint, Session, statistics } from 'margay';
import { eventually, sleep } from './eventually.js';
import { RawPeer } from './raw-peer.js';
import { start } from './start.js';

export const MiB = 2 ** 20;
/** Bytes: more than the kernel takes. */
export const LARGE = 16 * MiB;

/** A server with one session whose peer does not read, and that session. */
export async function withDeafPeer(options: Parameters<typeof start>[1] = {}) {
  const trace: unknown[] = [];
  let session: Session | undefined;
  @ServerEndpoint('/deaf')
  class Deaf {
    @OnOpen open(own: Session): void {
      session = own;
    }

    @OnError error(error: Error): void {
      trace.push(error);
    }

    @OnClose close(reason: CloseReason): void {
      trace.push(reason.getCloseCode().getCode());
    }
  }
  const started = await start(Deaf, options);
  const client = await RawPeer.open(started, '/deaf');
  client.stopReading();
  await eventually(() => expect(session).toBeDefined());
  return { ...started, client, trace, session: session as Session };
}

/** Notes whether it has settled, and how. */
export function watch(promise: Promise<void>): { state: 'pending' | 'sent' | 'failed'; error: unknown } {
  const watched = { state: 'pending' as 'pending' | 'sent' | 'failed', error: undefined as unknown };
  promise.then(
    () => {
      watched.state = 'sent';
    },
    (error: unknown) => {
      watched.state = 'failed';
      watched.error = error;
    },
  );
  return watched;
}

/** Sends texts of 20 kB until that many bytes wait and the kernel takes no more; how many texts. */
export async function stuff(session: Session, bytes: number): Promise<number> {
  for (let count = 0; ; ) {
    const { bytesWaiting } = statistics(session);
    if (bytesWaiting >= bytes) {
      await sleep(40);
      if (statistics(session).bytesWaiting === bytesWaiting) return count;
    } else {
      void session.getAsyncRemote().sendText('x'.repeat(20_000));
      if (++count % 10 === 0) await sleep(1);
    }
  }
}
