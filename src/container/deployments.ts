/** What a container serves, and whether it still may. [DEP-2, D-30] */
import type { DeploymentException, Problem } from '../api/exceptions.js';
import { nameOf } from '../api/tokens.js';
import type { Platform } from './configuration.js';
import { type Deployment, deploymentOf } from './deployment.js';
import { deploymentFailed, pathTaken } from './problems.js';
import type { RequestPath } from './request-path.js';
import { type Found, Router } from './router.js';

export class Deployments {
  readonly #platform: Platform;
  readonly #router = new Router<Deployment>();
  readonly #list: Deployment[] = [];
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

  /**
   * Deploys all of them, or none. A failure before the start withdraws what was there; a later one leaves it alone.
   * @throws DeploymentException with every problem of every class
   */
  add(types: readonly unknown[]): readonly Deployment[] {
    if (this.#failure !== null) {
      throw deploymentFailed(
        [{ code: 'MARGAY_DEPLOYMENT', message: 'an earlier deployment failed; fix it and start a new container' }],
        this.#failure,
      );
    }
    const problems: Problem[] = [];
    const added: Deployment[] = [];
    let cause: unknown;
    for (const type of types) {
      const made = deploymentOf(type, this.#platform);
      if ('problems' in made) {
        problems.push(...made.problems);
        cause ??= made.cause;
      } else this.#place(made, added, problems);
    }
    if (problems.length === 0) {
      this.#list.push(...added);
      return added;
    }
    for (const { template } of added) this.#router.remove(template);
    throw this.#failed(deploymentFailed(problems, cause));
  }

  /** From now on a failure costs nobody else anything. @throws DeploymentException when one has come before */
  start(): void {
    if (this.#failure !== null) throw this.#failure;
    this.#started = true;
  }

  #place(deployment: Deployment, added: Deployment[], problems: Problem[]): void {
    const other = this.#router.taken(deployment.template);
    if (other !== undefined) {
      problems.push(pathTaken(deployment.type, other.type, deployment.template.source));
      return;
    }
    this.#router.add(deployment.template, deployment);
    added.push(deployment);
  }

  #failed(failure: DeploymentException): DeploymentException {
    if (this.#started) return failure;
    this.#failure = failure;
    for (const { template } of this.#list) this.#router.remove(template);
    this.#list.length = 0;
    return failure;
  }
}

/** Path parameters that a handler takes and the template does not have: legal, but seldom meant. [PP-3] */
export function* unknownParameters({ type, template, plan }: Deployment): Generator<{ member: string; name: string; message: string }> {
  const messages = plan.receivers.map(({ text, binary, pong }) => text ?? binary ?? pong);
  for (const handler of [plan.open, ...messages, plan.close, plan.error]) {
    if (handler === null) continue;
    for (const name of new Set(handler.reads.map((index) => plan.values[index]?.name as string))) {
      if (template.names.includes(name)) continue;
      const message = `${nameOf(type)}.${handler.member}() takes {${name}}, which ${template} does not have; it will be null`;
      yield { member: handler.member, name, message };
    }
  }
}
