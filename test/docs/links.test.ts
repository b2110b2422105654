/** What the pages point to is there: files, headings, and the sources that the architecture names. */
import { existsSync } from 'node:fs';
import { posix } from 'node:path';
import { expect, it } from '@jest/globals';
import { filesIn, read, root } from '../support/project.js';

const pages = ['README.md', 'CHANGELOG.md', 'SECURITY.md', ...filesIn('docs', '.md'), ...filesIn('examples', '.md')];
const there = (path: string) => existsSync(`${root}/${path}`);

/** As GitHub makes them. */
const anchorsOf = (page: string) =>
  [...read(page).matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    (heading as string)
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );

function leadsNowhere(page: string, target: string): boolean {
  const [path = '', anchor] = target.split('#');
  const file = path === '' ? page : posix.join(posix.dirname(page), path);
  return !there(file) || (anchor !== undefined && !anchorsOf(file).includes(anchor));
}

it('every link of a page leads to a file of ours, and to a heading in it', () => {
  const links = pages.flatMap((page) =>
    [...read(page).matchAll(/\]\((?!\w+:)([^)]+)\)/g)].map(([, target]) => ({ page, target: target as string })),
  );
  expect(links.length).toBeGreaterThan(20);
  expect(links.filter(({ page, target }) => leadsNowhere(page, target))).toEqual([]);
});

it('every example is run: its module stands in a test', () => {
  const tests = [...filesIn('test/docs').filter((file) => file.endsWith('.test.ts')), ...filesIn('test/standard')].map(read).join('\n');
  const examples = [...filesIn('test/docs/examples'), ...filesIn('test/standard/docs')].map((file) => posix.basename(file, '.ts'));
  expect(examples.length).toBeGreaterThan(30);
  expect(examples.filter((name) => !tests.includes(`/${name}.js'`))).toEqual([]);
});

it('the sources that docs/architecture.md names are there', () => {
  const named = [...read('docs/architecture.md').matchAll(/`((?:api|metadata|decorators|transport|runtime|container|bin)\/[\w/-]+)`/g)];
  const missing = named.map(([, name]) => `src/${name}`).filter((path) => !there(path) && !there(`${path}.ts`));
  expect(named.length).toBeGreaterThan(30);
  expect(missing).toEqual([]);
});
