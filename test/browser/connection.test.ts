/** What the pages share, on one of them: a connection that says how it is and comes back. */
import { expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { eventually } from '../support/eventually.js';
import { RawEnd } from '../support/raw-end.js';
import { rawServer } from '../support/raw-server.js';
import { CHROMIUM, texts, visiting } from './visit.js';

/** The page asks another server from now on. */
const redirect = (page: Page, port: number) => page.evaluate(`examples.socketUrl = () => 'ws://localhost:${port}/'`);
const shown = async (page: Page) => [await page.getAttribute('#state', 'data-state'), await page.textContent('#toggle')];

visiting('the connection of a page', CHROMIUM, (visit) => {
  it('[EX-0] tells once that the server has gone, and neither flickers nor fills the log while it tries', async () => {
    const page = await visit.open('/echo/page.html');
    await page.evaluate(`
      globalThis.seen = [];
      new MutationObserver(() => seen.push(byId('state').dataset.state)).observe(byId('state'), { attributes: true })`);
    await visit.stopServer();
    await eventually(() => expect(visit.absences.filter((line) => line.includes('ERR_CONNECTION_REFUSED')).length).toBeGreaterThan(1));
    expect(await shown(page)).toEqual(['lost', 'Reconnect now']);
    expect(await page.textContent('#state')).toMatch(/^closed: 1001 .*; trying again$/);
    await visit.startServer();
    await page.click('#toggle'); // need not wait
    await page.waitForSelector('#state[data-state=open]');
    expect(await texts(page, '.note .what')).toEqual(['connected to /echo', expect.stringMatching(/^closed: 1001/), 'connected to /echo']);
    const states = await page.evaluate<string[]>('seen.filter((state, i) => state !== seen[i - 1])');
    expect(states).toEqual(['lost', 'connecting', 'open']);
  });

  it('[EX-0] can be given up while it is being made', async () => {
    const silent = await rawServer(() => {});
    const page = await visit.open('/echo/page.html');
    await page.click('#toggle');
    await page.waitForSelector('#state[data-state=closed]');
    await redirect(page, silent.port);
    await page.click('#toggle');
    expect(await shown(page)).toEqual(['connecting', 'Cancel']);
    expect(await page.isDisabled('#send')).toBe(true);
    await page.click('#toggle');
    expect(await shown(page)).toEqual(['closed', 'Reconnect']);
    await page.close();
  });

  it('[EX-0] is closed when somebody said so, also when the server does not answer, who need not wait for that', async () => {
    const rude = await RawEnd.listen();
    const page = await visit.open('/echo/page.html');
    await redirect(page, rude.port);
    await page.click('[value$=echoAnnotation]');
    await page.waitForSelector('#state[data-state=open]');
    await page.click('#toggle');
    await page.waitForSelector('#state[data-state=closed]');
    expect(await page.textContent('#state')).toBe('closed: 1006 closed abnormally “no answer”');
    expect(await shown(page)).toEqual(['closed', 'Reconnect']);
    await page.click('#toggle');
    await page.waitForSelector('#state[data-state=open]');
    await page.click('#toggle');
    await page.click('#toggle');
    await rude.next();
    await rude.next();
    await rude.next();
    await page.waitForSelector('#state[data-state=open]');
    await page.close();
  });
});
