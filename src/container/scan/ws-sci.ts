/** The initializer that turns scanned classes into deployed endpoints. [DEP-4, DEP-5] */
import { Endpoint } from '../../api/endpoint.js';
import { type Problem, wordsOf } from '../../api/exceptions.js';
import { KIND } from '../../api/kind.js';
import { ServerApplicationConfig } from '../../api/server-application-config.js';
import type { ServletContainerInitializer } from '../../api/servlet-container-initializer.js';
import { type Class, nameOf } from '../../api/tokens.js';
import { unheard } from '../../runtime/thenable.js';
import type { Deployment } from '../deployment/deployment.js';
import type { Findings } from '../deployment/findings.js';
import { descends } from '../deployment/lineage.js';
import { initializerFailed } from '../deployment/problems.js';
import { spell } from '../options/spelling.js';
import { isAnnotated } from './scanned-classes.js';

/** What it handles: the decorator by its brand, since a container does not know the decorators. */
export const HANDLED: readonly unknown[] = [{ [KIND]: 'ServerEndpoint' }, Endpoint, ServerApplicationConfig];

export class WsSci implements ServletContainerInitializer {
  readonly #deploy: (findings: Findings) => readonly Deployment[];
  readonly #configs: Class[] = [];
  #deployed: readonly Deployment[] = [];

  /** @param deploy throws DeploymentException with every problem, those that were found among them */
  constructor(deploy: (findings: Findings) => readonly Deployment[]) {
    this.#deploy = deploy;
  }

  /** What this scan brought. */
  get deployed(): readonly Deployment[] {
    return this.#deployed;
  }

  onStartup(classes: ReadonlySet<Class>): void {
    const annotated = new Set<Class>();
    const programmatic = new Set<Class<Endpoint>>();
    for (const type of classes) {
      if (descends(type, 'ServerApplicationConfig')) this.#configs.push(type);
      if (descends(type, 'Endpoint') && !isAbstract(type)) programmatic.add(type as Class<Endpoint>);
      if (isAnnotated(type)) annotated.add(type);
    }
    this.#deployed = this.#deploy(
      this.#configs.length === 0 ? { endpoints: [...annotated], problems: [] } : this.#chosen(programmatic, annotated),
    );
  }

  /** Whether a class could be one. */
  isEndpoint(type: Class): boolean {
    return isAnnotated(type) || descends(type, 'Endpoint');
  }

  /** Why a class of an endpoint was not deployed. */
  reason(type: Class): string {
    const decided = this.#configs.map(nameOf).join(' and ');
    if (isAnnotated(type)) return `${decided} left it out`;
    if (isAbstract(type)) return 'it is abstract: it has no onOpen()';
    return decided === ''
      ? 'it extends Endpoint, and no ServerApplicationConfig gives it a path'
      : `${decided} made no configuration for it`;
  }

  /** The union of what all of them return, configurations first. */
  #chosen(programmatic: ReadonlySet<Class<Endpoint>>, annotated: ReadonlySet<Class>): Findings {
    const configurations = new Set<unknown>();
    const classes = new Set<unknown>();
    const problems: Problem[] = [];
    let cause: unknown;
    const attempt = (what: string, member: string | undefined, run: () => void) => {
      try {
        run();
      } catch (thrown) {
        problems.push(initializerFailed(what, `${member === undefined ? 'cannot be made' : 'failed'}: ${wordsOf(thrown)}`, member));
        cause ??= thrown;
      }
    };
    for (const type of this.#configs) {
      attempt(nameOf(type), undefined, () => {
        const config = new (type as new () => ServerApplicationConfig)();
        for (const [member, into, ask] of [
          ['getEndpointConfigs', configurations, () => config.getEndpointConfigs(new Set(programmatic))],
          ['getAnnotatedEndpointClasses', classes, () => config.getAnnotatedEndpointClasses(new Set(annotated))],
        ] as const) {
          attempt(`${nameOf(type)}.${member}()`, member, () => {
            for (const each of listed(ask())) into.add(each);
          });
        }
      });
    }
    return { endpoints: [...configurations, ...classes], problems, cause };
  }
}

/** `abstract` leaves no trace at run time, but what is abstract in Endpoint does: nothing. */
function isAbstract(type: Class): boolean {
  return typeof (type.prototype as Partial<Endpoint>).onOpen !== 'function';
}

function listed(returned: unknown): Iterable<unknown> {
  if (returned === null || returned === undefined) return [];
  if (typeof (returned as Partial<Iterable<unknown>>)[Symbol.iterator] === 'function') return returned as Iterable<unknown>;
  unheard(returned);
  throw new TypeError(`it returned ${spell(returned)}; return a list, a set or null`);
}
