/** A folder of modules that a test writes, as a compiler would have; they see margay as `margay`. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach } from '@jest/globals';

const MARGAY = new URL('../../src/index.js', import.meta.url).href;
const written = new Set<string>();

afterEach(() => {
  for (const folder of written) rmSync(folder, { recursive: true, force: true });
  written.clear();
});

/** Writes the files and resolves with the folder's path; it goes with the test. */
export function folder(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), 'margay-'));
  written.add(root);
  for (const [name, source] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), source.replaceAll("from 'margay'", `from '${MARGAY}'`));
  }
  return root;
}

/** The source of a module with one endpoint, which answers every text with its own name in front. */
export const talking = (name: string, path: string): string => `
import { OnMessage, ServerEndpoint, text } from 'margay';
export class ${name} {
  say(message) {
    return '${name} ' + message;
  }
}
OnMessage(text)(${name}.prototype, 'say', Object.getOwnPropertyDescriptor(${name}.prototype, 'say'));
ServerEndpoint('${path}')(${name});
`;
