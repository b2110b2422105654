/** The client's door in a real browser: bundled for it, and talking to our server and to the examples. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { start } from '../../examples/server.js';
import { bundled } from '../support/bundle.js';
import { eventually } from '../support/eventually.js';
import { findBrowser, launch } from './browser.js';
import type { Scene } from './page.js';
import { ACTS, type Stage, stage } from './scenes.js';

const found = await findBrowser();
const { CI } = process.env;
if (found === null) {
  const words = 'no Chromium: set BROWSER_PATH, or install one';
  if (CI) throw new Error(words);
  console.warn(`THE BROWSER TESTS ARE SKIPPED: ${words}`);
}

(found === null ? describe.skip : describe)(`margay/client in ${found?.path ?? 'no browser'}`, () => {
  let browser: Browser;
  let context: BrowserContext;
  let set: Stage;
  let page: Page;
  let script: string;
  /** What the page did not catch. */
  let complaints: string[];

  beforeAll(async () => {
    script = (await bundled('test/browser/page.ts')).code;
    if (found !== null) browser = await launch(found);
  }, 60_000);

  afterAll(async () => {
    await browser?.close();
  });

  beforeEach(async () => {
    complaints = [];
    set = await stage(script);
    context = await browser.newContext();
    context.on('weberror', (error) => complaints.push(error.error().message));
    page = await context.newPage();
    await page.goto(set.page);
  });

  afterEach(async () => {
    await context.close();
    await set.close();
    expect(complaints).toEqual([]);
  });

  const act = async (scene: Scene, ...args: readonly (string | number)[]): Promise<unknown> =>
    JSON.parse(await page.evaluate<string>(`act(...${JSON.stringify([scene, ...args])})`));

  it.each(ACTS.map((each) => [each.title, each] as const))('%s', async (_, { scene, args = [], needsNobody, comes, ends }) => {
    expect(await act(scene, set.url, ...args, ...(needsNobody ? [set.nobody] : []))).toEqual(comes);
    if (ends !== undefined) await eventually(() => expect(set.goodbyes()).toEqual(ends));
  });

  it('[EX-C1] [EX-E1] talks to the examples: echo in two ways, and two guests of the chat', async () => {
    const errors = jest.spyOn(console, 'error').mockImplementation(() => {});
    const examples = await start({ port: 0 });
    try {
      const url = examples.url.replace('http', 'ws');
      const back = [
        ['text', '你好 🐾'],
        ['binary', 'Uint8Array', [0, 128]],
      ];
      expect(await act('echo', url, '/echo')).toEqual(back);
      expect(await act('echo', url, '/examples/websocket/echoAnnotation')).toEqual(back);
      expect(await act('chat', url, '/examples/websocket/chat')).toEqual([
        ['* Guest has joined.', '* Guest has joined.', 'Guest: hello', '* Guest has disconnected.'],
        ['* Guest has joined.', 'Guest: hello'],
      ]);
      expect(errors).not.toHaveBeenCalled();
    } finally {
      await examples.close();
      errors.mockRestore();
    }
  });
});
