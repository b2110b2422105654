/** @ClientEndpoint as a standard decorator: what compiles, and what the compiler refuses. */
import { ClientEndpoint, ClientEndpointConfig, Decoder, Encoder, OnMessage, OnOpen, ServerEndpoint, type Session, text } from 'margay';

class Tick {}
class TickDecoder extends Decoder.Text(Tick) {
  decode(): Tick {
    return new Tick();
  }
}
class TickEncoder extends Encoder.Text(Tick) {
  encode(): string {
    return '';
  }
}
class Hooks extends ClientEndpointConfig.Configurator {}

@ClientEndpoint
export class Bare {
  @OnOpen open(_session: Session) {}
  @OnMessage(text) text(_message: string) {}
}

@ClientEndpoint()
export class Called {}

@ClientEndpoint({ subprotocols: ['v2'], decoders: [TickDecoder], encoders: [TickEncoder], configurator: Hooks })
export class Optioned {}

@ServerEndpoint('/both')
@ClientEndpoint
export class Both {}

// @ts-expect-error there is no such option
@ClientEndpoint({ subprotocol: ['v2'] })
export class Unknown {}

// @ts-expect-error a path is a server's
@ClientEndpoint('/talk')
export class Path {}

// @ts-expect-error an encoder is no decoder
@ClientEndpoint({ decoders: [TickEncoder] })
export class Swapped {}

export class Misplaced {
  // @ts-expect-error it is for classes
  @ClientEndpoint
  method(): void {}
}
