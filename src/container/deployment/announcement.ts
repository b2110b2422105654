/** What is logged of an endpoint that was deployed. */
import type { Logger } from '../../api/logger.js';
import { nameOf } from '../../api/tokens.js';
import type { Deployment } from './deployment.js';
import { unknownParameters } from './deployments.js';

export function announce(deployments: readonly Deployment[], contextPath: string, logger: Logger): void {
  for (const deployment of deployments) {
    const { type, template } = deployment;
    const endpoint = nameOf(type);
    logger.info({ code: 'MARGAY_DEPLOYED', endpoint, path: template.source }, `${endpoint} at ${contextPath}${template}`);
    for (const { member, name, message } of unknownParameters(deployment)) {
      logger.warn({ code: 'MARGAY_PATH_PARAM_UNKNOWN', endpoint, member, name }, message);
    }
  }
}
