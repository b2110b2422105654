/** A description becomes a plan: every question about the class is asked here, once. */
import { DecodeException, type Problem } from '../../api/exceptions.js';
import { type Class, nameOf } from '../../api/tokens.js';
import type { EndpointDescription, HandlerDescription } from '../../metadata/describe.js';
import type { EndpointPlan, Handler, PathValue, Receiver } from '../../runtime/plan.js';
import { spell, unknownKey } from '../options/spelling.js';
import { bind, type Pick } from './binder.js';
import type { Coders } from './codecs.js';
import { type Conversion, conversions, NOT_CONVERTIBLE } from './conversions.js';
import { describeSlot, type Slot, slotsOf } from './parameters.js';
import {
  badMessageOption,
  badMessageSize,
  doubledParameter,
  duplicateHandler,
  handlerKind,
  lastWithout,
  missingError,
  noPayload,
  twoPayloads,
} from './problems.js';
import { type Reading, readingsOf } from './readings.js';
import { adapterOf, receiverOf } from './receivers.js';

/** Less than node's buffer.constants.MAX_LENGTH wherever node has 64 bits, so that nobody needs to ask for it. [ANN-16] */
const MOST_BYTES = 2 ** 31 - 1;

/** A plan, and what stands against it: a plan with problems is never used. */
export interface Compiled {
  readonly plan: EndpointPlan;
  readonly problems: readonly Problem[];
}

/** A handler on its way to the plan. */
interface Draft {
  readonly from: HandlerDescription;
  readonly role: 'open' | 'close' | 'error' | 'text' | 'binary' | 'pong';
  readonly handler: Handler;
}

export function compile(description: EndpointDescription, coders: Coders): Compiled {
  const compilation = new Compilation(description.type, coders);
  for (const handler of description.handlers) compilation.add(handler);
  return compilation.done();
}

/** One class, while its handlers are looked at. */
class Compilation {
  readonly #type: Class;
  readonly #coders: Coders;
  readonly #receivers: Receiver[] = [];
  readonly #problems: Problem[] = [];
  readonly #drafts: Draft[] = [];
  readonly #values: (PathValue & { readonly token: string })[] = [];

  constructor(type: Class, coders: Coders) {
    this.#type = type;
    this.#coders = coders;
  }

  add(from: HandlerDescription): void {
    if (from.method === undefined || from.isStatic || from.isPrivate) {
      this.#problems.push(handlerKind(this.#type, from)); // [ANN-6]
      return;
    }
    const before = this.#problems.length;
    const slots = slotsOf(this.#type, from, this.#coders.decoders, this.#problems);
    const known = slots.filter((slot) => slot !== null);
    this.#refuseDoubles(from, slots);
    const payload = from.moment === 'message' ? this.#payloadOf(from, slots) : null;
    if (from.moment === 'error' && known.length === slots.length && !known.some(({ kind }) => kind === 'error')) {
      this.#problems.push(missingError(this.#type, from));
    }
    const maxMessageSize = this.#maxMessageSize(from);
    if (this.#problems.length > before) return;
    const { member, method } = from;
    const reads = known.flatMap((slot) => (slot.kind === 'path' ? [this.#valueIndex(slot.name, slot.token)] : []));
    const invokeFor = (reading: Reading | null) =>
      bind(
        method as Method,
        known.map((slot) => this.#pick(slot, reading)),
      );
    if (payload === null) return this.#place(from, from.moment as 'open' | 'close' | 'error', { member, invoke: invokeFor(null), reads });
    const receiver = receiverOf({ member, reads, maxMessageSize, invokeFor }, payload);
    for (const native of ['text', 'binary', 'pong'] as const) {
      const handler = receiver[native];
      if (handler !== null) this.#place(from, native, handler);
    }
    this.#receivers.push(receiver);
  }

  done(): Compiled {
    const take = (role: Draft['role']) => this.#drafts.find((draft) => draft.role === role)?.handler ?? null;
    const plan: EndpointPlan = Object.freeze({
      name: nameOf(this.#type),
      open: take('open'),
      close: take('close'),
      error: take('error'),
      receivers: Object.freeze(this.#receivers),
      encoders: this.#coders.encoders,
      adapt: adapterOf(this.#coders.decoders),
      values: Object.freeze(this.#values),
    });
    return { plan, problems: this.#problems };
  }

  /** One method for each moment, and for each native type of message. [ANN-5] */
  #place(from: HandlerDescription, role: Draft['role'], handler: Handler): void {
    const taken = this.#drafts.find((draft) => draft.role === role);
    if (taken === undefined) this.#drafts.push({ from, role, handler: Object.freeze(handler) });
    else this.#problems.push(duplicateHandler(this.#type, taken.from, from, from.moment === 'message' ? role : undefined));
  }

  #refuseDoubles(from: HandlerDescription, slots: readonly (Slot | null)[]): void {
    for (const kind of ['session', 'config', 'closeReason', 'error', 'last'] as const) {
      const [first, ...more] = slots.flatMap((slot, index) => (slot?.kind === kind ? [index] : []));
      for (const index of more) this.#problems.push(doubledParameter(this.#type, from, first as number, index, describeSlot({ kind })));
    }
  }

  /** The one payload; a boolean is its last-part flag beside text or bytes, and the payload itself where it stands alone. [ANN-10, ANN-11] */
  #payloadOf(from: HandlerDescription, slots: readonly (Slot | null)[]): readonly Reading[] | null {
    const all = slots.map((slot, index) => ({ slot, index }));
    const payloads = all.filter(({ slot }) => slot?.kind === 'payload');
    const flags = all.filter(({ slot }) => slot?.kind === 'flag');
    const marked = all.some(({ slot }) => slot?.kind === 'last');
    const [first, second] = payloads;
    if (first === undefined) {
      const [flag, other] = flags;
      if (marked) return this.#refuse(lastWithout(this.#type, from));
      if (other !== undefined) return this.#refuse(twoPayloads(this.#type, from, (flag as { index: number }).index, other.index));
      if (flag !== undefined) return readingsOf(Boolean, []);
      return slots.includes(null) ? null : this.#refuse(noPayload(this.#type, from));
    }
    if (second !== undefined) return this.#refuse(twoPayloads(this.#type, from, first.index, second.index));
    const { readings, part } = first.slot as Slot & { kind: 'payload' };
    if (marked && part === null) return this.#refuse(lastWithout(this.#type, from));
    const [flag, spare] = flags;
    if (flag === undefined) return marked ? [part as Reading] : readings;
    const odd = part === null ? flag : spare;
    if (odd !== undefined) return this.#refuse(twoPayloads(this.#type, from, first.index, odd.index));
    return [part as Reading];
  }

  #maxMessageSize(from: HandlerDescription): number {
    if (from.options === null) return -1;
    if (typeof from.options !== 'object') {
      this.#problems.push(
        badMessageOption(
          this.#type,
          from,
          `has ${spell(from.options)}, which is neither options nor a binding; use text, binary, session, pathParam('name') and so on`,
        ),
      );
      return -1;
    }
    const { maxMessageSize = -1, ...others } = from.options as { maxMessageSize?: unknown };
    for (const key of Object.keys(others)) {
      this.#problems.push(badMessageOption(this.#type, from, `has an ${unknownKey(key, ['maxMessageSize'])}`));
    }
    if (Number.isInteger(maxMessageSize) && (maxMessageSize as number) >= -1 && (maxMessageSize as number) <= MOST_BYTES) {
      return maxMessageSize as number;
    }
    this.#problems.push(badMessageSize(this.#type, from, maxMessageSize, MOST_BYTES));
    return -1;
  }

  #pick(slot: Slot, reading: Reading | null): Pick {
    switch (slot.kind) {
      case 'session':
        return (view) => view.session;
      case 'config':
        return (view) => view.config;
      case 'path': {
        const index = this.#valueIndex(slot.name, slot.token);
        return (view) => view.values[index];
      }
      case 'last':
        return (_view, _event, last) => last;
      case 'flag':
        return reading?.form === 'parts' ? (_view, _event, last) => last : payloadPick(reading);
      case 'payload':
        return payloadPick(reading);
      default:
        return eventPick;
    }
  }

  /** One value serves every handler that takes the same variable as the same type. */
  #valueIndex(name: string, token: string): number {
    const known = this.#values.findIndex((value) => value.name === name && value.token === token);
    if (known >= 0) return known;
    return this.#values.push(pathValue(name, token)) - 1;
  }

  #refuse(problem: Problem): null {
    this.#problems.push(problem);
    return null;
  }
}

type Method = (...args: unknown[]) => unknown;

const eventPick: Pick = (_view, event) => event;

function payloadPick(reading: Reading | null): Pick {
  const convert = reading?.convert ?? null;
  return convert === null ? eventPick : (_view, event) => convert(event);
}

function pathValue(name: string, token: string): PathValue & { readonly token: string } {
  const convert = conversions.get(token) as Conversion;
  return {
    name,
    token,
    convert: (text) => {
      const value = convert(text);
      if (value !== NOT_CONVERTIBLE) return { value };
      const message = `{${name}} = ${JSON.stringify(text.slice(0, 40))} is no ${token}`;
      return { failure: new DecodeException(text, message, undefined, 'MARGAY_PATH_VALUE') };
    },
  };
}
