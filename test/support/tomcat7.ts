/** An application of Tomcat 7's time: one servlet at `/t`, and what its inbounds were told. */
import type { ContainerOptions, Handled, InputStream, Reader } from 'margay';
import {
  type HttpServletRequest,
  type HttpServletResponse,
  MessageInbound,
  StreamInbound,
  WebSocketServlet,
  type WsOutbound,
} from 'margay/catalina';
import type { Question } from './ask.js';
import { RawPeer } from './raw-peer.js';
import { type Started, start } from './start.js';

/** What an inbound is to do; each may throw. */
export interface Manners {
  open?(outbound: WsOutbound): Handled<void>;
  text?(message: string, outbound: WsOutbound): Handled<void>;
  binary?(message: Buffer, outbound: WsOutbound): Handled<void>;
  pong?(payload: Buffer): Handled<void>;
  close?(status: number): Handled<void>;
}

export type Told = readonly [callback: string, ...args: unknown[]];

/** Notes what it is told, then does as it is asked. */
export class NotingMessages extends MessageInbound {
  readonly told: Told[];
  readonly #manners: Manners;

  constructor(told: Told[], manners: Manners = {}) {
    super();
    this.told = told;
    this.#manners = manners;
  }

  protected override onOpen(outbound: WsOutbound): Handled<void> {
    this.told.push(['open']);
    return this.#manners.open?.(outbound);
  }

  protected onTextMessage(message: string): Handled<void> {
    this.told.push(['text', message]);
    return this.#manners.text?.(message, this.getWsOutbound());
  }

  protected onBinaryMessage(message: Buffer): Handled<void> {
    this.told.push(['binary', message.toString('hex')]);
    return this.#manners.binary?.(message, this.getWsOutbound());
  }

  protected override onPong(payload: Buffer): Handled<void> {
    this.told.push(['pong', payload.toString()]);
    return this.#manners.pong?.(payload);
  }

  protected override onClose(status: number): Handled<void> {
    this.told.push(['close', status]);
    return this.#manners.close?.(status);
  }
}

/** The same with streams, piece by piece. */
export class NotingStreams extends StreamInbound {
  readonly told: Told[];

  constructor(told: Told[]) {
    super();
    this.told = told;
  }

  protected async onTextData(reader: Reader): Promise<void> {
    this.told.push(['begins']);
    for await (const piece of reader) this.told.push(['piece', piece]);
    this.told.push(['ends']);
  }

  protected async onBinaryData(stream: InputStream): Promise<void> {
    this.told.push(['begins']);
    for await (const piece of stream) this.told.push(['piece', piece.toString('hex')]);
    this.told.push(['ends']);
  }

  protected override onPong(payload: Buffer): void {
    this.told.push(['pong', payload.toString()]);
  }

  protected override onClose(status: number): void {
    this.told.push(['close', status]);
  }
}

/** A servlet whose connections get what `make` makes. */
export function servletFor(make: () => Handled<StreamInbound>): WebSocketServlet {
  return new (class TestServlet extends WebSocketServlet {
    protected createWebSocketInbound(): Handled<StreamInbound> {
      return make();
    }
  })();
}

/** A server with that servlet at `/t`. */
export function serving(make: () => Handled<StreamInbound>, options: ContainerOptions = {}): Promise<Started> {
  return start([], { servlets: [{ urlPattern: '/t', servlet: servletFor(make) }], ...options });
}

export interface Conversation extends Started {
  readonly peer: RawPeer;
  readonly told: Told[];
  readonly inbound: NotingMessages;
}

/** A server, and a peer that is connected to its servlet. */
export async function conversation(manners: Manners = {}, options: ContainerOptions = {}): Promise<Conversation> {
  const told: Told[] = [];
  let inbound!: NotingMessages;
  const started = await serving(() => {
    inbound = new NotingMessages(told, manners);
    return inbound;
  }, options);
  const peer = await RawPeer.open(started, '/t');
  return { ...started, peer, told, inbound };
}

/** The servlet's own methods. */
export type Hooks = Partial<{
  verifyOrigin(origin: string | null, byDefault: (origin: string | null) => boolean): boolean;
  selectSubProtocol(offered: readonly string[]): string | null;
  create(subProtocol: string | null, request: HttpServletRequest): StreamInbound | Promise<StreamInbound>;
  doGet(request: HttpServletRequest, response: HttpServletResponse, goOn: () => unknown): unknown;
}>;

/** A server with a servlet at `/t` that has these hooks. */
export function hooked(hooks: Hooks, options: ContainerOptions = {}) {
  class Hooked extends WebSocketServlet {
    protected override async doGet(request: HttpServletRequest, response: HttpServletResponse) {
      if (hooks.doGet === undefined) await super.doGet(request, response);
      else await hooks.doGet(request, response, () => super.doGet(request, response));
    }
    protected override verifyOrigin(origin: string | null) {
      return hooks.verifyOrigin?.(origin, (asked) => super.verifyOrigin(asked)) ?? super.verifyOrigin(origin);
    }
    protected override selectSubProtocol(offered: readonly string[]) {
      return hooks.selectSubProtocol?.(offered) ?? super.selectSubProtocol(offered);
    }
    protected createWebSocketInbound(subProtocol: string | null, request: HttpServletRequest) {
      return hooks.create?.(subProtocol, request) ?? new NotingMessages([]);
    }
  }
  return start([], { servlets: [{ urlPattern: '/t', servlet: Hooked }], ...options });
}

/** A request for the servlet at `/t`; headers other than the right ones. */
export const asked = (headers: NonNullable<Question['headers']>): Question => ({ target: '/t', headers });
