/** A reader on its own, fed by hand. */
import { Buffer } from 'node:buffer';
import { setImmediate as turn } from 'node:timers/promises';
import type { Intake, MessageKind, Transformation } from '../../src/transport/spi.js';
import type { ParserOptions } from '../../src/transport/ws/frame-parser.js';
import { FrameReader } from '../../src/transport/ws/frame-reader.js';
import { type Reader, type ReaderOwner } from '../../src/transport/ws/paced-reader.js';
import { TransformingReader } from '../../src/transport/ws/transforming-reader.js';
import { type Event, Recorder, WHOLE } from './recorder.js';

export interface Reading extends Partial<ParserOptions> {
  readonly transformations?: readonly Transformation[];
  readonly wants?: Intake | ((kind: MessageKind) => Intake);
}

export function reading(options: Reading = {}): {
  reader: Reader;
  house: Recorder;
  state: { held: boolean; ended: boolean; defect: unknown };
} {
  const house = new Recorder(options.wants ?? WHOLE);
  const state = { held: false, ended: false, defect: undefined as unknown };
  const owner: ReaderOwner = {
    onPing: (bytes) => house.onPing(bytes),
    onHold: () => {
      state.held = true;
    },
    onRelease: () => {
      state.held = false;
    },
    onEnd: () => {
      state.ended = true;
    },
    onDefect: (error) => {
      state.defect = error;
    },
  };
  const parsing = { isServer: options.isServer ?? true, deflate: options.deflate ?? null };
  const { transformations } = options;
  const reader =
    transformations === undefined
      ? new FrameReader(house, owner, parsing)
      : new TransformingReader(house, owner, { ...parsing, transformations });
  return { reader, house, state };
}

/** The reader writes into the chunks it is given, so each gets a copy. */
export const give = (reader: Reader, ...chunks: Buffer[]): void => {
  for (const chunk of chunks) reader.push(Buffer.from(chunk), performance.now());
};

export function read(bytes: Buffer | Buffer[], options: Reading = {}): Event[] {
  const { reader, house } = reading(options);
  give(reader, ...[bytes].flat());
  return house.events;
}

export async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await turn();
}

/**
 * Parts of one message put together: how they are cut is the engine's affair, and so is how many of them came before the
 * message broke off.
 */
export function joined(events: readonly Event[]): Event[] {
  const result: Event[] = [];
  let open: [string, string, string] | null = null;
  for (const event of events) {
    if (event[0] !== 'part') {
      result.push(event);
      continue;
    }
    const [, kind, data, last] = event as [string, string, string, boolean];
    if (open === null) open = ['part', kind, data];
    else open[2] += data;
    if (last) {
      result.push([...open, 'whole']);
      open = null;
    }
  }
  return result;
}
