/** The kinds of parameter a handler can have, told from a binding or from an emitted type. */
import { BINDING, type Binding, isBinding } from '../../api/binding.js';
import type { Problem } from '../../api/exceptions.js';
import { kindOf } from '../../api/kind.js';
import { PongMessage } from '../../api/pong-message.js';
import { InputStream, Reader } from '../../api/streams.js';
import { type Class, nameOf } from '../../api/tokens.js';
import type { HandlerDescription } from '../../metadata/describe.js';
import type { Moment, PathParamFact } from '../../metadata/table.js';
import { spell } from '../options/spelling.js';
import { type DecoderPlan, plainNameOf } from './codecs.js';
import { badPathParam, mixedBindings, noBinding, noDecoder, noMetadata, untyped, wrongParameter } from './problems.js';
import { broaderDecoder, partOf, RECEIVED, type Reading, readingsOf } from './readings.js';

/** What a parameter is filled with. */
export type Slot =
  | { readonly kind: 'session' | 'config' | 'closeReason' | 'error' | 'last' }
  /** A `boolean` of the legacy dialect: the last-part flag beside text or bytes, else the payload. [ANN-10] */
  | { readonly kind: 'flag' }
  | { readonly kind: 'path'; readonly name: string; readonly token: string }
  | { readonly kind: 'payload'; readonly type: unknown; readonly readings: readonly Reading[]; readonly part: Reading | null };

/** Which injected kinds a moment knows; payloads and flags are @OnMessage's alone. [ANN-7] */
const INJECTED: Record<Moment, ReadonlySet<string>> = {
  open: new Set(['session', 'config']),
  message: new Set(['session', 'last', 'flag', 'payload']),
  close: new Set(['session', 'closeReason']),
  error: new Set(['session', 'error']),
};

/** What a handler takes when it lists nothing and no types were emitted: the standard dialect's defaults. [D-29] */
const DEFAULTS: Partial<Record<Moment, readonly Slot[]>> = {
  open: [{ kind: 'session' }],
  close: [{ kind: 'closeReason' }],
  error: [{ kind: 'error' }, { kind: 'session' }],
};

/** The handler's parameters, in order; what is wrong with them goes to `problems`, and null stands for it. */
export function slotsOf(
  type: Class,
  handler: HandlerDescription,
  decoders: readonly DecoderPlan[],
  problems: Problem[],
): readonly (Slot | null)[] {
  const { bindings, types, pathParams } = handler;
  if (bindings !== null) {
    if (pathParams.size > 0) problems.push(mixedBindings(type, handler));
    return bindings.map((binding, index) =>
      admitted(type, handler, index, boundSlot(type, handler, index, binding, decoders, problems), problems),
    );
  }
  if (types === null) {
    const defaults = handler.dialect === 'standard' ? DEFAULTS[handler.moment] : undefined;
    if (defaults === undefined) problems.push(noMetadata(type, handler));
    return defaults ?? [null];
  }
  const count = Math.max(types.length, ...[...pathParams.keys()].map((index) => index + 1));
  return Array.from({ length: count }, (_, index) => {
    const param = pathParams.get(index);
    const slot =
      param === undefined
        ? typedSlot(type, handler, index, types[index], decoders, problems)
        : pathSlot(type, handler, index, param, types[index], problems);
    return admitted(type, handler, index, slot, problems);
  });
}

/** Refuses what this moment does not know. [ANN-8, ANN-12] */
function admitted(type: Class, handler: HandlerDescription, index: number, slot: Slot | null, problems: Problem[]): Slot | null {
  if (slot === null || slot.kind === 'path' || INJECTED[handler.moment].has(slot.kind)) return slot;
  problems.push(wrongParameter(type, handler, index, describeSlot(slot)));
  return null;
}

function boundSlot(
  type: Class,
  handler: HandlerDescription,
  index: number,
  binding: unknown,
  decoders: readonly DecoderPlan[],
  problems: Problem[],
): Slot | null {
  if (!isBinding(binding)) {
    problems.push(noBinding(type, handler, index, binding));
    return null;
  }
  const bound = binding[BINDING];
  switch (bound) {
    case 'path':
      return pathSlot(type, handler, index, binding as Binding<unknown> & PathParamFact, undefined, problems);
    case 'text':
      return payload(String, []);
    case 'binary':
      return payload(RECEIVED, decoders);
    case 'pong':
      return payload(PongMessage, []);
    case 'reader':
      return payload(Reader, decoders);
    case 'inputStream':
      return payload(InputStream, decoders);
    case 'value':
      return payload(binding.token, []);
    case 'decoded': {
      const readings = readingsOf(binding.token, decoders, true);
      if (readings.length > 0 || handler.moment !== 'message') return { kind: 'payload', type: binding.token, readings, part: null };
      problems.push(noDecoder(type, handler, index, binding.token, broaderDecoder(binding.token, decoders)));
      return null;
    }
    default:
      return { kind: bound };
  }
}

/** By the type that the compiler emitted; injected types match exactly. [ANN-8] */
function typedSlot(
  type: Class,
  handler: HandlerDescription,
  index: number,
  emitted: unknown,
  decoders: readonly DecoderPlan[],
  problems: Problem[],
): Slot | null {
  if (typeof emitted !== 'function' || emitted === Object || emitted === Function) {
    problems.push(untyped(type, handler, index, emitted));
    return null;
  }
  if (emitted === Boolean) return { kind: 'flag' };
  if (emitted === Error) return { kind: 'error' };
  switch (kindOf(emitted)) {
    case 'Session':
      return { kind: 'session' };
    case 'EndpointConfig':
      return { kind: 'config' };
    case 'CloseReason':
      return { kind: 'closeReason' };
    default:
      break;
  }
  const slot = payload(emitted, decoders);
  if (slot.readings.length > 0) return slot;
  problems.push(
    handler.moment === 'message'
      ? noDecoder(type, handler, index, emitted, broaderDecoder(emitted, decoders))
      : wrongParameter(type, handler, index, nameOf(emitted)),
  );
  return null;
}

/** What messages can be turned into it; nothing, if there are no readings. */
function payload(type: unknown, decoders: readonly DecoderPlan[]): Slot & { readonly kind: 'payload' } {
  return { kind: 'payload', type, readings: readingsOf(type, decoders), part: partOf(type) };
}

/** A path parameter is plain: text, a number of some kind, or a boolean. [PP-2] */
function pathSlot(
  type: Class,
  handler: HandlerDescription,
  index: number,
  param: PathParamFact,
  emitted: unknown,
  problems: Problem[],
): Slot | null {
  const refuse = (problem: Problem) => {
    problems.push(problem);
    return null;
  };
  if (typeof param.name !== 'string' || param.name === '') {
    return refuse(badPathParam(type, handler, index, `is a path parameter named ${spell(param.name)}; write @PathParam('name')`));
  }
  const token = param.token === undefined ? plainNameOf(emitted) : plainNameOf(param.token);
  if (token !== undefined) {
    if (param.token === undefined || agrees(token, emitted)) return { kind: 'path', name: param.name, token };
    return refuse(badPathParam(type, handler, index, `is {${param.name}} as ${token}, but of type ${nameOf(emitted)}; make them agree`));
  }
  if (param.token !== undefined) {
    return refuse(
      badPathParam(
        type,
        handler,
        index,
        `is {${param.name}} as ${spell(param.token)}; use String, Number, Boolean, BigInt, Int and the like`,
      ),
    );
  }
  if (emitted === undefined || emitted === Object || emitted === Function) return refuse(untyped(type, handler, index, emitted));
  return refuse(badPathParam(type, handler, index, `is {${param.name}} as ${nameOf(emitted)}; take string, number, boolean or bigint`));
}

/** Whether an emitted type, unless it is lost, can hold what the token yields. */
function agrees(token: string, emitted: unknown): boolean {
  if (emitted === undefined || emitted === Object || emitted === Function) return true;
  const holder: Record<string, unknown> = { String, Char: String, Boolean, Long: BigInt, BigInt };
  return (holder[token] ?? Number) === emitted;
}

const PLAIN = new Map<unknown, string>([
  [String, 'a string'],
  [Number, 'a number'],
  [BigInt, 'a bigint'],
]);

/** A slot as people call it; a path parameter is never refused for what it is. */
export function describeSlot(slot: Exclude<Slot, { readonly kind: 'path' }>): string {
  switch (slot.kind) {
    case 'payload':
      return PLAIN.get(slot.type) ?? nameOf(slot.type);
    case 'flag':
      return 'a boolean';
    case 'last':
      return 'a last-part flag';
    default:
      return { session: 'Session', config: 'EndpointConfig', closeReason: 'CloseReason', error: 'Error' }[slot.kind];
  }
}
