/** One compressed message each way on every connection. */
import { constants, deflateRawSync, inflateRawSync } from 'node:zlib';
import { request } from './frames.js';
import { nextFrame, type Peer } from './peer.js';

const AT_ONCE = 64;
const COMPRESSED = 0xc1; // FIN, RSV1, text
const TAIL = Buffer.from([0, 0, 0xff, 0xff]);
const text = 'm'.repeat(2048); // more than what ws's server thinks worth compressing

/** Not all at once, which would leave its peak behind in the server's memory. */
export async function exchange(peers: readonly Peer[]): Promise<void> {
  const message = request(deflateRawSync(text, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -TAIL.length), COMPRESSED);
  for (let from = 0; from < peers.length; from += AT_ONCE) {
    await Promise.all(peers.slice(from, from + AT_ONCE).map((peer) => exchangeOne(peer, message)));
  }
}

async function exchangeOne(peer: Peer, message: Buffer): Promise<void> {
  const heard = nextFrame(peer);
  peer.send(message);
  const frame = await heard;
  if (frame[0] !== COMPRESSED) throw new Error('the server does not compress');
  const payload = Buffer.concat([frame.subarray(2), TAIL]);
  const said = inflateRawSync(payload, { finishFlush: constants.Z_SYNC_FLUSH }).toString();
  if (said !== text) throw new Error('the server answers something else');
}
