/** An endpoint as it stands deployed. */
import type { Class } from '../../api/tokens.js';
import type { Deployment } from './deployment.js';

export interface DeployedEndpoint {
  /** As written, without the context path. */
  readonly path: string;
  readonly endpointClass: Class;
  /** `programmatic`: it extends Endpoint. */
  readonly kind: 'annotated' | 'programmatic';
  /** Whether a scan found it. */
  readonly scanned: boolean;
}

export function deployedEndpoint({ template, type, kind }: Deployment, scanned: boolean): DeployedEndpoint {
  return Object.freeze({ path: template.source, endpointClass: type, kind, scanned });
}
