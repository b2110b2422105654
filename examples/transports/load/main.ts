/** The process that makes load: it does what the server orders, one step after the other, and ends with it. */
import { Crowd } from './crowd.js';
import type { LoadAnswer, LoadOrder } from './protocol.js';

/** ms. */
const RECENT_EVERY = 500;

let crowd: Crowd | null = null;

const answer = (said: LoadAnswer): void => void (process.connected && process.send?.(said));

async function obey(order: LoadOrder): Promise<LoadAnswer> {
  if (order.do === 'open') {
    crowd = new Crowd(order);
    await crowd.open();
  } else if (order.do === 'count') crowd?.counter.restart();
  else if (order.do === 'close') crowd?.close();
  else if (crowd !== null) return { done: 'report', tally: crowd.counter.tally() };
  return { done: order.do } as LoadAnswer;
}

process.on('message', (order: LoadOrder) => {
  obey(order).then(answer, (error: Error) => answer({ failed: error.message }));
});
process.on('disconnect', () => process.exit());

setInterval(() => {
  const delay = crowd?.counter.takeRecent() ?? null;
  if (delay !== null) answer({ done: 'recent', delay });
}, RECENT_EVERY);
