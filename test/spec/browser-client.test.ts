/** The client's door as bundlers for browsers find it, in a world that has no node: only what browsers have, and a WebSocket. */
import { createContext, runInContext } from 'node:vm';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { WebSocket } from 'ws';
import type { Scene } from '../browser/page.js';
import { ACTS, type Stage, stage } from '../browser/scenes.js';
import { type Bundle, bundled } from '../support/bundle.js';
import { eventually } from '../support/eventually.js';

/** ws's class has a browser's interface; it offers permessage-deflate of its own accord, which the mirror does not take. */
const GLOBALS = {
  ...{ WebSocket, URL, TextEncoder, TextDecoder, AbortController, performance, crypto, console },
  ...{ setTimeout, clearTimeout, setInterval, clearInterval, queueMicrotask },
};

let bundle: Bundle;
let set: Stage;
let world: ReturnType<typeof createContext>;

beforeAll(async () => {
  bundle = await bundled('test/browser/page.ts');
}, 60_000);

beforeEach(async () => {
  set = await stage('');
  world = createContext({ ...GLOBALS });
  runInContext(bundle.code, world);
});

afterEach(() => set.close());
afterAll(() => {
  world = createContext();
});

const act = async (scene: Scene, ...args: readonly (string | number)[]): Promise<unknown> =>
  JSON.parse(await (runInContext('act', world) as (...given: unknown[]) => Promise<string>)(scene, ...args));

describe('the bundle', () => {
  it('imports nothing, neither of node nor of anybody, and bundles without a warning', () => {
    expect([bundle.imports, bundle.warnings]).toEqual([[], []]);
    expect(bundle.code).not.toMatch(/["']node:/);
    expect(runInContext('typeof Buffer + typeof process + typeof setImmediate + typeof require', world)).toBe('undefined'.repeat(4));
  });

  it('holds nothing of a server, of node’s engine, or of what they need', () => {
    const foreign = /^(?:path-to-regexp|ws|tinyglobby)\/|^dist\/(?:index|client|spi)\.js|^dist\/bin\/|^dist\/transport\/(?:ws|memory)\//;
    const server =
      /^dist\/container\/(?:handshake|scan|workers|client\/http)\/|deployments\.js|server-|serve\.js|router|uri-template|runtime\/streams\//;
    expect(bundle.inputs.filter((file) => foreign.test(file) || server.test(file))).toEqual([]);
    expect(bundle.inputs).toEqual(expect.arrayContaining(['dist/client-browser.js', 'dist/container/client-container.js', 'page.ts']));
  });
});

describe('a page', () => {
  it.each(ACTS.map((each) => [each.title, each] as const))('%s', async (_, { scene, args = [], needsNobody, comes, ends }) => {
    expect(await act(scene, set.url, ...args, ...(needsNobody ? [set.nobody] : []))).toEqual(comes);
    if (ends !== undefined) await eventually(() => expect(set.goodbyes()).toEqual(ends));
  });
});
