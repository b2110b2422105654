/** What is scanned. */
import type { ServletContainerInitializer } from '../../api/servlet-container-initializer.js';

/** Options of `container.scan(options)`: one call is one archive. [DEP-5, DEP-9] */
export interface ScanOptions {
  /** Namespace objects, or what to `import()`: a path or package as seen from `cwd`, or a URL. */
  readonly modules?: readonly (object | string | URL)[] | undefined;
  /** Patterns of files below `cwd`; a folder stands for every .js and .mjs in it and below. */
  readonly globs?: string | readonly string[] | undefined;
  /** Default: the process's. */
  readonly cwd?: string | undefined;
  /** Run after the endpoints are deployed, in this order, each once. [DEP-11] */
  readonly initializers?: readonly (ServletContainerInitializer | (new () => ServletContainerInitializer))[] | undefined;
}
