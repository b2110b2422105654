/** What a container serves, and whether it still may. [DEP-2, D-30] */
import type { DeploymentException, Problem } from '../../api/exceptions.js';
import { nameOf } from '../../api/tokens.js';
import type { RequestPath } from '../web/request-path.js';
import { type Found, Router } from '../web/router.js';
import type { Platform } from './configuration.js';
import { type Deployment, deploymentOf } from './deployment.js';
import type { Findings } from './findings.js';
import { deploymentFailed, pathTaken } from './problems.js';

export class Deployments {
  readonly #platform: Platform;
  readonly #router = new Router<Deployment>();
  readonly #list: Deployment[] = [];
  /** Those that a scan brought. */
  readonly #scanned = new Set<Deployment>();
  #started = false;
  /** What failed before the start: nothing is served after it. */
  #failure: DeploymentException | null = null;

  constructor(platform: Platform) {
    this.#platform = platform;
  }

  get list(): readonly Deployment[] {
    return this.#list;
  }

  find(path: RequestPath): Found<Deployment> | null {
    return this.#router.find(path);
  }

  isScanned(deployment: Deployment): boolean {
    return this.#scanned.has(deployment);
  }

  /**
   * Deploys all of them and all that a scan found, or nothing. A failure before the start withdraws what was there; a later
   * one leaves it alone.
   * @throws DeploymentException with every problem of every class
   */
  add(submitted: readonly unknown[], found: Findings = NOTHING): readonly Deployment[] {
    this.mustBeSound();
    const problems: Problem[] = [...found.problems];
    const added: Deployment[] = [];
    let { cause } = found;
    const each = (endpoint: unknown, isScanned: boolean) => {
      const made = deploymentOf(endpoint, this.#platform);
      if ('problems' in made) {
        problems.push(...made.problems);
        cause ??= made.cause;
      } else this.#place(made, isScanned, added, problems);
    };
    for (const endpoint of submitted) each(endpoint, false);
    for (const endpoint of found.endpoints) each(endpoint, true);
    if (problems.length === 0) {
      this.#list.push(...added);
      return added;
    }
    for (const deployment of added) this.#remove(deployment);
    throw this.fail(deploymentFailed(problems, cause));
  }

  /** @throws DeploymentException when a deployment failed before the start */
  mustBeSound(): void {
    if (this.#failure === null) return;
    const message = 'an earlier deployment failed; fix it and start a new container';
    throw deploymentFailed([{ code: 'MARGAY_DEPLOYMENT', message }], this.#failure);
  }

  /** Before the start everything ends with it; later it is that caller's alone. */
  fail(failure: DeploymentException): DeploymentException {
    if (this.#started) return failure;
    this.#failure = failure;
    for (const deployment of this.#list) this.#remove(deployment);
    this.#list.length = 0;
    return failure;
  }

  /** From now on a failure costs nobody else anything. @throws DeploymentException when one has come before */
  start(): void {
    if (this.#failure !== null) throw this.#failure;
    this.#started = true;
  }

  #place(deployment: Deployment, isScanned: boolean, added: Deployment[], problems: Problem[]): void {
    const other = this.#router.taken(deployment.template);
    if (other !== undefined) {
      if (isSame(deployment, other) && (isScanned || this.#scanned.has(other))) return; // deployed once, whoever came first [DEP-3]
      problems.push(pathTaken(deployment.type, other.type, deployment.template.source));
      return;
    }
    this.#router.add(deployment.template, deployment);
    if (isScanned) this.#scanned.add(deployment);
    added.push(deployment);
  }

  #remove(deployment: Deployment): void {
    this.#router.remove(deployment.template);
    this.#scanned.delete(deployment);
  }
}

const NOTHING: Findings = Object.freeze({ endpoints: [], problems: [] });

/** The same class at the same path, the names of its variables included. */
function isSame(a: Deployment, b: Deployment): boolean {
  return a.type === b.type && a.template.names.join('/') === b.template.names.join('/');
}

/** `/:id` is Express's spelling; here it is a literal. */
const colon = (path: string, name: string) => (path.split('/').includes(`:${name}`) ? `; write {${name}} for :${name} in the path` : '');

/** Path parameters that a handler takes and the template does not have: legal, but seldom meant. [PP-3] */
export function* unknownParameters({ type, template, plan }: Deployment): Generator<{ member: string; name: string; message: string }> {
  const messages = plan.receivers.map(({ text, binary, pong }) => text ?? binary ?? pong);
  for (const handler of [plan.open, ...messages, plan.close, plan.error]) {
    if (handler === null) continue;
    for (const name of new Set(handler.reads.map((index) => plan.values[index]?.name as string))) {
      if (template.names.includes(name)) continue;
      const message = `${nameOf(type)}.${handler.member}() takes {${name}}, which ${template} does not have; it will be null${colon(template.source, name)}`;
      yield { member: handler.member, name, message };
    }
  }
}
