/** The bindings: a handler's parameters spelled out as values, checked by the compiler against the method. [D-01, D-28] */
import { BINDING, type Binding, type Bound } from '../api/binding.js';
import type { CloseReason } from '../api/close-reason.js';
import type { EndpointConfig } from '../api/endpoint-config.js';
import type { PongMessage } from '../api/pong-message.js';
import type { Session } from '../api/session.js';
import type { InputStream, Reader } from '../api/streams.js';
import type { PlainToken, TypeOf, TypeToken } from '../api/tokens.js';

function bind<T>(bound: Bound, more: { name?: string; token?: unknown } = {}): Binding<T> {
  return Object.freeze({ [BINDING]: bound, ...more, toString: () => more.name ?? bound }) as Binding<T>;
}

/** The session; legal in every handler. */
export const session: Binding<Session> = bind('session');
/** This connection's configuration; @OnOpen only. */
export const config: Binding<EndpointConfig> = bind('config');
/** Why the session ended; @OnClose only. */
export const closeReason: Binding<CloseReason> = bind('closeReason');
/** What went wrong; @OnError only, and there mandatory. */
export const error: Binding<Error> = bind('error');
/** The text of a message, or of a part when `last` stands beside it. */
export const text: Binding<string> = bind('text');
/** The bytes of a message, or of a part when `last` stands beside it. */
export const binary: Binding<Buffer> = bind('binary');
/** A pong. */
export const pong: Binding<PongMessage> = bind('pong');
/** A text message while it arrives. */
export const reader: Binding<Reader> = bind('reader');
/** A binary message while it arrives. */
export const inputStream: Binding<InputStream> = bind('inputStream');
/** Whether this part is the last of its message; makes `text` or `binary` a part. */
export const last: Binding<boolean> = bind('last');
/** A whole text message as a Double. */
export const number: Binding<number> = bind('value', { token: Number });
/** A whole text message as a Long. */
export const bigint: Binding<bigint> = bind('value', { token: BigInt });
/** A whole text message: true for "true" in any letter case. */
export const boolean: Binding<boolean> = bind('value', { token: Boolean });

/** What the endpoint's decoders make of a message. [COD-6] */
export function decoded<C extends TypeToken>(type: C): Binding<TypeOf<C>> {
  return bind('decoded', { token: type });
}

/** The decoded value of the template variable of that name; null if the template has none. */
export function pathParam(name: string): Binding<string>;
export function pathParam<C extends PlainToken>(name: string, token: C): Binding<TypeOf<C>>;
export function pathParam(name: string, token: PlainToken = String): Binding<any> {
  return bind('path', { name, token });
}

/** The parameter types that a list of bindings asks of its method. */
export type ArgumentsOf<B extends readonly Binding<any>[]> = {
  -readonly [I in keyof B]: B[I] extends Binding<infer T> ? T : never;
};

/** At least one binding. */
export type Bindings = [Binding<any>, ...Binding<any>[]];
