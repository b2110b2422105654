/** All of them, in the order of the table. */
import type { Workload } from '../workload.js';
import { dispatch } from './dispatch.js';
import { handshakes } from './handshakes.js';
import { idle, squeezed } from './memory.js';
import { router } from './router.js';
import { TRAFFIC } from './traffic.js';
import { workers } from './workers.js';

export const WORKLOADS: readonly Workload[] = [...TRAFFIC, handshakes, idle, squeezed, router, dispatch, workers];
