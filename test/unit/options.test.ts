/** Every option has a row in docs/options.md, in the table where it belongs; and no row speaks of what is none. */
import { describe, expect, it } from '@jest/globals';
import { SESSION_OPTIONS } from '../../src/container/options/session-options.js';
import { read } from '../support/project.js';
import { declaredIn } from './parity/declared.js';

const files = [
  'src/api/connect-options.ts',
  'src/api/endpoint-settings.ts',
  'src/container/options/options.ts',
  'src/container/options/scan-options.ts',
];
const interfaces = files.flatMap((file) => declaredIn(file, read(file)));
const fieldsOf = (name: string): string[] => [...(interfaces.find((each) => each.name === name)?.members ?? [])].sort();

function section(heading: string): string {
  const [, text = ''] = read('docs/options.md').split(`\n## ${heading}\n`);
  return text.split('\n## ')[0] as string;
}

/** The options in the first column of the tables under a heading. */
function rowsOf(heading: string): string[] {
  const rows = section(heading)
    .split('\n')
    .filter((line) => line.startsWith('| `'));
  return rows.flatMap((row) => [...(row.split(' | ')[0] as string).matchAll(/`([^`]+)`/g)].map(([, code]) => code as string)).sort();
}

describe('docs/options.md', () => {
  it.each([
    ['Of the container, and of one endpoint', ['EndpointSettings']],
    ['Of the container alone', ['ContainerOptions']],
    ['Of `serve` and `listen`', ['ListenOptions', 'ServeOptions']],
    ['Of `scan`', ['ScanOptions']],
    ['Of `connectToServer`', ['ConnectOptions']],
    ['Of `reconnect`', ['ReconnectOptions']],
  ])('[D-36] %s', (heading, names) => {
    const fields = names.flatMap(fieldsOf);
    expect(fields.length).toBeGreaterThan(2);
    expect(rowsOf(heading)).toEqual(fields.sort());
  });

  it("[CLI-9] has Tomcat's name for each option of a connect that has one, and for those that are ignored", () => {
    const source = read('src/container/client/connect-settings.ts');
    const keys = [...source.matchAll(/own\('([A-Z_]+)'\)/g)].map(([, key]) => key as string);
    const prefixes = [...source.matchAll(/credentialsOf\(own, '([A-Z_]+)'\)/g)].map(([, prefix]) => prefix as string);
    const ignored = [...source.matchAll(/'(SSL_[A-Z_]+)'/g)].map(([, key]) => key as string);
    expect([keys.length, prefixes.length, ignored.length]).toEqual([4, 3, 4]);
    const documented = new Set([...section('Of `connectToServer`').matchAll(/`([A-Z]+_[A-Z_]+)`/g)].map(([, code]) => code as string));
    for (const proxy of ['HTTPS_PROXY', 'HTTP_PROXY', 'ALL_PROXY', 'NO_PROXY']) documented.delete(proxy);
    const [own = '', forProxy = '', otherwise = ''] = prefixes;
    const users = [own, forProxy].flatMap((prefix) => ['USER_NAME', 'PASSWORD', 'REALM'].map((key) => prefix + key));
    expect([...documented].sort()).toEqual([...keys, ...users, otherwise, ...ignored].sort());
  });

  it('[D-36] says which options of a session hold on either end', () => {
    const [, said = ''] = section('Of `connectToServer`').split('Of the first table these hold');
    const named = [...said.matchAll(/`(\w+)`/g)].map(([, name]) => name as string);
    expect(named.filter((name) => /^[a-z]/.test(name)).sort()).toEqual(Object.keys(SESSION_OPTIONS).sort());
  });
});
