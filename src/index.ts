/** The front door: decorators, the JSR's vocabulary, `serve` and the container; it picks the ws engine. */
import './metadata/table.js';
import { setPlatformConfigurator } from './api/server-endpoint-config.js';
import { platformConfigurator } from './container/handshake/configurator.js';
import { setEngine } from './container/options/engine.js';
import { IncomingStream } from './runtime/streams/incoming.js';
import { outgoingStreams } from './runtime/streams/outgoing.js';
import { setStreams } from './runtime/streams.js';
import { HandedTransport } from './transport/ws/handed-transport.js';
import { WsTransport } from './transport/ws/ws-transport.js';

setPlatformConfigurator(platformConfigurator);
setEngine({
  listening: (options, limits) => new WsTransport({ ...options, ...limits }),
  attached: (server) => new WsTransport({ server }),
  handed: (handed) => new HandedTransport(handed),
});
setStreams({ ...outgoingStreams, incoming: (kind, onRoom) => new IncomingStream(kind, onRoom) });

export type { Binding } from './api/binding.js';
export { CloseReason } from './api/close-reason.js';
export { Decoder, Encoder } from './api/codec.js';
export type { WebSocketContainer } from './api/container.js';
export { Endpoint } from './api/endpoint.js';
export { EndpointConfig } from './api/endpoint-config.js';
export type {
  EndpointSettings,
  HeartbeatOptions,
  PerMessageDeflateOptions,
  SlowPeerOptions,
  SlowPeerPolicy,
} from './api/endpoint-settings.js';
export {
  DecodeException,
  DeploymentException,
  EncodeException,
  EOFException,
  IllegalArgumentException,
  IllegalStateException,
  InstantiationException,
  IOException,
  type Problem,
  SocketTimeoutException,
  UnsupportedOperationException,
} from './api/exceptions.js';
export type { Extension } from './api/extension.js';
export { HandshakeRequest, HandshakeResponse } from './api/handshake.js';
export type { InstanceManager } from './api/instance-manager.js';
export type { LogFields, Logger } from './api/logger.js';
export { MessageHandler, type PartToken } from './api/message-handler.js';
export { PongMessage } from './api/pong-message.js';
export type { RemoteEndpoint } from './api/remote-endpoint.js';
export { type SendHandler, SendResult } from './api/send-result.js';
export { ServerApplicationConfig } from './api/server-application-config.js';
export { ServerEndpointConfig } from './api/server-endpoint-config.js';
export { Session } from './api/session.js';
export { SessionException } from './api/session-exception.js';
export { InputStream, OutputStream, Reader, Writer } from './api/streams.js';
export {
  Byte,
  type Bytes,
  Char,
  type Class,
  Double,
  Float,
  type Handled,
  Int,
  type KindToken,
  Long,
  type PlainToken,
  type Principal,
  Short,
  type TypeOf,
  type TypeToken,
} from './api/tokens.js';
export type { DeployedEndpoint } from './container/deployment/deployed-endpoint.js';
export type { ContainerOptions, ListenOptions, ServeOptions } from './container/options/options.js';
export type { ScanOptions } from './container/options/scan-options.js';
export type { ScanResult, Skipped } from './container/scan/scan-result.js';
export { serve } from './container/serve.js';
export { type Listening, ServerContainer } from './container/server-container.js';
export type { ServletContainerInitializer, StartupContext } from './container/servlet-container-initializer.js';
export { openSessions } from './container/session-query.js';
export type { ContainerStatistics } from './container/tally.js';
export {
  bigint,
  binary,
  boolean,
  closeReason,
  config,
  decoded,
  error,
  inputStream,
  last,
  number,
  pathParam,
  pong,
  reader,
  session,
  text,
} from './decorators/bindings.js';
export { HandlesTypes } from './decorators/handles-types.js';
export { OnClose } from './decorators/on-close.js';
export { OnError } from './decorators/on-error.js';
export { OnMessage, type OnMessageOptions } from './decorators/on-message.js';
export { OnOpen } from './decorators/on-open.js';
export { PathParam } from './decorators/path-param.js';
export { ServerEndpoint, type ServerEndpointOptions } from './decorators/server-endpoint.js';
export { type BroadcastResult, broadcast } from './runtime/broadcast.js';
export { statistics } from './runtime/statistics.js';
export { resume, suspend } from './runtime/suspend.js';
export type { SessionStatistics } from './runtime/traffic.js';
