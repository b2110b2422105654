/** From names and patterns to modules: what a scan looks into. */
import { statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { isAbsolute, join, relative, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { convertPathToPattern, glob } from 'tinyglobby';
import { type Problem, wordsOf } from '../../api/exceptions.js';
import { notLoaded } from '../deployment/problems.js';
import type { ScanOptions } from '../options/scan-options.js';
import type { Skipped } from './scan-result.js';

/** A module and how to name it to people. */
export interface LoadedModule {
  readonly name: string;
  readonly exports: object;
}

/** What could be loaded, and what could not. */
export interface Archive {
  readonly modules: readonly LoadedModule[];
  /** Patterns that no file matches. */
  readonly skipped: readonly Skipped[];
  readonly problems: readonly Problem[];
  /** What the first module threw, if one did. */
  readonly cause?: unknown;
}

// Not what a compiler writes beside a module: declarations, maps.
const MODULE = /(?<!\.d)\.[cm]?[jt]s$/;

/** Loads one after the other, in the order given, files of a pattern by name; the same file counts once. */
export async function loadModules({ modules = [], globs = [], cwd = process.cwd() }: ScanOptions): Promise<Archive> {
  const loaded = new Map<unknown, LoadedModule>();
  const skipped: Skipped[] = [];
  const problems: Problem[] = [];
  let cause: unknown;
  // A namespace that is still being imported may fail while another is waited for; it is told in its turn.
  for (const module of modules) if (module instanceof Promise) module.catch(() => {});
  const load = async (name: string, run: () => unknown) => {
    try {
      const exports = await run();
      if (typeof exports !== 'object' || exports === null) throw new TypeError('that is no module');
      if (!loaded.has(exports)) loaded.set(exports, { name, exports });
    } catch (thrown) {
      problems.push(loadFailed(name, thrown, cwd));
      cause ??= thrown;
    }
  };
  for (const [i, module] of modules.entries()) {
    const isName = typeof module === 'string' || module instanceof URL;
    await load(isName ? nameOf(module, cwd) : `modules[${i}]`, () => (isName ? importFrom(module, cwd) : module));
  }
  for (const pattern of [globs].flat()) {
    const files = await filesOf(pattern, cwd);
    if (files.length === 0) skipped.push({ module: pattern, name: '*', why: isFolder(pattern, cwd) ? EMPTY : 'matches no module' });
    for (const file of files) await load(nameOf(pathToFileURL(file), cwd), () => import(pathToFileURL(file).href));
  }
  return { modules: [...loaded.values()], skipped, problems, cause };
}

const OURS = /\/container\/modules\.[jt]s$/; // the first line of the application's, or none

/** A module that threw, or is none. */
export function loadFailed(module: string, thrown: unknown, cwd: string): Problem {
  return notLoaded(module, `${wordsOf(thrown)}${hintOf(thrown, module, cwd)}`);
}

/** What node's words leave open: the line, which is in the stack only, and what to do about TypeScript. */
function hintOf(thrown: unknown, module: string, cwd: string): string {
  const { code, stack } = (thrown ?? {}) as { readonly code?: unknown; readonly stack?: unknown };
  if (code === 'ERR_UNKNOWN_FILE_EXTENSION') return '; compile it to JavaScript first';
  const [, file, line] = (typeof stack === 'string' && /(file:\/\/[^\s()"']+?):(\d+)/.exec(stack)) || [];
  if (file === undefined || OURS.test(file)) return '';
  return nameOf(file, cwd) === module ? ` (line ${line})` : ` (${nameOf(file, cwd)}:${line})`;
}

/** `import()` as if it stood in a module of the folder `cwd`. */
export async function importFrom(specifier: string | URL, cwd: string): Promise<object> {
  if (typeof specifier === 'string' && isPath(specifier)) return import(pathToFileURL(resolve(cwd, specifier)).href);
  if (specifier instanceof URL || URL.canParse(specifier)) return import(String(specifier));
  try {
    return await import(specifier);
  } catch (error) {
    const found = NOT_FOUND.has((error as { code?: unknown }).code) ? foundFrom(specifier, cwd) : null;
    if (found === null) throw error;
    return import(found); // the application's own, which is not to be seen from here
  }
}

const NOT_FOUND: ReadonlySet<unknown> = new Set(['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND']);

const isPath = (specifier: string) => isAbsolute(specifier) || /^\.\.?(?:[/\\]|$)/.test(specifier);

function foundFrom(specifier: string, cwd: string): string | null {
  try {
    return pathToFileURL(createRequire(join(cwd, 'module.js')).resolve(specifier)).href;
  } catch {
    return null;
  }
}

/** Absolute paths. A folder stands for the compiled modules in it and below. */
async function filesOf(pattern: string, cwd: string): Promise<string[]> {
  const wanted = isFolder(pattern, cwd) ? `${convertPathToPattern(pattern).replace(/\/+$/, '')}/**/*.{js,mjs}` : pattern;
  const ignore = pattern.includes('node_modules') ? [] : ['**/node_modules/**'];
  const files = await glob(wanted, { cwd, ignore, absolute: true, expandDirectories: false });
  return files.filter((file) => MODULE.test(file)).sort();
}

const EMPTY = 'there is no .js or .mjs in it or below; compile TypeScript first';

const isFolder = (path: string, cwd: string) => statSync(resolve(cwd, path), { throwIfNoEntry: false })?.isDirectory() ?? false;

/** As people would write it from `cwd`. */
function nameOf(specifier: string | URL, cwd: string): string {
  const written = String(specifier);
  const isFile = written.startsWith('file:');
  if (!isFile && !isPath(written)) return written;
  const path = isFile ? fileURLToPath(written) : resolve(cwd, written);
  const near = relative(cwd, path);
  return (near.startsWith('..') || isAbsolute(near) ? path : near).replaceAll('\\', '/');
}
