/** Makes a class an endpoint, at a path. */
import type { Decoder, Encoder } from '../api/codec.js';
import type { EndpointSettings } from '../api/endpoint-settings.js';
import { KIND } from '../api/kind.js';
import type { ServerEndpointConfig } from '../api/server-endpoint-config.js';
import type { Class } from '../api/tokens.js';
import { tableOf } from '../metadata/table.js';
import { isContext, metadataOf } from './write.js';

/** What an endpoint says of itself; the rest are options of the container, set for this endpoint alone. [ANN-1, D-36] */
export interface ServerEndpointOptions extends EndpointSettings {
  /** The path below the context path: literal segments and variables, `/room/{id}` or `/room/<id>`. */
  readonly value: string;
  /** Those it speaks; the client's order decides. */
  readonly subprotocols?: readonly string[] | undefined;
  /** How its objects become messages; tried in this order. [COD-5] */
  readonly encoders?: readonly (new () => Encoder)[] | undefined;
  /** How messages become its objects; asked in this order. [COD-7] */
  readonly decoders?: readonly (new () => Decoder)[] | undefined;
  /** Its hooks; one instance is made when the endpoint is deployed. */
  readonly configurator?: (new () => ServerEndpointConfig.Configurator) | undefined;
}

/** `@ServerEndpoint(path)`, `@ServerEndpoint(options)`. */
export type ServerEndpointDecorator = <C extends Class>(target: C, context?: ClassDecoratorContext<C>) => void;

/** Makes a class an endpoint: one instance of it serves one connection. [LIF-1] */
export function ServerEndpoint(value: string | ServerEndpointOptions): ServerEndpointDecorator {
  return (target, context) => {
    tableOf(isContext(context) ? metadataOf(context) : target).server = { written: value };
  };
}

// Known again in @HandlesTypes, where another copy's decorator may stand. [DEP-11]
Object.defineProperty(ServerEndpoint, KIND, { value: 'ServerEndpoint' });
