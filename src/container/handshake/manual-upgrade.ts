/** A handshake for an endpoint that a front controller has chosen. [DEP-8] */
import { IllegalArgumentException, IllegalStateException, IOException, wordsOf } from '../../api/exceptions.js';
import { ReadOnlyMap } from '../../api/read-only-map.js';
import type { Transport } from '../../transport/spi.js';
import type { Deployment, Refused } from '../deployment/deployment.js';
import { deploymentFailed } from '../deployment/problems.js';
import type { HandedRequest } from '../options/engine.js';
import { spell } from '../options/spelling.js';
import type { Outcome } from './handshake.js';
import type { Reception } from './reception.js';
import { hookFailed } from './refusals.js';

export type PathParameters = ReadonlyMap<string, string> | Readonly<Record<string, string>>;

/** @throws IllegalArgumentException `MARGAY_ARGUMENT` for what is no request, no socket, no head, no configuration */
export function checkHanded({ request, socket, head }: HandedRequest, config: unknown): void {
  if (!Array.isArray(request?.rawHeaders)) throw wrong('request', request, "pass what node's upgrade event gave");
  if (typeof socket?.on !== 'function' || typeof socket.end !== 'function')
    throw wrong('socket', socket, "pass what node's upgrade event gave");
  if (!(ArrayBuffer.isView(head) && 'subarray' in head)) throw wrong('head', head, "pass what node's upgrade event gave");
  const { getEndpointClass } = (config ?? {}) as { getEndpointClass?: unknown };
  if (typeof getEndpointClass !== 'function') throw wrong('config', config, 'build one with ServerEndpointConfig.Builder');
}

/** A copy that nobody can write to. @throws IllegalArgumentException `MARGAY_ARGUMENT` */
export function pathParametersOf(given: PathParameters): ReadonlyMap<string, string> {
  if (typeof given !== 'object' || given === null) throw wrong('pathParameters', given, 'pass a map, or an object, of strings');
  const entries = given instanceof Map ? [...given] : Object.entries(given);
  for (const [name, value] of entries) if (typeof value !== 'string') throw wrong(`pathParameters["${name}"]`, value, 'pass strings');
  return new ReadOnlyMap(entries as [string, string][]);
}

/** Offers the transport's one request to the endpoint, once that is made; settles when it is answered. */
export async function upgraded(
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
        reception.admit(offer, made, pathParameters, told);
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
