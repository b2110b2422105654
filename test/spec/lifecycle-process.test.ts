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
