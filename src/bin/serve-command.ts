/** `margay serve <paths...>`: a folder of modules becomes a server. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { isDynamicPattern } from 'tinyglobby';
import { DeploymentException, IllegalArgumentException, type Problem, wordsOf } from '../api/exceptions.js';
import type { ServletContainerInitializer } from '../api/servlet-container-initializer.js';
import { type Class, nameOf } from '../api/tokens.js';
import { deploymentFailed, notLoaded } from '../container/deployment/problems.js';
import { nearest } from '../container/options/spelling.js';
import { importFrom, loadFailed } from '../container/scan/modules.js';
import { shareOf } from '../container/serve.js';
import type { PrimaryShare, WorkerShare } from '../container/workers/share.js';
import { type ContainerOptions, type Listening, ServerContainer } from '../index.js';
import { Misuse, type ServeArguments } from './arguments.js';

/** Known by its words: a worker tells it to another process. */
const NOTHING = 'nothing was deployed';

type InitializerSource = ServletContainerInitializer | (new () => ServletContainerInitializer);

/** The lines that a run prints; each may be several lines long. */
export interface Output {
  said(line: string): void;
  complained(line: string): void;
}

/**
 * Serves until it is told to end; resolves with the exit code when nothing could be served, and with null when it serves.
 * @throws Misuse
 */
export async function serveCommand(given: ServeArguments, output: Output, ends: (end: () => Promise<void>) => void): Promise<1 | null> {
  const { port, host, contextPath, allowedOrigins, trustProxy, deflate, workers } = given;
  const tls = given.tlsCert === undefined ? undefined : { cert: fileOf(given.tlsCert), key: fileOf(given.tlsKey as string) };
  const { modules, globs } = placesOf(given.paths);
  let container: ServerContainer;
  try {
    const options: ContainerOptions = { contextPath, allowedOrigins, trustProxy, perMessageDeflate: deflate };
    container = new ServerContainer(options);
    ends(() => container.close());
    const share = workers === 1 ? null : await shareOf(workers, options);
    if (share?.isPrimary === true) {
      const said = gathered(share, output);
      await container.through(share.site);
      for (const line of said) output.said(line);
      return null;
    }
    const voice: Output = share === null ? output : telling(share);
    const start = async (at: number | undefined): Promise<Listening> => {
      const { skipped } = await container.scanWith([], { modules, globs, initializers: await initializersOf(given.initializers) });
      for (const { module, name, why } of skipped) voice.complained(`skipped ${module}#${name}: ${why}`);
      if (container.endpoints.length === 0) throw new DeploymentException(NOTHING);
      const listening = await container.listen({ port: at, host, tls });
      const url = listening.url.replace(/^http/, 'ws');
      for (const { endpointClass, path } of container.endpoints) voice.said(`${nameOf(endpointClass)} ${url}${path}`);
      return listening;
    };
    if (share === null) await start(port);
    else await share.serve(container, port ?? 8080, start);
  } catch (error) {
    return refused(error, output);
  }
  return null;
}

/** A worker's lines are the primary's to print. */
const telling = (share: WorkerShare): Output => ({
  said: (line) => share.tell('said', line),
  complained: (line) => share.tell('complained', line),
});

/** Every worker has the same to say, and so has each that follows one: what is new is printed, or kept for when they all listen. */
function gathered({ site }: PrimaryShare, output: Output): ReadonlySet<string> {
  const lines = { said: new Set<string>(), complained: new Set<string>() };
  site.onTold = (about, line) => {
    if (about === 'complained' && !lines.complained.has(line)) output.complained(line);
    lines[about === 'said' ? 'said' : 'complained'].add(line);
  };
  return lines.said;
}

/** One line for each problem; what the container has against an option is the caller's mistake. */
function refused(error: unknown, output: Output): 1 {
  if (error instanceof IllegalArgumentException) throw new Misuse(error.message);
  if (error instanceof DeploymentException && error.message === NOTHING) {
    output.complained(NOTHING);
    return 1;
  }
  const problems = error instanceof DeploymentException && error.problems.length > 0 ? error.problems : [error as Partial<Problem>];
  for (const { code, message } of problems) output.complained(`${code ?? 'error'} ${message ?? wordsOf(error)}`);
  return 1;
}

/** Files are modules as they are, whatever characters are in their names; all else is folders and patterns. */
function placesOf(paths: readonly string[]): { readonly modules: string[]; readonly globs: string[] } {
  const modules: string[] = [];
  const globs: string[] = [];
  for (const path of paths) {
    const found = statSync(path, { throwIfNoEntry: false });
    if (found?.isFile() === true) modules.push(resolve(path));
    else if (found !== undefined || isDynamicPattern(path)) globs.push(path);
    else throw new Misuse(missing(path));
  }
  return { modules, globs };
}

function fileOf(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ENOENT') throw new Misuse(missing(path));
    throw new Misuse(wordsOf(error));
  }
}

function missing(path: string): string {
  const folder = dirname(path);
  const there = statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true ? readdirSync(folder) : [];
  const near = nearest(basename(path), there);
  return `there is no ${path}${near === undefined ? '' : `; did you mean ${near}?`}`;
}

/** Whatever a module exports that has `onStartup`. */
async function initializersOf(modules: readonly string[]): Promise<InitializerSource[]> {
  const found: InitializerSource[] = [];
  for (const name of modules) {
    const isFile = statSync(name, { throwIfNoEntry: false }) !== undefined;
    const exports = await importFrom(isFile ? resolve(name) : name, process.cwd()).catch((cause: unknown) => {
      throw deploymentFailed([loadFailed(name, cause, process.cwd())], cause);
    });
    const mine = Object.values(exports).filter(isInitializer);
    if (mine.length === 0) throw deploymentFailed([notLoaded(name, 'it exports nothing that has onStartup()')]);
    found.push(...mine);
  }
  return found;
}

function isInitializer(value: unknown): value is InitializerSource {
  const holder = typeof value === 'function' ? (value as Class).prototype : value;
  return typeof (holder as { onStartup?: unknown } | null | undefined)?.onStartup === 'function';
}
