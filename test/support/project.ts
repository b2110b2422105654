/** The project's own files, for tests that read them; compiled tests lie a folder deeper than their sources. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the project. */
export const root = rootAbove(dirname(fileURLToPath(import.meta.url)));

export const read = (path: string): string => readFileSync(join(root, path), 'utf8');

/** Every file of a folder and those below it, by its path from the root. */
export function filesIn(folder: string, ending = '.ts'): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith(ending))
    .map((file) => `${folder}/${file.replaceAll('\\', '/')}`)
    .sort();
}

function rootAbove(folder: string): string {
  return existsSync(join(folder, 'package.json')) ? folder : rootAbove(dirname(folder));
}
