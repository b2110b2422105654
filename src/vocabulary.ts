/** The words that both ends share: every build of margay/client lets them out, and the front door too. No door by itself. */
import './metadata/table.js';

export type { Binding } from './api/binding.js';
export { ClientEndpointConfig } from './api/client-endpoint-config.js';
export { CloseReason } from './api/close-reason.js';
export { Decoder, Encoder } from './api/codec.js';
export type { ConnectOptions, Credentials, ReconnectOptions, SSLContext } from './api/connect-options.js';
export type { WebSocketContainer } from './api/container.js';
export { ContainerProvider } from './api/container-provider.js';
export { Endpoint } from './api/endpoint.js';
export { EndpointConfig } from './api/endpoint-config.js';
export type { HeartbeatOptions, SlowPeerOptions, SlowPeerPolicy } from './api/endpoint-settings.js';
export {
  DecodeException,
  DeploymentException,
  EncodeException,
  EOFException,
  type FailedResponse,
  IllegalArgumentException,
  IllegalStateException,
  InstantiationException,
  IOException,
  type Problem,
  SocketTimeoutException,
  UnsupportedOperationException,
} from './api/exceptions.js';
export type { Extension } from './api/extension.js';
export { HandshakeResponse } from './api/handshake.js';
export type { LogFields, Logger } from './api/logger.js';
export { MessageHandler, type PartToken } from './api/message-handler.js';
export { PongMessage } from './api/pong-message.js';
export type { RemoteEndpoint } from './api/remote-endpoint.js';
export { type SendHandler, SendResult } from './api/send-result.js';
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
export { ClientEndpoint, type ClientEndpointDecorator, type ClientEndpointOptions } from './decorators/client-endpoint.js';
export { OnClose } from './decorators/on-close.js';
export { OnError } from './decorators/on-error.js';
export { OnMessage, type OnMessageOptions } from './decorators/on-message.js';
export { OnOpen } from './decorators/on-open.js';
export { PathParam } from './decorators/path-param.js';
export { type BroadcastResult, broadcast } from './runtime/broadcast.js';
export { statistics } from './runtime/statistics.js';
export { resume, suspend } from './runtime/suspend.js';
export type { SessionStatistics } from './runtime/traffic.js';
