/** Whether whoever asks may have the endpoint at all. [HS-1, row 3] */

import type { Access } from '../options/settings.js';
import type { Identity } from './identity.js';
import { forbidden, type RefusedHandshake, unauthenticated } from './refusals.js';

/** Anybody who is authenticated. */
const ANYBODY = '*';

/** Asked before `authenticate`: credentials that came in the clear are not looked at. */
export function transportObjection({ confidential }: Access, secure: boolean): RefusedHandshake | null {
  return confidential && !secure ? forbidden('This endpoint is for encrypted connections; connect with wss://.') : null;
}

/** @throws whatever the option `isUserInRole` throws */
export function roleObjection({ rolesAllowed, challenge }: Access, identity: Identity): RefusedHandshake | null {
  if (rolesAllowed === null) return null;
  if (identity.principal === null) return unauthenticated(challenge);
  const isAllowed = rolesAllowed.some((role) => role === ANYBODY || identity.hasRole(role));
  return isAllowed ? null : forbidden('You are not among those who may connect here.');
}
