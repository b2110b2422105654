/** A request on its way to a memory transport, and who waits for the answer. */
import type { MemoryChannel } from './memory-channel.js';
import type { MemoryRefusal } from './memory-offer.js';

/** A request, as it is asked. */
export interface MemoryCall {
  readonly target: string;
  readonly lines: readonly (readonly [name: string, value: string])[];
  /** As if it had come by TLS. */
  readonly secure: boolean;
  /** Gives up while the server is still deciding. */
  readonly signal?: AbortSignal | undefined;
}

/** Who asked; one of the three is called, once. */
export interface MemoryAnswer {
  /** The client's end, which shows nothing before its `begin` and loses nothing either. */
  switched(channel: MemoryChannel, headers: ReadonlyMap<string, readonly string[]>): void;
  refused(refusal: MemoryRefusal): void;
  /** Nobody listens, or the signal's reason. */
  failed(error: unknown): void;
}
