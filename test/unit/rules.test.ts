/** The house's rules about its own files: who may import whom, and how large a room may grow. See docs/architecture.md. */
import { existsSync } from 'node:fs';
import { posix } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { eitherEnd } from '../support/either-end.js';
import { filesIn, read, root } from '../support/project.js';

interface Import {
  readonly from: string;
  /** A file of ours, a package, or a module of node's. */
  readonly to: string;
  readonly isType: boolean;
  /** Loaded when it is called for, `import('…')`. */
  readonly isCalled: boolean;
}

/** By room, the inner one first: rooms (or files) it may import, those it may import types of, packages, and whether it may use node. */
const ROOMS: Record<string, { rooms: string[]; types?: string[]; npm?: string[]; node: 'yes' | 'types' | 'no' }> = {
  api: { rooms: ['api'], node: 'types' },
  metadata: { rooms: ['metadata'], npm: ['reflect-metadata'], node: 'no' },
  servlet: { rooms: ['servlet', 'api'], types: ['runtime', 'transport/spi.ts'], node: 'no' },
  catalina: { rooms: ['catalina', 'servlet', 'api', 'runtime'], types: ['transport/spi.ts'], node: 'no' },
  decorators: { rooms: ['decorators', 'metadata', 'api'], node: 'no' },
  'transport/spi.ts': { rooms: [], node: 'types' },
  'transport/dialer.ts': { rooms: ['transport/spi.ts'], node: 'types' },
  'transport/browser': { rooms: ['transport/browser', 'transport/spi.ts', 'transport/dialer.ts'], node: 'no' },
  'transport/memory': { rooms: ['transport/memory', 'transport/spi.ts', 'transport/dialer.ts'], node: 'yes' },
  'transport/ws': { rooms: ['transport/ws', 'transport/spi.ts', 'transport/dialer.ts'], npm: ['ws'], node: 'yes' },
  'runtime/streams': { rooms: ['runtime/streams', 'runtime', 'api'], types: ['transport/spi.ts'], node: 'yes' },
  runtime: { rooms: ['runtime', 'api'], types: ['transport/spi.ts'], node: 'no' },
  // The container's own rooms stand in one order: each imports those before it. Those of the last two know nothing of each other.
  'container/web': { rooms: ['container/web', 'api'], types: ['transport/spi.ts'], npm: ['path-to-regexp'], node: 'yes' },
  'container/options': {
    rooms: ['container/options', 'container/web', 'servlet', 'api', 'runtime'],
    types: ['transport/spi.ts'],
    node: 'yes',
  },
  'container/deployment': {
    rooms: ['container/deployment', 'container/options', 'container/web', 'api', 'metadata', 'runtime'],
    types: ['transport/spi.ts'],
    node: 'yes',
  },
  'container/negotiation': { rooms: ['container/negotiation', 'container/web', 'api', 'runtime'], types: ['transport/spi.ts'], node: 'no' },
  'container/scan': {
    rooms: ['container/scan', 'container/deployment', 'container/options', 'api', 'metadata', 'runtime'],
    npm: ['tinyglobby'],
    node: 'yes',
  },
  'container/workers': { rooms: ['container/workers', 'api', 'runtime'], types: ['transport/spi.ts'], node: 'yes' },
  'container/client/http': {
    rooms: ['container/client/http', 'container/client', 'container/negotiation', 'container/options', 'container/web', 'api', 'runtime'],
    types: ['transport/spi.ts', 'transport/dialer.ts'],
    node: 'yes',
  },
  'container/handshake': {
    rooms: ['container/handshake', 'container/negotiation', 'container/deployment', 'container/options', 'container/web', 'api', 'runtime'],
    types: ['transport/spi.ts'],
    node: 'yes',
  },
  'container/servlets': {
    rooms: [
      'container/servlets',
      'container/handshake',
      'container/deployment',
      'container/options',
      'container/web',
      'servlet',
      'api',
      'runtime',
    ],
    types: ['transport/spi.ts'],
    node: 'yes',
  },
  'container/client': {
    rooms: [
      'container/client',
      'container/negotiation',
      'container/deployment',
      'container/options',
      'container/web',
      'api',
      'metadata',
      'runtime',
    ],
    types: ['transport/spi.ts', 'transport/dialer.ts'],
    node: 'no',
  },
  container: {
    rooms: [
      'container',
      'container/client',
      'container/client/http',
      'container/web',
      'container/options',
      'container/deployment',
      'container/negotiation',
      'container/scan',
      'container/handshake',
      'container/servlets',
      'container/workers',
      'api',
      'metadata',
      'runtime',
    ],
    types: ['transport/spi.ts'],
    node: 'yes',
  },
  testing: {
    rooms: ['testing', 'transport/memory', 'container', 'container/options', 'api', 'runtime'],
    types: ['transport/spi.ts', 'transport/dialer.ts'],
    node: 'yes',
  },
  bin: {
    rooms: ['bin', 'index.ts', 'container', 'container/options', 'container/deployment', 'container/scan', 'container/workers', 'api'],
    npm: ['tinyglobby'],
    node: 'yes',
  },
};
const IMPORT = /^(?:import|export)( type)?\s(?:[^'";]*?\sfrom\s)?'([^']+)'|\bimport\('([^']+)'\)/gm;

const sources = filesIn('src').map((file) => file.slice('src/'.length));
const imports = sources.flatMap((from) =>
  [...read(`src/${from}`).matchAll(IMPORT)].map(([, type, named, called]): Import => {
    const to = (named ?? called) as string;
    const file = to.startsWith('.') ? posix.join(posix.dirname(from), to).replace(/\.js$/, '.ts') : to;
    return { from, to: file, isType: type !== undefined, isCalled: called !== undefined };
  }),
);

const isIn = (file: string, room: string) => file === room || file.startsWith(`${room}/`);
const roomOf = (file: string) => Object.keys(ROOMS).find((room) => isIn(file, room));

function objection({ from, to, isType }: Import): string | null {
  const room = ROOMS[roomOf(from) ?? ''];
  if (room === undefined) return null; // a door
  const line = `${from} imports ${isType ? 'types of ' : ''}${to}`;
  if (to.startsWith('node:')) return room.node === 'yes' || (room.node === 'types' && isType) ? null : line;
  if (!sources.includes(to)) return room.npm?.includes(to) ? null : line;
  return [...room.rooms, ...(isType ? (room.types ?? []) : [])].includes(roomOf(to) ?? to) ? null : line;
}

/** With all that is loaded at once by these files. */
function loadedBy(files: readonly string[]): ReadonlySet<string> {
  const loaded = new Set(files);
  for (const file of loaded) for (const each of imports) if (each.from === file && !each.isType && !each.isCalled) loaded.add(each.to);
  return loaded;
}

describe('rooms', () => {
  it('every file is a door or stands in a room', () => {
    expect(sources.filter((file) => roomOf(file) === undefined && file.includes('/'))).toEqual([]);
  });

  it('a room imports what it may, and nothing else', () => {
    expect(imports.length).toBeGreaterThan(100);
    expect(imports.map(objection).filter((line) => line !== null)).toEqual([]);
  });

  it('[D-24] one class is a channel over sockets, for both ends; others stand for other engines', () => {
    const channels = sources.filter((file) => /^transport\/.*-channel\.ts$/.test(file));
    expect(channels.sort()).toEqual(['browser/browser', 'memory/memory', 'ws/ws'].map((name) => `transport/${name}-channel.ts`));
    const users = imports.filter(({ to, isType }) => to === 'transport/ws/ws-channel.ts' && !isType).map(({ from }) => from);
    expect(users.sort()).toEqual(['transport/ws/http-offer.ts', 'transport/ws/http-reply.ts']);
  });

  it('nothing imports a door, but another door and the command', () => {
    const isDoor = (file: string) => !file.includes('/');
    expect(imports.filter(({ from, to }) => sources.includes(to) && isDoor(to) && !isDoor(from) && !isIn(from, 'bin'))).toEqual([]);
  });

  it('nobody loads node:cluster who asks for no workers', () => {
    const loaded = loadedBy(['index.ts', 'bin/margay.ts']);
    expect(loaded).toContain('container/workers/calls.ts');
    expect([...loaded].filter((each) => each === 'node:cluster')).toEqual([]);
    expect(imports.some(({ to, isType }) => to === 'node:cluster' && !isType)).toBe(true);
  });

  it('nothing of node is loaded by what a client runs in a browser too', () => {
    expect(eitherEnd.filter((file) => !sources.includes(file))).toEqual([]);
    const loaded = [...loadedBy(eitherEnd)];
    expect(loaded).toContain('metadata/table.ts');
    expect(loaded.filter((each) => !sources.includes(each))).toEqual(['reflect-metadata']);
  });

  it('every relative import leads to a file', () => {
    expect(imports.filter(({ to }) => to.endsWith('.ts') && !sources.includes(to))).toEqual([]);
  });

  // Type imports count too, except among the JSR's own nouns: a Session has remotes, whose results have a Session.
  it('there are no cycles', () => {
    const done = new Set<string>();
    const visit = (file: string, path: readonly string[]): string[] => {
      if (path.includes(file)) return [[...path.slice(path.indexOf(file)), file].join(' > ')];
      if (done.has(file)) return [];
      done.add(file);
      return imports
        .filter(({ from, isType }) => from === file && !(isType && isIn(file, 'api')))
        .flatMap(({ to }) => visit(to, [...path, file]));
    };
    expect(sources.flatMap((file) => visit(file, []))).toEqual([]);
  });
});

describe('files', () => {
  const longerThan = (lines: number) => (file: string) => read(file).trimEnd().split('\n').length > lines;

  it('none has more than 300 lines, and no test more than 400', () => {
    const long = [...filesIn('src').filter(longerThan(300)), ...filesIn('test').filter(longerThan(400))];
    expect(long).toEqual([]);
  });

  it('an idea fits into 60 lines, and the endpoint of an example into 150', () => {
    const sources = filesIn('examples').filter((file) => file.endsWith('.ts'));
    const ideas = sources.filter((file) => file.startsWith('examples/ideas/'));
    const endpoints = sources.filter((file) => /^@ServerEndpoint|extends (Endpoint|WebSocketServlet)\b/m.test(read(file)));
    expect(ideas.length).toBeGreaterThan(5);
    expect(endpoints.length).toBeGreaterThan(20);
    expect([...ideas.filter(longerThan(59)), ...endpoints.filter(longerThan(149))]).toEqual([]);
  });

  it('no folder is a drawer, and only doors gather exports', () => {
    expect(sources.filter((file) => /(^|\/)(utils?|helpers?|common|types|interfaces|constants)\//.test(file))).toEqual([]);
    expect(sources.filter((file) => /\/index\.ts$/.test(file))).toEqual([]);
  });

  it('each begins by saying what it is', () => {
    expect(sources.filter((file) => !/^(?:#!.*\n)?(?:\/\*\*? ?[^*\n]|\/\*\*\n)/.test(read(`src/${file}`)))).toEqual([]);
  });

  it.each([
    ['test/types', 'dist-test'],
    ['test/standard/types', 'dist-standard'],
  ])('what the compiler must refuse is compiled: %s into %s', (folder, out) => {
    const files = filesIn(folder);
    expect(files).not.toEqual([]);
    expect(files.filter((file) => !existsSync(`${root}/${out}/${file.replace(/\.ts$/, '.js')}`))).toEqual([]);
  });
});
