/** Handlers of messages: what reads, decodes and calls, for declared and for added ones alike. [SES-21] */
import { IllegalArgumentException, IllegalStateException } from '../../api/exceptions.js';
import { kindOf } from '../../api/kind.js';
import { nameOf } from '../../api/tokens.js';
import type { Call, EndpointPlan, Invoke, MessageHandler, Receiver } from '../../runtime/plan.js';
import { isThenable } from '../../runtime/thenable.js';
import { spell } from '../options/spelling.js';
import type { DecoderPlan } from './codecs.js';
import { partOf, type Reading, readingsOf } from './readings.js';

/** What is known of a handler besides how its payload is read. */
export interface Receiving {
  readonly member: string;
  readonly reads: readonly number[];
  readonly maxMessageSize: number;
  /** Calls it; the event is the payload, unless the reading converts it. */
  invokeFor(reading: Reading): Invoke;
}

/** One place for each reading. */
export function receiverOf(receiving: Receiving, readings: readonly Reading[]): Receiver {
  const slot = (native: Reading['native']): MessageHandler | null => {
    const reading = readings.find((each) => each.native === native);
    if (reading === undefined) return null;
    const { member, reads, maxMessageSize } = receiving;
    const size = reading.isSized ? maxMessageSize : -1;
    return Object.freeze({
      member,
      reads,
      form: reading.form,
      maxMessageSize: size,
      invoke: reader(reading, receiving.invokeFor(reading)),
    });
  };
  return Object.freeze({ member: receiving.member, text: slot('text'), binary: slot('binary'), pong: slot('pong') });
}

function reader({ decode }: Reading, invoke: Invoke): Invoke {
  if (decode === null) return invoke;
  return (endpoint, view, event, last) => {
    const value = decode(view, event);
    if (!isThenable(value)) return invoke(endpoint, view, value, last);
    // what was not delivered when a close began never is [LIF-14]
    return value.then((decoded) => (view.session.isOpen() ? invoke(endpoint, view, decoded, last) : undefined));
  };
}

/** How handlers added to a session become receivers. */
export function adapterOf(decoders: readonly DecoderPlan[]): EndpointPlan['adapt'] {
  return (type, partial, call) => {
    const readings = partial ? partsOf(type) : readingsOf(type, decoders);
    if (readings.length === 0) throw handlerType(type, partial);
    return receiverOf({ member: 'onMessage', reads: [], maxMessageSize: -1, invokeFor: ({ convert }) => calling(call, convert) }, readings);
  };
}

function partsOf(type: unknown): readonly Reading[] {
  if (kindOf(type) === 'PongMessage') throw new IllegalStateException('a pong has no parts; give a whole handler for PongMessage');
  const part = partOf(type);
  return part === null ? [] : [part];
}

/** What an added handler returns is awaited and ignored. */
function calling(call: Call, convert: Reading['convert']): Invoke {
  return (_endpoint, _view, event, last) => {
    const result = call(convert === null ? event : convert(event), last);
    return isThenable(result) ? Promise.resolve(result).then(ignored) : undefined; // a stranger's `then` may return anything
  };
}

function ignored(): void {}

function handlerType(type: unknown, partial: boolean): IllegalArgumentException {
  const why =
    typeof type !== 'function' && kindOf(type) === undefined
      ? `${spell(type)} is no type; pass String, Buffer, PongMessage or another class`
      : partial
        ? `${nameOf(type)} does not come in parts; take String, Buffer, Uint8Array or ArrayBuffer`
        : `no decoder yields ${nameOf(type)}; add one to the configuration's decoders`;
  return new IllegalArgumentException(`addMessageHandler: ${why}`, undefined, 'MARGAY_HANDLER_TYPE');
}
