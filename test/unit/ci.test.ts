/** What `.ci/run` counts, with every command that it calls replaced by one of the test's. [D-33] */
import { spawnSync } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { folder } from '../support/folder.js';
import { read } from '../support/project.js';

/** Its checks beside the tests. */
const CHECKS = [...read('.ci/run').matchAll(/^check "/gm)].length;

/** Runs it where `npm test` prints such totals, and the commands that `fails` matches fail. */
function run(totals: string, fails = /^$/): { readonly line: string | undefined; readonly status: number | null } {
  const npm = `#!/bin/sh\n[ "$1" = test ] && echo "${totals}"\necho "npm $*" | grep -qE '${fails.source}' && exit 1\nexit 0\n`;
  const node = `#!/bin/sh\necho "node $*" | grep -qE '${fails.source}' && exit 1\nexit 0\n`;
  const cwd = folder({ '.ci/run': read('.ci/run'), 'bin/npm': npm, 'bin/node': node });
  for (const command of ['npm', 'node']) chmodSync(join(cwd, 'bin', command), 0o755);
  const { stdout, status } = spawnSync('bash', ['.ci/run'], {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, PATH: `${join(cwd, 'bin')}:${process.env['PATH']}` },
  });
  return { line: stdout.trim().split('\n').at(-1), status };
}

describe('.ci/run', () => {
  it('[D-33] counts tests one by one, and every other check as one', () => {
    expect(CHECKS).toBeGreaterThan(5);
    expect(run('Tests:       20 passed, 20 total')).toEqual({ line: `${20 + CHECKS} passed, 0 failed`, status: 0 });
  });

  it('[D-33] a failed check is one failure, and the exit code is 1', () => {
    const result = run('Tests:       20 passed, 20 total', /npm run --silent lint/);
    expect(result).toEqual({ line: `${19 + CHECKS} passed, 1 failed`, status: 1 });
  });

  it('[D-33] failed tests are counted one by one', () => {
    const result = run('Tests:       3 failed, 17 passed, 20 total', /npm test/);
    expect(result).toEqual({ line: `${17 + CHECKS} passed, 3 failed`, status: 1 });
  });

  it.each(['npm ci', 'npm test'])('[D-33] without any totals, since %s failed, the line is printed all the same', (command) => {
    const result = run('nothing was run', new RegExp(`^${command}( --no-audit --no-fund)?$`));
    expect(result).toEqual({ line: `${CHECKS} passed, 1 failed`, status: 1 });
  });
});
