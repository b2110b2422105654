/** A visit to the example pages, in a real browser: what every test of them needs, and what none of them may leave behind. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest } from '@jest/globals';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { type Examples, start } from '../../examples/server.js';
import { eventually } from '../support/eventually.js';
import { Peer } from '../support/peer.js';
import { root } from '../support/project.js';
import { type Found, findFirefox, launch, wantedBrowser } from './browser.js';

/** Where the pages' pictures are put; git ignores it. */
const PICTURES = join(root, 'screenshots');
const PHONE = { width: 390, height: 844 };
const DESK = { width: 1280, height: 860 };

/** What a browser says of a server that is not there. */
const UNREACHABLE = /ERR_CONNECTION_REFUSED|Failed to load resource|can.t establish a connection/;

/** What Firefox says when a page with a connection is left. */
const LEAVING = /interrupted while the page was loading/;

export class Visit {
  browser!: Browser;
  context!: BrowserContext;
  examples!: Examples;
  /** What the pages complained about: what they did not catch, errors in the console, requests to elsewhere. */
  complaints: string[] = [];
  /** What they said of a server that was not there. */
  absences: string[] = [];
  /** What the server complained about. */
  errorLines: unknown[][] = [];
  #isStopped = false;
  /** The server was away once: what consoles say of that comes when it comes. */
  #wasStopped = false;

  async begin(): Promise<void> {
    this.errorLines = [];
    this.complaints = [];
    this.absences = [];
    this.#isStopped = this.#wasStopped = false;
    jest.spyOn(console, 'log').mockImplementation(() => {}); // what endpoints print is for whoever runs the server
    for (const level of ['error', 'warn'] as const) {
      jest.spyOn(console, level).mockImplementation((...line) => void this.errorLines.push(line));
    }
    this.examples = await start({ port: 0, relayPort: 0 });
    this.context = await this.browser.newContext({ viewport: DESK });
    this.context.on('weberror', (error) => this.complaints.push(error.error().message));
    this.context.on('console', (line) => {
      if (line.type() !== 'error' || LEAVING.test(line.text())) return;
      const isAbsence = this.#wasStopped && UNREACHABLE.test(line.text());
      (isAbsence ? this.absences : this.complaints).push(line.text());
    });
    this.context.on('request', (request) => {
      const url = request.url();
      if (!url.startsWith(this.examples.url) && !/^(blob|data):/.test(url)) this.complaints.push(`asked for ${url}`);
    });
  }

  /** Ends all of it; nobody may have complained. */
  async end(): Promise<void> {
    await this.context.close();
    if (!this.#isStopped) await this.examples.close();
    jest.restoreAllMocks();
    expect(this.errorLines).toEqual([]);
    expect(this.complaints).toEqual([]);
  }

  /** Opens a page, and waits until it is connected. */
  async open(path: string): Promise<Page> {
    const page = await this.look(path);
    await page.waitForSelector('#state[data-state=open]');
    return page;
  }

  /** Opens a page. */
  async look(path: string): Promise<Page> {
    const page = await this.context.newPage();
    await page.goto(this.examples.url + path);
    return page;
  }

  /** The page's process dies; only Chromium can be told to, elsewhere the tab is closed. */
  async kill(page: Page): Promise<void> {
    if (this.#engine !== 'chromium') return page.close();
    void (await this.context.newCDPSession(page)).send('Page.crash').catch(() => {});
  }

  /** Connects without a page. */
  dial(path: string): Promise<Peer> {
    return Peer.open(this.examples.url.replace('http', 'ws') + path);
  }

  /** The server goes; what the pages' consoles say of it is no complaint. */
  async stopServer(): Promise<void> {
    this.#isStopped = this.#wasStopped = true;
    await this.examples.close();
  }

  /** And comes back, at the same port. */
  async startServer(): Promise<void> {
    this.examples = await start({ port: Number(new URL(this.examples.url).port), relayPort: 0 });
    this.#isStopped = false;
  }

  /**
   * Pictures of a page that shows something: by day, by night, and on a phone, where nothing may stick out at the side. They are
   * there to be looked at: `screenshots/<name>*.png`.
   */
  async picture(page: Page, name: string): Promise<void> {
    mkdirSync(PICTURES, { recursive: true });
    const which = this.#engine === 'chromium' ? name : `${name}-${this.#engine}`;
    const take = (look: string) => page.screenshot({ path: join(PICTURES, `${which}${look}.png`), animations: 'disabled' });
    await take('');
    await page.emulateMedia({ colorScheme: 'dark' });
    await take('-dark');
    await page.emulateMedia({ colorScheme: 'light' });
    await page.setViewportSize(PHONE);
    await eventually(async () => expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0));
    await take('-phone');
    await page.setViewportSize(DESK);
  }

  get #engine(): string {
    return this.browser.browserType().name();
  }
}

/** All that matches has, in the order of the page. */
export const texts = (page: Page, selector: string): Promise<string[]> => page.locator(selector).allTextContents();

/** Describes what a person does with a page, in each of the browsers; one is started for all of it, and a server for each test. */
export function visiting(title: string, browsers: readonly Found[], tests: (visit: Visit) => void): void {
  for (const found of browsers) {
    describe(`${title}, in ${found.path}`, () => {
      const visit = new Visit();
      beforeAll(async () => {
        visit.browser = await launch(found);
      }, 60_000);
      afterAll(() => visit.browser?.close());
      beforeEach(() => visit.begin());
      afterEach(() => visit.end());
      tests(visit);
    });
  }
  if (browsers.length === 0) describe.skip(`${title}, in no browser`, () => tests(new Visit()));
}

jest.setTimeout(120_000); // several windows, each a process of its own, beside whatever else runs on two cores

const chromium = await wantedBrowser();

/** The Chromium there is, if there is one. */
export const CHROMIUM: readonly Found[] = chromium === null ? [] : [chromium];

const firefox = findFirefox();

/** That, and Playwright's Firefox where it is installed. */
export const EVERY_BROWSER: readonly Found[] = firefox === null ? CHROMIUM : [...CHROMIUM, firefox];
