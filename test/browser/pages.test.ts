/** What holds for every page of the examples, whatever it shows. */
import { expect, it } from '@jest/globals';
import { APPLICATIONS } from '../../examples/applications.js';
import { eventually } from '../support/eventually.js';
import { CHROMIUM, texts, visiting } from './visit.js';

/** Without what stands behind the `#`. */
const connected = [...new Set(APPLICATIONS.flatMap(({ pages }) => Object.values(pages).map((page) => page.split('#', 1)[0] as string)))];

/** Those whose address has a name behind the `#`. */
const ofPersons = ['users', 'im', 'feed', 'nearby', 'danmaku', 'co-edit'].map((name) => `/${name}/page.html`);

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);

visiting('every page', CHROMIUM, (visit) => {
  it('the index has a link to each, and none that leads nowhere', async () => {
    const page = await visit.look('/');
    const links = await page.evaluate<string[]>(`[...document.querySelectorAll('a[href]')].map((link) => link.pathname)`);
    expect(links).toEqual(expect.arrayContaining([...connected, '/relay/page.html']));
    for (const link of new Set(links)) expect([link, (await fetch(visit.examples.url + link)).status]).toEqual([link, 200]);
    await visit.picture(page, 'index');
  });

  it('the index names paths that somebody answers', async () => {
    const page = await visit.look('/');
    const there = visit.examples.list.map(({ socket }) => decodeURI(new URL(socket).pathname));
    for (const path of await texts(page, '.paths code')) {
      const answers = there.some((each) => (path.endsWith('…') ? each.startsWith(path.slice(0, -1)) : each === path));
      expect([path, answers || (await fetch(visit.examples.url + path)).ok]).toEqual([path, true]);
    }
  });

  it.each(['..', '.', '%00'])('[EX-0] whoever is called %j in the address, which no path can have, gets another name', async (name) => {
    for (const path of ofPersons) {
      const page = await visit.open(`${path}#${name}`);
      expect(decodeURIComponent(new URL(page.url()).hash)).toMatch(/^#.{3,}\d\d$/u);
      await page.close();
    }
  });

  it.each(ofPersons)('[EX-0] %s is the page of whoever is written into its address, however long the name', async (path) => {
    const page = await visit.open(`${path}#Mila`);
    await page.setViewportSize({ width: 390, height: 844 });
    const name = `云儿${'x'.repeat(60)}`;
    await page.evaluate(`location.hash = ${JSON.stringify(encodeURIComponent(name))}`);
    const names = `document.body.textContent + [...document.querySelectorAll('input')].map(({ value }) => value)`;
    // The page is made anew meanwhile, which a question may run into.
    await eventually(async () => expect(await page.evaluate(names).catch(() => '')).toContain(name));
    await page.waitForSelector('#state[data-state=open]');
    expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0);
  });

  it.each(connected)('[EX-0] %s shows that the server has gone, and connects again when it is back', async (path) => {
    const page = await visit.open(path);
    await visit.stopServer();
    await page.waitForSelector('#state[data-state=lost]');
    expect(await page.textContent('#state')).toMatch(/^closed: 1001 going away/);
    await visit.startServer();
    await page.waitForSelector('#state[data-state=open]');
  });

  it.each(connected)('[EX-0] %s is closed, reloaded and killed: one @OnClose each, and no error line', async (path) => {
    const counts = () => {
      const all = visit.examples.containers.map((container) => container.statistics());
      const closed = all.flatMap((each) => [...each.closed.values()]);
      return { open: sum(all.map((each) => each.open)), opened: sum(all.map((each) => each.opened)), closed: sum(closed) };
    };
    const closed = await visit.open(path);
    const perPage = counts().open; // some have several
    await closed.reload();
    await closed.waitForSelector('#state[data-state=open]');
    await closed.close();
    const killed = await visit.open(path);
    await visit.kill(killed);
    await eventually(() => expect(counts().open).toBe(0));
    expect(counts().opened).toBeGreaterThanOrEqual(3 * perPage);
  });

  it.each(connected)('[EX-0] %s can be used with the keyboard: what takes a click has a name, and can be reached', async (path) => {
    const page = await visit.open(path);
    const nameless = await page.evaluate(`
      [...document.querySelectorAll('button, input:not([hidden]), select, textarea, a')]
        .filter((each) => each.checkVisibility() && !(each.labels?.length || each.ariaLabel || each.title || each.textContent.trim() || each.querySelector('img[alt]')))
        .map((each) => each.outerHTML)`);
    expect(nameless).toEqual([]);
    const deaf = await page.evaluate(`
      [...document.querySelectorAll('*')].filter((each) => each.onclick && each.tabIndex < 0).map((each) => each.outerHTML)`);
    expect(deaf).toEqual([]);
  });

  it.each(['/', '/relay/page.html', ...connected])('[EX-0] %s, on https, speaks wss', async (path) => {
    const page = await visit.context.newPage();
    const asked: string[] = [];
    await visit.context.routeWebSocket(/./, (socket) => void asked.push(socket.url())); // nothing leaves this machine
    await visit.context.route('https://cats.example/**', async (route) => {
      const { pathname } = new URL(route.request().url());
      const response = await fetch(visit.examples.url + pathname);
      const answer = {
        status: response.status,
        headers: { 'content-type': String(response.headers.get('content-type')) },
        body: Buffer.from(await response.arrayBuffer()),
      };
      await route.fulfill(answer).catch(() => {}); // a page that asks again and again may have gone
    });
    await page.goto(`https://cats.example${path}`);
    expect(await page.evaluate(`examples.socketUrl('/x')`)).toBe('wss://cats.example/x');
    if (connected.includes(path)) await eventually(() => expect(asked).not.toEqual([]));
    for (const url of asked) expect(url).toMatch(/^wss:\/\/cats\.example\//);
    await page.close(); // some ask again and again
    visit.complaints = visit.complaints.filter((line) => !line.startsWith('asked for https://cats.example/')); // which the route answers
  });
});
