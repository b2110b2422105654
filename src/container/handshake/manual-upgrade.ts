/** Handshakes for endpoints that a front controller has chosen. [DEP-8] */
import { DeploymentException, IllegalArgumentException, IllegalStateException, IOException, wordsOf } from '../../api/exceptions.js';
import type { Logger } from '../../api/logger.js';
import { ReadOnlyMap } from '../../api/read-only-map.js';
import type { ServerEndpointConfig } from '../../api/server-endpoint-config.js';
import type { Transport } from '../../transport/spi.js';
import type { Platform } from '../deployment/configuration.js';
import { type Deployment, deploymentOf, type Refused } from '../deployment/deployment.js';
import { deploymentFailed } from '../deployment/problems.js';
import { engine, type HandedRequest } from '../options/engine.js';
import { spell } from '../options/spelling.js';
import type { Outcome } from './handshake.js';
import type { Reception } from './reception.js';
import { hookFailed } from './refusals.js';

export type PathParameters = ReadonlyMap<string, string> | Readonly<Record<string, string>>;

/** Those of one container. */
export class ManualUpgrades {
  readonly #reception: Reception;
  readonly #platform: Platform;
  readonly #logger: Logger;
  /** Each with one request that is not answered yet. */
  readonly pending = new Set<Transport>();

  constructor(reception: Reception, platform: Platform, logger: Logger) {
    this.#reception = reception;
    this.#platform = platform;
    this.#logger = logger;
  }

  /** Settles once it is answered; a promise that nobody awaits raises nothing. @throws IllegalArgumentException `MARGAY_ARGUMENT` */
  upgrade(handed: HandedRequest, config: ServerEndpointConfig, given: PathParameters): Promise<void> {
    checkHanded(handed, config);
    const parameters = pathParametersOf(given);
    const transport = engine().handed(handed);
    this.pending.add(transport);
    const settled = upgraded(transport, () => deploymentOf(config, this.#platform), parameters, this.#reception);
    const done = settled.finally(() => this.pending.delete(transport)); // its connection is the roster's to end
    done.catch((err: Error & { code: string }) => {
      if (err instanceof DeploymentException) this.#logger.error({ code: err.code, err }, `upgradeHttpToWebSocket failed: ${err.message}`);
    });
    return done;
  }
}

/** @throws IllegalArgumentException `MARGAY_ARGUMENT` for what is no request, no socket, no head, no configuration */
function checkHanded({ request, socket, head }: HandedRequest, config: unknown): void {
  if (!Array.isArray(request?.rawHeaders)) throw wrong('request', request, "pass what node's upgrade event gave");
  if (typeof socket?.on !== 'function' || typeof socket.end !== 'function')
    throw wrong('socket', socket, "pass what node's upgrade event gave");
  if (!(ArrayBuffer.isView(head) && 'subarray' in head)) throw wrong('head', head, "pass what node's upgrade event gave");
  const { getEndpointClass } = (config ?? {}) as { getEndpointClass?: unknown };
  if (typeof getEndpointClass !== 'function') throw wrong('config', config, 'build one with ServerEndpointConfig.Builder');
}

/** A copy that nobody can write to. @throws IllegalArgumentException `MARGAY_ARGUMENT` */
function pathParametersOf(given: PathParameters): ReadonlyMap<string, string> {
  if (typeof given !== 'object' || given === null) throw wrong('pathParameters', given, 'pass a map, or an object, of strings');
  const entries = given instanceof Map ? [...given] : Object.entries(given);
  for (const [name, value] of entries) if (typeof value !== 'string') throw wrong(`pathParameters["${name}"]`, value, 'pass strings');
  return new ReadOnlyMap(entries as [string, string][]);
}

/** Offers the transport's one request to the endpoint, once that is made; settles when it is answered. */
async function upgraded(
  transport: Transport,
  make: () => Deployment | Refused,
  pathParameters: ReadonlyMap<string, string>,
  reception: Reception,
): Promise<void> {
  const made = madeBy(make);
  if ('problems' in made) {
    transport.start({
      offer(offer) {
        offer.decline(hookFailed.status, hookFailed.headers, hookFailed.body);
        return true;
      },
    });
    throw deploymentFailed(made.problems, made.cause);
  }
  const outcome = await new Promise<Outcome>((told) => {
    transport.start({
      offer(offer) {
        reception.admit(offer, { deployment: made, pathParameters }, told);
        return true;
      },
    });
  });
  if (outcome.kind === 'opened') return;
  if (outcome.kind === 'left') throw new IOException('the peer left before its handshake was answered', undefined, 'MARGAY_SEND_FAILED');
  const { status, body } = outcome.refusal;
  throw new IllegalStateException(`the handshake was answered with ${status}: ${body}`, undefined, 'MARGAY_HANDSHAKE_INVALID');
}

/** A configuration class of the application's own may throw when it is asked: that is no reason to leave a peer without an answer. */
function madeBy(make: () => Deployment | Refused): Deployment | Refused {
  try {
    return make();
  } catch (cause) {
    return { problems: [{ code: 'MARGAY_DEPLOYMENT', message: `the configuration cannot be read: ${wordsOf(cause)}` }], cause };
  }
}

function wrong(name: string, value: unknown, cure: string): IllegalArgumentException {
  return new IllegalArgumentException(
    `upgradeHttpToWebSocket(request, socket, head, config, pathParameters): ${name} is ${spell(value)}; ${cure}`,
  );
}
