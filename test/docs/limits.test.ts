/** docs/limits.md says what the code does: every default, and none is missing. */
import { describe, expect, it } from '@jest/globals';
import { RECONNECT } from '../../src/container/client/reconnection.js';
import { containerLimits } from '../../src/container/options/container-limits.js';
import { Defaults } from '../../src/container/options/session-settings.js';
import { EndpointOptions } from '../../src/container/options/settings.js';
import { read } from '../support/project.js';

interface Row {
  readonly section: string;
  readonly cells: readonly string[];
}

const page = read('docs/limits.md');
const rows = page
  .split('\n## ')
  .slice(1)
  .flatMap((text): Row[] => {
    const [section = '', ...lines] = text.split('\n');
    const table = lines.filter((line) => line.startsWith('| ')).slice(1);
    return table.map((line) => ({ section, cells: line.slice(2, -2).split(' | ') }));
  });
const connecting = rows.filter(({ section }) => section === "A client's connect");
const named = rows.filter(({ section, cells }) => cells[0]?.startsWith('`') && section !== "A client's connect");
const fixed = rows.filter(({ section }) => section === 'Fixed');

/** What holds when nobody says anything, by the name of the option that would; of what bounds nothing, nothing. */
function defaults(): Record<string, number> {
  const options = new EndpointOptions({}, new Defaults({}), {});
  const { heartbeat, slowPeer, backlogEvents, backlogBytes, ...settings } = options.session;
  const { policy: _policy, isOfSends: _isOfSends, ...slow } = slowPeer;
  return Object.fromEntries([
    ...Object.entries(containerLimits({})),
    ['hookTimeout', options.handshake.hookTimeout],
    ...Object.entries(settings).filter((each): each is [string, number] => typeof each[1] === 'number'),
    ['backlog.events', backlogEvents],
    ['backlog.bytes', backlogBytes],
    ...Object.entries(heartbeat ?? {}).map(([key, value]) => [`heartbeat.${key}`, value]),
    ['reconnect.queue', RECONNECT.queue],
    ...Object.entries(slow).map(([key, value]) => [`slowPeer.${key}`, value]),
  ]) as Record<string, number>;
}

/** The number that a file gives a name; sums and products are worked out. */
function constantOf(place: string): number {
  const [file = '', name = ''] = place.replaceAll('`', '').split(' ');
  const [, value = ''] = read(`src/${file}`).match(new RegExp(`^(?:export )?const ${name} = ([\\d_ *]+);`, 'm')) ?? [];
  return value.split('*').reduce((product, factor) => product * Number(factor.replaceAll('_', '')), 1);
}

describe('docs/limits.md', () => {
  it('has every limit that is an option, with its default', () => {
    const said = Object.fromEntries(named.map(({ cells: [name = '', value] }) => [name.replaceAll('`', ''), Number(value)]));
    expect(said).toEqual(defaults());
  });

  it('[CLI-9] has the limits of a connect, each with what the code takes where nobody says anything', () => {
    const source = read('src/container/client/http/http-reach.ts');
    const taken = [...source.matchAll(/options\.(\w+) \?\? (\d+)/g)].map(([, name, value]) => [name, value]);
    expect(connecting.map(({ cells: [name = '', value] }) => [name.replaceAll('`', ''), value]).sort()).toEqual(taken.sort());
  });

  it('has the fixed ones as the code has them', () => {
    expect(fixed.length).toBeGreaterThan(10);
    for (const { cells } of fixed) expect([cells[4], constantOf(cells[4] as string)]).toEqual([cells[4], Number(cells[1])]);
  });

  it('says of each its unit, what happens, how to change it and which promise it serves', () => {
    for (const { cells } of rows) {
      expect(cells).toHaveLength(6);
      expect(cells[5]).toMatch(/^REL-([1-9]|1[0-6])$/);
      for (const cell of cells) expect(cell.trim()).not.toBe('');
    }
  });
});
