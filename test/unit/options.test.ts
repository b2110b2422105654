/** Every option has a row in docs/options.md, in the table where it belongs; and no row speaks of what is none. */
import { describe, expect, it } from '@jest/globals';
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

/** The options in the first column of the tables under a heading. */
function rowsOf(heading: string): string[] {
  const [, section = ''] = read('docs/options.md').split(`\n## ${heading}\n`);
  const rows = (section.split('\n## ')[0] as string).split('\n').filter((line) => line.startsWith('| `'));
  return rows.flatMap((row) => [...(row.split(' | ')[0] as string).matchAll(/`([^`]+)`/g)].map(([, code]) => code as string)).sort();
}

describe('docs/options.md', () => {
  it.each([
    ['Of the container, and of one endpoint', ['EndpointSettings']],
    ['Of the container alone', ['ContainerOptions']],
    ['Of `serve` and `listen`', ['ListenOptions', 'ServeOptions']],
    ['Of `scan`', ['ScanOptions']],
    ['Of `reconnect`', ['ReconnectOptions']],
  ])('[D-36] %s', (heading, names) => {
    const fields = names.flatMap(fieldsOf);
    expect(fields.length).toBeGreaterThan(2);
    expect(rowsOf(heading)).toEqual(fields.sort());
  });
});
