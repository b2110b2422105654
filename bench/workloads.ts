/** What is measured, and the least ratio to bare ws that is promised for it. */
import type { Load } from './load.js';

type Without<T> = T extends unknown ? Omit<T, 'port' | 'ms'> : never;

export interface Workload {
  readonly name: string;
  readonly load: Without<Load>;
  /** The control first. */
  readonly servers: readonly string[];
  readonly goal: number;
}

const ECHO = ['ws', 'margay', 'margay-async', 'net'];
const ROOM = ['ws-room', 'margay-room', 'net-room'];

const echo = (depth: number, size: number, goal: number): Workload => ({
  name: `echo, 64 connections, ${depth} in flight${size === 64 ? '' : `, ${size} bytes`}`,
  load: { kind: 'echo', connections: 64, depth, size },
  servers: size === 64 ? ECHO : ECHO.slice(0, 3),
  goal,
});
const fanOut = (receivers: number, depth: number, goal: number): Workload => ({
  name: `fan-out to ${receivers}, ${depth} in flight`,
  load: { kind: 'fan-out', receivers, depth },
  servers: ROOM,
  goal,
});
const room = (members: number, senders: number, goal: number): Workload => ({
  name: `room of ${members}, ${senders} sending`,
  load: { kind: 'room', members, senders },
  servers: ROOM.slice(0, 2),
  goal,
});

export const WORKLOADS: readonly Workload[] = [
  echo(1, 64, 1.2),
  echo(8, 64, 5),
  echo(64, 64, 9),
  echo(8, 1024, 3),
  fanOut(1000, 1, 1.5),
  fanOut(1000, 8, 11),
  fanOut(5000, 1, 1.2),
  room(200, 50, 26),
  room(100, 100, 50),
];
