/** What has been measured: figures of several servers in interleaved rounds, and what is promised of them. */
import { type Spread, spreadOf } from './statistics.js';

export interface Row {
  /** A server, or what else there is to compare. */
  readonly name: string;
  /** One a round. */
  readonly values: readonly number[];
  /** µs of the server's processor for each message, in its own code and in the kernel. */
  readonly user?: readonly number[];
  readonly system?: readonly number[];
}

export interface Goal {
  readonly sense: 'at least' | 'at most';
  readonly bound: number;
  /** What is bounded: the ratio of subject and control, or the subject's value. */
  readonly of: 'ratio' | 'value';
}

export interface Measured {
  readonly name: string;
  readonly unit: string;
  /** Rows by name: whose figure is judged, and what it is held against. */
  readonly subject: string;
  readonly control: string;
  readonly goal: Goal | null;
  readonly rows: readonly Row[];
  /** Why a row is missing, or what else there is to say. */
  readonly notes: readonly string[];
}

export const atLeast = (bound: number): Goal => ({ sense: 'at least', bound, of: 'ratio' });
export const atMost = (bound: number): Goal => ({ sense: 'at most', bound, of: 'ratio' });
export const valueAtMost = (bound: number): Goal => ({ sense: 'at most', bound, of: 'value' });

/** The values of a row; none, if there is no such row. */
export function valuesOf({ rows }: Measured, name: string): readonly number[] {
  return rows.find((row) => row.name === name)?.values ?? [];
}

/** What disturbs one server of a round disturbs all: each value is held against the control's of its own round. Null without either. */
export function ratioOf(measured: Measured, name: string): Spread | null {
  const control = valuesOf(measured, measured.control);
  const ratios = valuesOf(measured, name).map((value, round) => value / (control[round] as number));
  return ratios.length === 0 || control.length === 0 ? null : spreadOf(ratios);
}

/** What the goal is about; null if it was not measured. */
export function judged(measured: Measured): Spread | null {
  if (measured.goal?.of !== 'value') return ratioOf(measured, measured.subject);
  const values = valuesOf(measured, measured.subject);
  return values.length === 0 ? null : spreadOf(values);
}

/** Null where nothing is promised, or nothing was measured. */
export function holds(measured: Measured): boolean | null {
  const found = judged(measured);
  if (measured.goal === null || found === null) return null;
  const { sense, bound } = measured.goal;
  return sense === 'at least' ? found.median >= bound : found.median <= bound;
}
