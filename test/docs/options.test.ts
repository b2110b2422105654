/** The example of the options, run as it stands there. [HS-15] */
import { expect, it } from '@jest/globals';
import { Peer } from '../support/peer.js';

it('who connects: a token is asked for, and its owner is the principal', async () => {
  const { container } = await import('./examples/options-1.js');
  try {
    const url = `${container.url.replace('http', 'ws')}/members`;
    await expect(Peer.open(url)).rejects.toMatchObject({ status: 401 });
    await expect(Peer.open(url, { headers: { Authorization: 'Bearer guessed' } })).rejects.toMatchObject({ status: 401 });
    const peer = await Peer.open(url, { headers: { Authorization: 'Bearer secret of ann' } });
    peer.send('hello');
    expect(await peer.next()).toBe('ann: hello');
    peer.socket.terminate();
  } finally {
    await container.close();
  }
});
