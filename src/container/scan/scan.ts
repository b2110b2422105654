/** From modules to deployed endpoints: loads them, sorts their classes, runs the initializers. [DEP-4, DEP-5, DEP-11] */
import { DeploymentException } from '../../api/exceptions.js';
import type { StartupContext } from '../../api/servlet-container-initializer.js';
import type { Class } from '../../api/tokens.js';
import { tableOn } from '../../metadata/table.js';
import { deployedEndpoint } from '../deployment/deployed-endpoint.js';
import type { Deployment } from '../deployment/deployment.js';
import type { Deployments } from '../deployment/deployments.js';
import type { Findings } from '../deployment/findings.js';
import type { ScanOptions } from '../options/scan-options.js';
import { handles, startUp } from './initializers.js';
import { loadModules } from './modules.js';
import type { ScanResult, Skipped } from './scan-result.js';
import { classesOf, type ScannedClass, strangeness } from './scanned-classes.js';
import { HANDLED, WsSci } from './ws-sci.js';

/** The container that scans. */
export interface Site {
  readonly deployments: Deployments;
  readonly context: StartupContext;
  /** Deploys all or nothing. @throws DeploymentException with every problem, IllegalStateException after `close` */
  deploy(found: Findings): readonly Deployment[];
}

/**
 * One call is one archive. What the endpoints have against them is told all at once; an initializer of one's own runs when
 * they are deployed, and the first that fails is the last.
 */
export async function scan(options: ScanOptions, site: Site): Promise<ScanResult> {
  const { deployments, context } = site;
  deployments.mustBeSound();
  const { initializers = [] } = options;
  const archive = await loadModules(options);
  const { classes, skipped, problems } = classesOf(archive.modules);
  const types = classes.map(({ type }) => type);
  const sci = new WsSci((found) =>
    site.deploy({
      endpoints: found.endpoints,
      problems: [...archive.problems, ...problems, ...found.problems],
      cause: archive.cause ?? found.cause,
    }),
  );
  const mine = handles(HANDLED, types);
  sci.onStartup(mine);
  const taken = new Set<Class>();
  try {
    for (const each of new Set(initializers)) for (const type of await startUp(each, types, context)) taken.add(type);
  } catch (failure) {
    throw failure instanceof DeploymentException ? deployments.fail(failure) : failure;
  }
  return Object.freeze({
    deployed: Object.freeze(sci.deployed.map((deployment) => deployedEndpoint(deployment, true))),
    skipped: Object.freeze([...archive.skipped, ...skipped, ...leftOut(classes)].map((each) => Object.freeze(each))),
  });

  function* leftOut(all: readonly ScannedClass[]): Generator<Skipped> {
    const given = new Set<unknown>(initializers.map((each) => (typeof each === 'function' ? each : each.constructor)));
    const deployed = new Set(sci.deployed.map(({ type }) => type));
    for (const { type, module, name } of all) {
      if (deployed.has(type)) continue;
      const elsewhere = deployments.list.find((deployment) => deployment.type === type);
      if (elsewhere !== undefined) yield { module, name, why: `it is deployed at ${elsewhere.template} already` };
      else if (sci.isEndpoint(type)) yield { module, name, why: sci.reason(type) };
      else if (tableOn(type)?.handles !== undefined) {
        if (!given.has(type)) yield { module, name, why: 'it is an initializer; list it among the initializers' };
      } else if (!mine.has(type) && !taken.has(type)) yield { module, name, why: strangeness(type) };
    }
  }
}
