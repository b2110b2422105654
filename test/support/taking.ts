/** An endpoint with one handler for one type of message, declared in each of the ways there are. */
import {
  type Class,
  type Decoder,
  decoded,
  type Encoder,
  Endpoint,
  OnError,
  OnMessage,
  ServerEndpoint,
  ServerEndpointConfig,
  type Session,
} from 'margay';

/** By the emitted type of a parameter, by a binding, or added to the session. */
export type Way = 'parameter' | 'binding' | 'added';

export const WAYS: readonly Way[] = ['parameter', 'binding', 'added'];

export interface Taking {
  readonly decoders?: readonly (new () => Decoder)[];
  readonly encoders?: readonly (new () => Encoder)[];
  /** What is answered to a message; nothing for undefined. */
  readonly answer?: (message: any, session: Session) => unknown;
  /** What @OnError was told is added. */
  readonly errors?: unknown[];
  /** Instead of `decoded(type)`. */
  readonly binding?: unknown;
}

/** At `/talk`. */
export function taking(type: unknown, way: Way, { decoders = [], encoders = [], answer = () => {}, errors = [], binding }: Taking) {
  const endpoint = way === 'added' ? adding(type, answer, errors) : declaring(type, way, answer, errors, binding);
  return ServerEndpointConfig.Builder.create(endpoint, '/talk').decoders(decoders).encoders(encoders).build();
}

function adding(type: unknown, answer: NonNullable<Taking['answer']>, errors: unknown[]): Class {
  return class Talk extends Endpoint {
    onOpen(session: Session): void {
      session.addMessageHandler(type as typeof Object, async (message) => {
        const value = await answer(message, session);
        if (value !== undefined) await session.getBasicRemote().sendObject(value);
      });
    }

    override onError(_session: Session, error: Error): void {
      errors.push(error);
    }
  };
}

function declaring(type: unknown, way: Way, answer: NonNullable<Taking['answer']>, errors: unknown[], binding: unknown): Class {
  class Talk {
    take(message: unknown): unknown {
      return answer(message, null as never);
    }

    fail(error: unknown): void {
      errors.push(error);
    }
  }
  const write = (decorator: unknown, member: 'take' | 'fail', types: readonly unknown[]) => {
    Reflect.defineMetadata('design:paramtypes', types, Talk.prototype, member);
    (decorator as MethodDecorator)(Talk.prototype, member, Object.getOwnPropertyDescriptor(Talk.prototype, member) as PropertyDescriptor);
  };
  write(way === 'parameter' ? OnMessage : (OnMessage as (...args: unknown[]) => unknown)(binding ?? decoded(type as Class)), 'take', [
    type,
  ]);
  write(OnError, 'fail', [Error]);
  ServerEndpoint('/ignored')(Talk);
  return Talk;
}
