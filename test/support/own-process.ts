/** Runs a module in a process of its own: what a process would say, or keep for all, is not ours. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const src = fileURLToPath(new URL('../../src/', import.meta.url));

/** `from 'margay/…'` means a file below our `src`. Rejects if it fails. */
export async function ownProcess(code: string): Promise<{ readonly stdout: string; readonly stderr: string }> {
  const module = code.replaceAll("from 'margay/", `from '${src}`);
  return promisify(execFile)(process.execPath, ['--input-type=module', '-e', module], { timeout: 14_000 });
}
