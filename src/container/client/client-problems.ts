/** Every way in which a connect can fail: its code, and words that name the place and the cure. [CLI-1, D-21] */
import { DeploymentException, type FailedResponse, type Problem, wordsOf } from '../../api/exceptions.js';
import { type Class, nameOf } from '../../api/tokens.js';
import { descends } from '../deployment/lineage.js';
import { spell } from '../options/spelling.js';

const of = (type: unknown, code: string, message: string): Problem => ({
  code,
  endpoint: nameOf(type),
  message: `${nameOf(type)}${message}`,
});

/** The annotated forms were given something else. [CLI-2] */
export function notAnnotated(endpoint: unknown): Problem {
  const type = typeof endpoint === 'object' && endpoint !== null ? endpoint.constructor : endpoint;
  if (typeof type !== 'function') {
    const message = `${spell(endpoint)} is no endpoint; give a class with @ClientEndpoint, or an object of one`;
    return { code: 'MARGAY_NOT_ENDPOINT', message };
  }
  const cure = descends(type, 'Endpoint')
    ? ' extends Endpoint; give a ClientEndpointConfig, or null, between it and the uri'
    : ' has no @ClientEndpoint of its own; add it';
  return of(type, 'MARGAY_NOT_ENDPOINT', cure);
}

/** The programmatic forms were. */
export function notProgrammatic(endpoint: unknown): Problem {
  const type = typeof endpoint === 'object' && endpoint !== null ? endpoint.constructor : endpoint;
  const name = typeof type === 'function' ? nameOf(type) : spell(endpoint);
  const message = `${name} does not extend Endpoint; leave the configuration out if it carries @ClientEndpoint`;
  return { code: 'MARGAY_NOT_ENDPOINT', message };
}

export const badConfig = (type: Class, config: unknown) =>
  of(
    type,
    'MARGAY_OPTION',
    `: its configuration is ${spell(config)}; give what ClientEndpointConfig.Builder.create()…build() returns, or null`,
  );

export const needsArguments = (type: Class) =>
  of(
    type,
    'MARGAY_CONSTRUCTOR',
    `'s constructor needs ${type.length} ${type.length === 1 ? 'argument' : 'arguments'}; make the object yourself, and give it instead of the class`,
  );

export const badClientConfigurator = (type: Class, configurator: unknown, why: string) =>
  of(type, 'MARGAY_CONSTRUCTOR', `: configurator ${spell(configurator)} ${why}`);

export const badClientOption = (type: Class, why: string) => of(type, 'MARGAY_OPTION', `: ${why}`);

/** One exception about the endpoint itself, or what was to be made for it. */
export const notMade = (type: Class, code: 'MARGAY_CONSTRUCTOR' | 'MARGAY_CODER', what: string, cause: unknown) =>
  new DeploymentException(`${nameOf(type)}: ${what}: ${wordsOf(cause)}`, cause, code);

export const badUri = (uri: unknown, why: string) =>
  new DeploymentException(`${typeof uri === 'string' && uri !== '' ? uri : spell(uri)}: ${why}`, undefined, 'MARGAY_URI');

export const onOpenFailed = (name: string, member: string, cause: unknown) =>
  new DeploymentException(`${name}.${member}() failed: ${wordsOf(cause)}`, cause, 'MARGAY_ON_OPEN');

export const onOpenAbandoned = (name: string, member: string) =>
  new DeploymentException(`${name}.${member}() has not settled, and the connection is gone`, undefined, 'MARGAY_ON_OPEN');

/** A URI for people: what stands in its query may be a secret, and messages end up in logs. */
export const shown = ({ protocol, host, pathname, search }: URL): string => `${protocol}//${host}${pathname}${search === '' ? '' : '?…'}`;

export const containerClosed = (uri: URL) =>
  new DeploymentException(`${shown(uri)}: given up, since the container was closed`, undefined, 'MARGAY_CONNECT');

export const notConnected = (uri: URL, step: string, cause: unknown) =>
  new DeploymentException(`${shown(uri)}: ${step} failed: ${wordsOf(cause)}`, cause, 'MARGAY_CONNECT');

export const connectTimeout = (uri: URL, step: string, ms: number, cause: unknown) =>
  new DeploymentException(
    `${shown(uri)}: ${step} took longer than ${ms} ms; the option timeout gives it more`,
    cause,
    'MARGAY_CONNECT_TIMEOUT',
  );

export const handshakeFailed = (uri: URL, why: string, response?: FailedResponse, cause?: unknown) =>
  new DeploymentException(`${shown(uri)}: ${why}`, cause, 'MARGAY_HANDSHAKE', [], response);

export const redirectFailed = (uri: URL, why: string, response: FailedResponse) =>
  new DeploymentException(`${shown(uri)}: ${why}`, undefined, 'MARGAY_REDIRECT', [], response);

export const authenticationFailed = (uri: URL, why: string, response: FailedResponse, cause?: unknown) =>
  new DeploymentException(`${shown(uri)}: ${why}`, cause, 'MARGAY_AUTHENTICATION', [], response);

export const proxyFailed = (uri: URL, why: string, response?: FailedResponse, cause?: unknown) =>
  new DeploymentException(`${shown(uri)}: ${why}`, cause, 'MARGAY_PROXY', [], response);
