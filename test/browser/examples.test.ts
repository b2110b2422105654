/** The example pages in a real browser, and what the server sees of it. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { type Examples, start } from '../../examples/server.js';
import { eventually, sleep } from '../support/eventually.js';
import { Peer } from '../support/peer.js';
import { findBrowser, launch } from './browser.js';

const found = await findBrowser();
const { CI } = process.env;
if (found === null) {
  const words = 'no Chromium: set BROWSER_PATH, or install one';
  if (CI) throw new Error(words);
  console.warn(`THE BROWSER TESTS ARE SKIPPED: ${words}`);
}

const CHAT = '/examples/websocket/chat';

(found === null ? describe.skip : describe)(`the example pages in ${found?.path ?? 'no browser'}`, () => {
  let browser: Browser;
  let examples: Examples;
  let context: BrowserContext;
  /** What the pages complained about. */
  let complaints: string[];
  /** What the server complained about. */
  let errorLines: unknown[][];

  beforeAll(async () => {
    if (found !== null) browser = await launch(found);
  }, 60_000);

  afterAll(async () => {
    await browser?.close();
  });

  beforeEach(async () => {
    errorLines = [];
    complaints = [];
    for (const level of ['error', 'warn'] as const) jest.spyOn(console, level).mockImplementation((...line) => void errorLines.push(line));
    examples = await start({ port: 0, relayPort: 0 });
    context = await browser.newContext();
    context.on('weberror', (error) => complaints.push(error.error().message));
    context.on('console', (line) => void (line.type() === 'error' && complaints.push(line.text())));
    context.on('request', (request) => void (request.url().startsWith(examples.url) || complaints.push(`asked for ${request.url()}`)));
  });

  afterEach(async () => {
    await context.close();
    await examples.close();
    jest.restoreAllMocks();
    expect(errorLines).toEqual([]);
    expect(complaints).toEqual([]);
  });

  /** Opens a page, and waits until it is connected. */
  async function open(path: string): Promise<Page> {
    const page = await context.newPage();
    await page.goto(examples.url + path);
    await page.waitForSelector('#state[data-state=open]');
    return page;
  }

  /** A guest of the chat without a page. */
  async function listener(): Promise<Peer> {
    const peer = await Peer.open(examples.url.replace('http', 'ws') + CHAT);
    await peer.next();
    return peer;
  }

  const say = async (page: Page, text: string) => {
    await page.fill('#words', text);
    await page.press('#words', 'Enter');
  };

  const texts = (page: Page, selector: string) => page.locator(selector).allTextContents();

  describe('chat', () => {
    it('[EX-C3] lets two pages talk, in Chinese, with emoji, and with what looks like HTML', async () => {
      const first = await open('/chat/page.html');
      const second = await open('/chat/page.html');
      const said = ['hello', '你好，世界', '🐾👩‍👩‍👧‍👦', '<b>&amp;"\'</b>', '<img src=x onerror=alert(1)>'];
      await say(first, said[0] as string);
      for (const text of said.slice(1)) await say(second, text);
      for (const page of [first, second]) {
        await eventually(async () => expect(await texts(page, '.words')).toEqual(said));
        expect(await page.locator('.words *').count()).toBe(0);
      }
      expect(await texts(first, '.mine .words')).toEqual(['hello']);
      expect(await texts(second, '.mine .words')).toEqual(said.slice(1));
    });

    it('[EX-C2] [EX-C4] shows who comes and goes', async () => {
      const first = await open('/chat/page.html');
      const second = await open('/chat/page.html');
      const name = await second.textContent('#me b');
      await second.close();
      await eventually(async () =>
        expect(await texts(first, '.event span')).toEqual([expect.any(String), `${name} has joined.`, `${name} has disconnected.`]),
      );
    });

    it('[EX-0] keeps a hundred lines', async () => {
      const page = await open('/chat/page.html');
      const peer = await listener();
      for (let i = 0; i < 150; i++) {
        peer.send(String(i));
        await peer.next();
      }
      await eventually(async () => expect((await texts(page, '.words')).at(-1)).toBe('149'));
      expect(await page.locator('#lines > li').count()).toBe(100);
      await peer.close();
    });

    it('shows why it was closed, and joins again when asked', async () => {
      const page = await open('/chat/page.html');
      await page.click('#toggle');
      await page.waitForSelector('#state[data-state=closed]');
      expect((await texts(page, '.event span')).at(-1)).toBe('closed: 1000 normal closure');
      expect(await page.isDisabled('#send')).toBe(true);
      await page.click('#toggle');
      await page.waitForSelector('#state[data-state=open]');
      await say(page, 'back');
      await eventually(async () => expect(await texts(page, '.words')).toEqual(['back']));
    });

    it('answers an unmodified WebSocket of any page', async () => {
      const page = await context.newPage(); // about:blank: its origin is null
      const line = await page.evaluate(
        `new Promise((done, failed) => {
          const socket = new WebSocket('ws://localhost:${new URL(examples.url).port}${CHAT}');
          const lines = [];
          socket.onopen = () => socket.send('你好 🐾 <i>');
          socket.onerror = failed;
          socket.onmessage = ({ data }) => { lines.push(data); if (lines.length === 2) socket.close(4000, 'enough'); };
          socket.onclose = ({ code, reason }) => done([...lines, code, reason]);
        })`,
      );
      const joined = expect.stringMatching(/^\* Guest\d+ has joined\.$/);
      expect(line).toEqual([joined, expect.stringMatching(/^Guest\d+: 你好 🐾 &lt;i&gt;$/), 4000, 'enough']);
    });
  });

  describe('echo', () => {
    it.each(['/echo/page.html', '/echo/page.html#parts'])('[EX-E5] %s sends the text and shows what came back', async (path) => {
      const page = await open(path);
      const sent = ['hello', '你好，世界', '🐾 <b>not bold</b>', '<img src=x onerror=alert(1)>'];
      for (const text of sent) {
        await page.fill('#message', text);
        await page.click('#send');
      }
      await eventually(async () => expect(await texts(page, '.back .what')).toEqual(sent));
      expect(await page.locator('.what *').count()).toBe(0);
      for (const how of await texts(page, '.back .how')) expect(how).toMatch(/^text · \d+ B · [\d.]+ ms · identical$/);
    });

    it.each(['/echo/page.html', '/echo/page.html#parts'])('[EX-E5] %s sends bytes and files', async (path) => {
      const page = await open(path);
      await page.fill('#message', '字节 🐾');
      await page.click('#bytes');
      const buffer = Buffer.from(Array.from({ length: 200_000 }, (_, i) => i & 255));
      await page.setInputFiles('#file', { name: '长尾虎猫.bin', mimeType: 'application/octet-stream', buffer });
      await eventually(async () =>
        expect(await texts(page, '.back .how')).toEqual([
          expect.stringMatching(/^binary · 11 B · [\d.]+ ms · identical$/),
          expect.stringMatching(/^binary · 195.3 KiB · [\d.]+ ms · identical$/),
        ]),
      );
      expect((await texts(page, '.back .what'))[0]).toBe('字节 🐾');
      expect((await texts(page, '.note .what')).at(-1)).toBe('the file 长尾虎猫.bin:');
    });

    it('[EX-E5] shows code and phrase of a close, and reconnects when asked', async () => {
      const page = await open('/echo/page.html');
      await page.evaluate(`socket.send('x'.repeat(1024 * 1024 + 1))`);
      await page.waitForSelector('#state[data-state=lost]');
      expect(await page.textContent('#state')).toMatch(/^closed: 1009 too big/);
      for (const id of ['#send', '#bytes', '#pick']) expect(await page.isDisabled(id)).toBe(true);
      errorLines = []; // a message that is too big is an error, and Echo says so
      await page.click('#toggle');
      await page.waitForSelector('#state[data-state=open]');
      await page.click('#send');
      await eventually(async () => expect(await page.locator('.back').count()).toBe(1));
    });

    it('[EX-E5] goes to the path that is chosen', async () => {
      const page = await open('/echo/page.html');
      await page.check('[value$=echoAnnotation]');
      await eventually(async () =>
        expect(await texts(page, '.note .what')).toEqual([
          'connected to /echo',
          expect.stringMatching(/^closed \/echo: 1000|^connected to/),
          expect.stringMatching(/^closed \/echo: 1000|^connected to/),
        ]),
      );
      await page.click('#send');
      await eventually(async () => expect(await page.locator('.back').count()).toBe(1));
    });

    it('[EX-0] keeps a hundred lines', async () => {
      const page = await open('/echo/page.html');
      for (let i = 0; i < 70; i++) await page.evaluate(`send('${i}')`);
      await eventually(async () => expect((await texts(page, '.back .what')).at(-1)).toBe('69'));
      expect(await page.locator('#log > li').count()).toBe(100);
    });
  });

  describe('relay', () => {
    it('[EX-R2] [EX-0] posts texts, and shows the answer to each, in Chinese, with emoji, and with what looks like HTML', async () => {
      const page = await context.newPage();
      await page.goto(`${examples.url}/relay/page.html`);
      const asked = ['hello', '你好，世界 🐾', '<b>&amp;"\'</b> +%20', '<img src=x onerror=alert(1)>', 'two\nlines'];
      for (const text of asked) {
        await page.fill('#access', text);
        await page.click('#ask'); // and does not wait for the answer
      }
      const answers = asked.map((text) => `Got your message (${text}).Thanks !`);
      await eventually(async () => expect(await texts(page, '.answered .got')).toEqual(answers));
      expect(await texts(page, '.asked')).toEqual(asked);
      expect(await page.locator('.got *').count()).toBe(0);
    });

    it('[EX-R2] shows what went wrong', async () => {
      const page = await context.newPage();
      await page.goto(`${examples.url}/relay/page.html`);
      await page.fill('#access', 'x'.repeat(65_536));
      await page.click('#ask');
      await eventually(async () => expect(await texts(page, '.failed .got')).toEqual(['A form has at most 65536 bytes.']));
      complaints = complaints.filter((line) => !line.includes('413')); // which the browser's console tells too
    });

    it('[EX-0] keeps fifty lines', async () => {
      const page = await context.newPage();
      await page.goto(`${examples.url}/relay/page.html`);
      await page.evaluate('Promise.all(Array.from({ length: 55 }, (_, i) => ask(String(i))))');
      expect((await texts(page, '.asked')).at(-1)).toBe('54');
      expect(await page.locator('#log > li').count()).toBe(50);
    });
  });

  describe('a page that goes', () => {
    const ways: [string, (page: Page) => Promise<unknown>][] = [
      ['closing', (page) => page.close()],
      ['reloading', (page) => page.reload()],
      ['killing', async (page) => void (await context.newCDPSession(page)).send('Page.crash').catch(() => {})],
    ];

    it.each(ways)('[EX-0] %s a tab gives exactly one @OnClose, and no error line', async (way, leave) => {
      const page = await open('/chat/page.html');
      const name = await page.textContent('#me b');
      const peer = await listener();
      await leave(page);
      await eventually(() => expect(peer.received).toContain(`* ${name} has disconnected.`));
      await sleep(300);
      const about = peer.received.filter((line) => String(line).includes(`${name} `));
      expect([way, about]).toEqual([way, [`* ${name} has disconnected.`]]);
      await peer.close();
    });
  });

  it.each(['/', '/echo/page.html', '/chat/page.html', '/relay/page.html'])('[EX-0] %s, on https, speaks wss', async (path) => {
    const page = await context.newPage();
    const asked: string[] = [];
    await context.routeWebSocket(/./, (socket) => void asked.push(socket.url())); // nothing leaves this machine
    await context.route('https://cats.example/**', async (route) => {
      const { pathname } = new URL(route.request().url());
      const response = await fetch(examples.url + pathname);
      await route.fulfill({
        status: 200,
        headers: { 'content-type': String(response.headers.get('content-type')) },
        body: await response.text(),
      });
    });
    await page.goto(`https://cats.example${path}`);
    expect(await page.evaluate(`examples.socketUrl('/x')`)).toBe('wss://cats.example/x');
    complaints = complaints.filter((line) => !line.startsWith('asked for https://cats.example/')); // which the route answers
    for (const url of asked) expect(url).toMatch(/^wss:\/\/cats\.example\//);
  });
});
