/** Makes a class the client end of a connection. */
import type { ClientEndpointConfig } from '../api/client-endpoint-config.js';
import type { Decoder, Encoder } from '../api/codec.js';
import type { Class } from '../api/tokens.js';
import { tableOf } from '../metadata/table.js';
import { isContext, metadataOf } from './write.js';

/** What a client endpoint says of itself. [ANN-2] */
export interface ClientEndpointOptions {
  /** Those it speaks, the one it likes best first. [CLI-4] */
  readonly subprotocols?: readonly string[] | undefined;
  /** How its objects become messages; tried in this order. [COD-5] */
  readonly encoders?: readonly (new () => Encoder)[] | undefined;
  /** How messages become its objects; asked in this order. [COD-7] */
  readonly decoders?: readonly (new () => Decoder)[] | undefined;
  /** Its hooks; one instance is made for each connectToServer. */
  readonly configurator?: (new () => ClientEndpointConfig.Configurator) | undefined;
}

/** `@ClientEndpoint` applied. */
export type ClientEndpointDecorator = <C extends Class>(target: C, context?: ClassDecoratorContext<C>) => void;

/** Makes a class a client endpoint; `connectToServer` takes the class, whose constructor then needs no arguments, or an object of it. */
export function ClientEndpoint<C extends Class>(target: C, context?: ClassDecoratorContext<C>): void;
export function ClientEndpoint(options?: ClientEndpointOptions): ClientEndpointDecorator;
export function ClientEndpoint(first?: unknown, context?: unknown): unknown {
  if (typeof first === 'function') return write(first, context, {});
  return (target: Class, inner?: unknown) => write(target, inner, first ?? {});
}

function write(target: object, context: unknown, written: unknown): void {
  tableOf(isContext(context) ? metadataOf(context) : target).client = { written };
}
