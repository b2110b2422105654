/** Section 9.1 of the ledger: where a scan looks. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { ServerContainer } from 'margay';
import { folder, talking } from '../support/folder.js';
import { start } from '../support/start.js';

const quiet = { debug() {}, info() {}, warn() {}, error() {} };
const container = () => new ServerContainer({ logger: quiet });

const FILES = {
  'talk.mjs': talking('Talk', '/talk'),
  'deep/er/chat.mjs': talking('Chat', '/chat'),
  'deep/er/chat.d.mts': 'export declare class Chat {}',
  'deep/er/chat.mjs.map': '{}',
  'notes.txt': 'not a module',
  'node_modules/theirs/index.mjs': talking('Theirs', '/theirs'),
};
const names = ({ deployed }: { deployed: readonly { endpointClass: { name: string } }[] }) =>
  deployed.map(({ endpointClass }) => endpointClass.name);

describe('[DEP-4, DEP-5] modules', () => {
  it('are imported by path from cwd, by absolute path and by URL, and talk', async () => {
    const cwd = folder({ ...FILES, 'third.mjs': talking('Third', '/third') });
    const server = await start([]);
    const scanned = await server.container.scan({
      modules: ['./talk.mjs', join(cwd, 'deep/er/chat.mjs'), pathToFileURL(join(cwd, 'third.mjs'))],
      cwd,
    });
    expect(names(scanned)).toEqual(['Talk', 'Chat', 'Third']);
    const peer = await server.dial('/talk');
    peer.send('hello');
    expect(await peer.next()).toBe('Talk hello');
  });

  it('a package of the application is found from cwd', async () => {
    const cwd = folder({
      'node_modules/theirs/package.json': '{ "name": "theirs", "exports": "./index.mjs" }',
      'node_modules/theirs/index.mjs': talking('Theirs', '/theirs'),
    });
    expect(names(await container().scan({ modules: ['theirs'], cwd }))).toEqual(['Theirs']);
  });

  it('a namespace that is still being imported is waited for', async () => {
    const cwd = folder(FILES);
    const pending = import(pathToFileURL(join(cwd, 'talk.mjs')).href);
    expect(names(await container().scan({ modules: [pending] }))).toEqual(['Talk']);
  });

  it('one that cannot be loaded is DE SCAN, beside the problems of those that can', async () => {
    const cwd = folder({
      'throws.mjs': "throw new Error('no database');",
      'crooked.mjs': talking('Crooked', 'no slash'),
      'early.mjs': "import './late.mjs'; export class Fine {}",
      'late.mjs': '',
    });
    const failure = await container()
      .scan({ modules: ['./missing.mjs', 'no-such-package'], globs: '*.mjs', cwd })
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({
      code: 'MARGAY_DEPLOYMENT',
      problems: [
        { code: 'MARGAY_SCAN', message: expect.stringMatching(/^missing\.mjs cannot be loaded: /) },
        { code: 'MARGAY_SCAN', message: expect.stringMatching(/^no-such-package cannot be loaded: /) },
        { code: 'MARGAY_SCAN', message: 'throws.mjs cannot be loaded: no database' },
        { code: 'MARGAY_PATH', endpoint: 'Crooked' },
      ],
    });
    expect((failure as Error).cause).toHaveProperty('message', expect.stringContaining('missing.mjs'));
  });

  it('[LIF-11] a failing promise of a namespace is DE SCAN, also while another is waited for', async () => {
    const failure = await container()
      .scan({ modules: [new Promise((resolve) => setTimeout(resolve, 50, {})), Promise.reject(new Error('gone'))] })
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'MARGAY_SCAN', message: 'modules[1] cannot be loaded: gone' });
  });
});

describe('[DEP-4] globs', () => {
  it('a folder stands for the compiled modules in it and below, without packages', async () => {
    const cwd = folder(FILES);
    const scanned = await container().scan({ globs: '.', cwd });
    expect(names(scanned)).toEqual(['Chat', 'Talk']);
    expect(scanned.skipped).toEqual([]);
  });

  it('patterns are matched below cwd; what is no module is passed over, and what is named twice counts once', async () => {
    const cwd = folder(FILES);
    const scanned = await container().scan({ globs: ['deep/**', '**/chat.*', '*.mjs', 'node_modules/**/*.mjs'], cwd });
    expect(names(scanned)).toEqual(['Chat', 'Talk', 'Theirs']);
  });

  it('a pattern may be absolute, and the folder may have odd characters in its name', async () => {
    const cwd = folder({ '[odd] (one)/talk.mjs': talking('Talk', '/talk') });
    expect(names(await container().scan({ globs: join(cwd, '[odd] (one)') }))).toEqual(['Talk']);
    const absolute = folder(FILES);
    expect(names(await container().scan({ globs: `${absolute.replaceAll('\\', '/')}/**/chat.mjs` }))).toEqual(['Chat']);
  });

  it('a module that two patterns find is spoken of once', async () => {
    const cwd = folder({ 'none.mjs': 'export const x = 1;' });
    const { skipped } = await container().scan({ modules: ['./none.mjs'], globs: ['*.mjs', '.'], cwd });
    expect(skipped).toEqual([{ module: 'none.mjs', name: '*', why: 'it exports no class' }]);
  });

  it('names are as seen from cwd, and a pattern that matches nothing is told', async () => {
    const cwd = folder({ 'deep/plain.mjs': 'export class Plain {}', 'deep/none.mjs': 'export const x = 1;' });
    const { skipped } = await container().scan({ globs: ['deep', 'endpoints/*.js'], cwd });
    expect(skipped.map(({ module, name }) => `${module}#${name}`)).toEqual(['endpoints/*.js#*', 'deep/none.mjs#*', 'deep/plain.mjs#Plain']);
    expect(skipped[0]?.why).toBe('matches no module');
  });
});
