import { afterEach, expect, it, jest } from '@jest/globals';
import { calm, Rehearsal, takeTheClock } from '../../support/rehearsal.js';

afterEach(() => {
  jest.useRealTimers();
});

it('[REM-11, LIF-11] a SendHandler that throws costs the session nothing', async () => {
  takeTheClock();
  const real = new Rehearsal({ open: 'at once', error: 'at once', close: 'at once', release: 'at once', failsFirst: false });
  await calm();
  const told: boolean[] = [];
  const remote = real.session.getAsyncRemote();
  remote.sendText('first', (result) => {
    told.push(result.isOK());
    throw new Error('a defect of the application');
  });
  remote.sendText('second', (result) => void told.push(result.isOK()));
  await calm();
  expect([told, real.heard, real.session.isOpen()]).toEqual([[true, true], ['open'], true]);
  real.channel.vanish();
  await calm();
});
