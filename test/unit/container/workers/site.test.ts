/** Where the workers of one serve() listen, and which port they ask for. */
import { describe, expect, it } from '@jest/globals';
import type { Post } from '../../../../src/container/workers/post.js';
import { Site } from '../../../../src/container/workers/site.js';

const at = (port: number) => ({ host: '127.0.0.1', port, secure: false });
const post = (): Post => ({}) as Post; // a site tells them apart, and asks them nothing
const siteOf = (count: number) => new Site({ open: () => count, close: async () => {} }, 0);

describe('a site', () => {
  it('has started when every worker listens, whoever came before it was asked for', async () => {
    const site = siteOf(2);
    site.joined(post(), 0, at(4000));
    const told: string[] = [];
    const started = site.start().then(() => told.push('started'));
    await Promise.resolve();
    expect([told, site.state]).toEqual([[], 'starting']);
    site.joined(post(), 0, at(4000));
    await started;
    expect([site.state, site.address]).toEqual(['serving', at(4000)]);
  });

  it('has a worker ask for what the others asked for, and for the port itself when nobody holds it', () => {
    const site = siteOf(2);
    const [one, two] = [post(), post()];
    expect(site.portToAskFor()).toBe(0);
    site.joined(one, 0, at(4000));
    expect(site.portToAskFor()).toBe(0);
    site.left(one);
    expect(site.portToAskFor()).toBe(4000);
    site.joined(two, 4000, at(4000));
    expect(site.portToAskFor()).toBe(4000);
  });

  it('refuses who listens elsewhere', () => {
    const site = siteOf(2);
    expect(site.joined(post(), 0, at(4000))).toBe(true);
    expect(site.joined(post(), 0, at(4001))).toBe(false);
    expect(site.address).toEqual(at(4000));
  });

  it('that is closed while it starts has failed, with why it was closed', async () => {
    const [asked, failed] = [siteOf(1), siteOf(1)];
    const starts = Promise.allSettled([asked.start(), failed.start()]);
    asked.closed();
    failed.closed(new Error('it died'));
    const [first, second] = (await starts) as PromiseRejectedResult[];
    expect(first?.reason).toMatchObject({ code: 'MARGAY_STATE' });
    expect(second?.reason).toEqual(new Error('it died'));
  });
});
