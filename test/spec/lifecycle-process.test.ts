/** Nothing that an endpoint does wrong reaches the process. [LIF-11] */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from '@jest/globals';

it('[LIF-11, REM-17] failing callbacks, failing handlers of sends, a failing logger and dropped promises raise nothing in the process', async () => {
  const script = fileURLToPath(new URL('./hostile-endpoints.js', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [script], { timeout: 14_000 });
  const { escaped, codes } = JSON.parse(stdout) as { escaped: string[]; codes: string[] };
  expect(escaped).toEqual([]);
  expect(codes).toEqual(expect.arrayContaining(['MARGAY_ERROR_HANDLER', 'MARGAY_SEND_DROPPED', 'MARGAY_UNHANDLED_ERROR']));
});

it('[LIF-11, REL-1] async functions in the place of hooks that answer at once raise nothing in the process when they reject', async () => {
  const script = fileURLToPath(new URL('./hostile-hooks.js', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [script], { timeout: 14_000 });
  const { escaped, answers, codes } = JSON.parse(stdout) as { escaped: string[]; answers: Record<string, number>; codes: string[] };
  expect(escaped).toEqual([]);
  expect(answers).toEqual({
    unsubscribing: 101,
    subscribing: 500,
    isUserInRole: 500,
    subprotocol: 500,
    extensions: 500,
    build: 500,
    close: 101,
    closeUnused: 500,
    expires: 101, // and it ends when nobody knows any more until when it lives
    logger: 101,
  });
  expect(codes).toEqual(expect.arrayContaining(['MARGAY_HOOK_FAILED', 'MARGAY_RSV_CLASH']));
});
