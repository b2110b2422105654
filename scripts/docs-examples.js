// Writes the TypeScript examples of the documentation out as modules, so that the test build compiles them and tests run
// them: ```ts for the legacy dialect, ```ts standard for the standard one.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';

const FOLDERS = { legacy: 'test/docs/examples', standard: 'test/standard/docs' };
for (const folder of Object.values(FOLDERS)) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
}

const docs = readdirSync('docs', { recursive: true, encoding: 'utf8' }).map((name) => `docs/${name.replaceAll('\\', '/')}`);
const pages = ['README.md', ...docs].filter((name) => name.endsWith('.md'));
for (const page of pages) {
  const text = readFileSync(page, 'utf8');
  const name = page
    .replace(/^docs\//, '')
    .replace(/\.md$/, '')
    .replaceAll('/', '-')
    .toLowerCase();
  let index = 0;
  for (const [, dialect, code] of text.matchAll(/^```ts( standard)?\n([\s\S]*?)^```$/gm)) {
    index++;
    const folder = dialect === undefined ? FOLDERS.legacy : FOLDERS.standard;
    writeFileSync(
      `${folder}/${name}-${index}.ts`,
      `// Example ${index} of ${page}, written by scripts/docs-examples.js.\n${runnable(code)}`,
    );
  }
}

/** A port that is free, and a name under which a test finds what the example made. */
function runnable(code) {
  const free = code.replaceAll('port: 8080', 'port: 0');
  return /^const container = /m.test(free) ? `${free}\nexport { container };\n` : free;
}
