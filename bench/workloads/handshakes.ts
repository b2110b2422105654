/** Handshakes a second with twenty templates deployed: connect, upgrade, close, and again, some at a time. */
import { atLeast } from '../measured.js';
import { rounds } from '../rounds.js';
import type { Workload } from '../workload.js';
import { measuredOf } from './traffic.js';

/** A handshake runs through far more code than a message, and some ten thousand of them until node has compiled it. */
const WARM_UP = 8;
const AT_ONCE = 32;
const TEMPLATES = 20;

export const handshakes: Workload = {
  name: `handshakes, ${TEMPLATES} templates, ${AT_ONCE} at a time`,
  async measure(conditions) {
    const effort = { ...conditions.effort, warmUp: WARM_UP * conditions.effort.warmUp };
    const load = { kind: 'handshakes', dialect: 'plain', connections: AT_ONCE, depth: TEMPLATES, size: 0 } as const;
    const found = await rounds(
      ['ws', 'margay', 'net'].map((server) => ({ server, load, role: 'handshakes' })),
      { ...conditions, effort },
    );
    return [measuredOf(found, { name: this.name, unit: 'handshakes/s', goal: atLeast(0.95) }, ({ rate }) => rate, true)];
  },
};
