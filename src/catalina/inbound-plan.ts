/** The methods of an inbound as the runtime calls them. [TC7-2] */
import { UnsupportedOperationException } from '../api/exceptions.js';
import { nameOf } from '../api/tokens.js';
import type { EndpointPlan, Invoke, MessageHandler } from '../runtime/plan.js';
import { isThenable } from '../runtime/thenable.js';
import type { InboundConnection } from './inbound-connection.js';

/** How each is called. */
export interface Callbacks<I> {
  open(inbound: I, connection: InboundConnection): unknown;
  text(inbound: I, reader: unknown): unknown;
  binary(inbound: I, stream: unknown): unknown;
  pong(inbound: I, pong: unknown): unknown;
  close(inbound: I, status: number): unknown;
}

/** One for each class. */
const plans = new WeakMap<object, EndpointPlan>();

export function planOf<I>(type: object, callbacks: Callbacks<I>): EndpointPlan {
  const known = plans.get(type);
  if (known !== undefined) return known;
  const made = planMade(nameOf(type), callbacks);
  plans.set(type, made);
  return made;
}

function planMade<I>(name: string, { open, text, binary, pong, close }: Callbacks<I>): EndpointPlan {
  const receiver = { text: null, binary: null, pong: null };
  return Object.freeze({
    name,
    open: { member: 'onOpen', reads: [], invoke: (inbound, view) => open(inbound as I, view as InboundConnection) },
    receivers: [
      { ...receiver, member: 'onTextData', text: taking('onTextData', 'stream', text) },
      { ...receiver, member: 'onBinaryData', binary: taking('onBinaryData', 'stream', binary) },
      { ...receiver, member: 'onPong', pong: taking('onPong', 'whole', pong) },
    ],
    close: { member: 'onClose', reads: [], invoke: closing(close) },
    error: null, // what to do about one is the connection's
    encoders: [],
    values: [],
    adapt() {
      // untested: users never hold the session
      throw new UnsupportedOperationException(`${name} takes its messages itself; override its methods`);
    },
  } satisfies EndpointPlan);
}

/** What a callback returns is awaited, and nothing is sent of it. */
function taking<I>(member: string, form: 'stream' | 'whole', call: (inbound: I, event: unknown) => unknown): MessageHandler {
  return { member, form, maxMessageSize: -1, reads: [], invoke: (inbound, _view, event) => quietly(call(inbound as I, event)) };
}

/** The status may be known only when the peer has answered our close. [TC7-6] */
function closing<I>(call: (inbound: I, status: number) => unknown): Invoke {
  return (inbound, view, reason) => {
    const status = (view as InboundConnection).statusFor(reason);
    return typeof status === 'number' ? call(inbound as I, status) : status.then((decided) => call(inbound as I, decided));
  };
}

function quietly(result: unknown): PromiseLike<void> | undefined {
  return isThenable(result) ? Promise.resolve(result).then(() => undefined) : undefined;
}
