/** Echo with one worker and with two: server and load wherever the system puts them. */
import type { Measured } from '../measured.js';
import { rounds } from '../rounds.js';
import type { Workload } from '../workload.js';

const load = { kind: 'echo', dialect: 'plain', connections: 64, depth: 8, size: 64 } as const;

export const workers: Workload = {
  name: 'workers: echo, 64 connections, 8 in flight, unpinned',
  async measure(conditions): Promise<readonly Measured[]> {
    const contenders = ['margay', 'margay-workers'].map((server) => ({ server, load, role: 'echo' as const }));
    const { runs, refusals } = await rounds(contenders, conditions, false);
    const rows = [...runs].map(([name, list]) => ({ name, values: list.map(({ rate }) => rate) }));
    return [{ name: this.name, unit: 'messages/s', subject: 'margay-workers', control: 'margay', goal: null, rows, notes: refusals }];
  },
};
