import { expect, it } from '@jest/globals';
import type { Principal, Session } from 'margay';
import { IdentityBond } from '../../../../src/container/handshake/identity-bond.js';
import { eventually } from '../../../support/eventually.js';

/** A registry of nothing else, and a session that writes down why it is closed. */
function tied(principal: Principal) {
  const here = new Set<Session>();
  const failures: unknown[] = [];
  const closes: string[] = [];
  const session = { close: async (reason: unknown) => void closes.push(String(reason)) } as unknown as Session;
  const registry = {
    add: (each: Session) => void here.add(each),
    delete: (each: Session) => void here.delete(each),
    sessions: () => new Set(here),
  };
  const bond = IdentityBond.between(registry, {
    identity: { principal, httpSession: null },
    isProtected: true,
    onSessionEnd: undefined,
    failed: (error) => void failures.push(error),
  });
  if (bond === null) throw new Error('nothing is watched');
  return { bond, session, failures, closes };
}

it('[EXT-11, LIF-11] an identity that cannot tell any more how long it lives has ended, and why is told', async () => {
  let asked = 0;
  const trouble = new Error('the token is gone');
  const { bond, session, failures, closes } = tied({
    name: 'ann',
    get expires(): Date {
      if (asked++ > 0) throw trouble;
      return new Date(Date.now() + 60_000);
    },
  } as Principal);
  bond.add(session);
  await eventually(() => expect(closes).toEqual([expect.stringContaining('1008')]));
  expect(failures).toEqual([trouble]);
  bond.delete(session);
});

it('[SES-19] shows the sessions of the registry it stands in front of', () => {
  const { bond, session } = tied({ name: 'ann', expires: new Date(Date.now() + 60_000) } as Principal);
  bond.add(session);
  expect([...bond.sessions()]).toEqual([session]);
  bond.delete(session);
  expect([...bond.sessions()]).toEqual([]);
});
