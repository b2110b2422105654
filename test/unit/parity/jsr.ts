/** The public members of JSR-356 / Jakarta WebSocket 2.2 and 2.3, by name and number of parameters: facts of its documentation. */

/** `name/arities`, or a bare name for what is no method; `new/arities` are the constructors. Each type with its own members. */
const TYPES: Readonly<Record<string, { readonly extends?: string; readonly own: string }>> = {
  CloseReason: { own: 'new/2 getCloseCode/0 getReasonPhrase/0' },
  'CloseReason.CloseCode': { own: 'getCode/0' },
  'CloseReason.CloseCodes': {
    extends: 'CloseReason.CloseCode',
    own: `getCloseCode/1 NORMAL_CLOSURE GOING_AWAY PROTOCOL_ERROR CANNOT_ACCEPT RESERVED NO_STATUS_CODE CLOSED_ABNORMALLY
      NOT_CONSISTENT VIOLATED_POLICY TOO_BIG NO_EXTENSION UNEXPECTED_CONDITION SERVICE_RESTART TRY_AGAIN_LATER TLS_HANDSHAKE_FAILURE`,
  },
  DecodeException: { own: 'new/2,3 getBytes/0 getText/0' },
  Decoder: { own: 'init/1 destroy/0' },
  'Decoder.Text': { extends: 'Decoder', own: 'willDecode/1 decode/1' },
  'Decoder.TextStream': { extends: 'Decoder', own: 'decode/1' },
  'Decoder.Binary': { extends: 'Decoder', own: 'willDecode/1 decode/1' },
  'Decoder.BinaryStream': { extends: 'Decoder', own: 'decode/1' },
  DeploymentException: { own: 'new/1,2' },
  EncodeException: { own: 'new/2,3 getObject/0' },
  Encoder: { own: 'init/1 destroy/0' },
  'Encoder.Text': { extends: 'Encoder', own: 'encode/1' },
  'Encoder.TextStream': { extends: 'Encoder', own: 'encode/2' },
  'Encoder.Binary': { extends: 'Encoder', own: 'encode/1' },
  'Encoder.BinaryStream': { extends: 'Encoder', own: 'encode/2' },
  Endpoint: { own: 'onOpen/2 onClose/2 onError/2' },
  EndpointConfig: { own: 'getEncoders/0 getDecoders/0 getUserProperties/0' },
  Extension: { own: 'getName/0 getParameters/0' },
  'Extension.Parameter': { own: 'getName/0 getValue/0' },
  HandshakeResponse: { own: 'SEC_WEBSOCKET_ACCEPT getHeaders/0' },
  MessageHandler: { own: '' },
  'MessageHandler.Whole': { own: 'onMessage/1' },
  'MessageHandler.Partial': { own: 'onMessage/2' },
  PongMessage: { own: 'getApplicationData/0' },
  RemoteEndpoint: { own: 'setBatchingAllowed/1 getBatchingAllowed/0 flushBatch/0 sendPing/1 sendPong/1' },
  'RemoteEndpoint.Async': {
    extends: 'RemoteEndpoint',
    own: 'getSendTimeout/0 setSendTimeout/1 sendText/1,2 sendBinary/1,2 sendObject/1,2',
  },
  'RemoteEndpoint.Basic': {
    extends: 'RemoteEndpoint',
    own: 'sendText/1,2 sendBinary/1,2 getSendStream/0 getSendWriter/0 sendObject/1',
  },
  SendHandler: { own: 'onResult/1' },
  SendResult: { own: 'new/0,1,2 isOK/0 getException/0 getSession/0' },
  Session: {
    own: `getContainer/0 addMessageHandler/1,2 getMessageHandlers/0 removeMessageHandler/1 getProtocolVersion/0
      getNegotiatedSubprotocol/0 getNegotiatedExtensions/0 isSecure/0 isOpen/0 getMaxIdleTimeout/0 setMaxIdleTimeout/1
      getMaxBinaryMessageBufferSize/0 setMaxBinaryMessageBufferSize/1 getMaxTextMessageBufferSize/0 setMaxTextMessageBufferSize/1
      getAsyncRemote/0 getBasicRemote/0 getId/0 close/0,1 getRequestURI/0 getRequestParameterMap/0 getQueryString/0
      getPathParameters/0 getUserProperties/0 getUserPrincipal/0 getOpenSessions/0`,
  },
  SessionException: { own: 'new/3 getSession/0' },
  WebSocketContainer: {
    own: `getDefaultAsyncSendTimeout/0 setAsyncSendTimeout/1 connectToServer/2,3 getDefaultMaxSessionIdleTimeout/0
      setDefaultMaxSessionIdleTimeout/1 getDefaultMaxBinaryMessageBufferSize/0 setDefaultMaxBinaryMessageBufferSize/1
      getDefaultMaxTextMessageBufferSize/0 setDefaultMaxTextMessageBufferSize/1 getInstalledExtensions/0`,
  },
  ClientEndpointConfig: {
    extends: 'EndpointConfig',
    own: 'getPreferredSubprotocols/0 getExtensions/0 getConfigurator/0 getSSLContext/0',
  },
  'ClientEndpointConfig.Builder': {
    own: 'create/0 configurator/1 preferredSubprotocols/1 extensions/1 encoders/1 decoders/1 sslContext/1 build/0',
  },
  'ClientEndpointConfig.Configurator': { own: 'beforeRequest/1 afterResponse/1' },
  ContainerProvider: { own: 'getWebSocketContainer/0 getContainer/0' },
  HandshakeRequest: {
    own: `SEC_WEBSOCKET_KEY SEC_WEBSOCKET_PROTOCOL SEC_WEBSOCKET_VERSION SEC_WEBSOCKET_EXTENSIONS getHeaders/0 getUserPrincipal/0
      getRequestURI/0 isUserInRole/1 getHttpSession/0 getParameterMap/0 getQueryString/0 getUserX509CertificateChain/0
      getLocalAddress/0 getLocalHostName/0 getLocalPort/0 getRemoteAddress/0 getRemoteHostName/0 getRemotePort/0
      getPreferredLocale/0`,
  },
  ServerApplicationConfig: { own: 'getEndpointConfigs/1 getAnnotatedEndpointClasses/1' },
  ServerContainer: { extends: 'WebSocketContainer', own: 'addEndpoint/1 upgradeHttpToWebSocket/4' },
  ServerEndpointConfig: {
    extends: 'EndpointConfig',
    own: 'getEndpointClass/0 getPath/0 getSubprotocols/0 getExtensions/0 getConfigurator/0',
  },
  'ServerEndpointConfig.Builder': {
    own: 'create/2 encoders/1 decoders/1 subprotocols/1 extensions/1 configurator/1 build/0',
  },
  'ServerEndpointConfig.Configurator': {
    own: `getContainerDefaultConfigurator/0 getNegotiatedSubprotocol/2 getNegotiatedExtensions/2 checkOrigin/1 modifyHandshake/3
      getEndpointInstance/1`,
  },
};

/** Annotations and their elements. */
export const ANNOTATIONS: Readonly<Record<string, readonly string[]>> = {
  ServerEndpoint: ['value', 'subprotocols', 'decoders', 'encoders', 'configurator'],
  ClientEndpoint: ['subprotocols', 'decoders', 'encoders', 'configurator'],
  OnOpen: [],
  OnMessage: ['maxMessageSize'],
  OnClose: [],
  OnError: [],
  PathParam: ['value'],
};

/** Of Java itself, and of Servlet: names the JSR speaks of. */
export const JAVA = [
  ...['IllegalStateException', 'IllegalArgumentException', 'UnsupportedOperationException', 'InstantiationException'],
  ...['IOException', 'EOFException', 'SocketTimeoutException'],
  ...['Reader', 'InputStream', 'Writer', 'OutputStream', 'Principal', 'SSLContext'],
  ...['HandlesTypes', 'ServletContainerInitializer'],
  ...['Byte', 'Short', 'Long', 'Float', 'Double'],
];

/** Every member of every type, inherited ones too: `Type` → `member/arity`. What java.lang.Object has is left out. */
export const JSR: ReadonlyMap<string, ReadonlySet<string>> = new Map(Object.keys(TYPES).map((type) => [type, membersOf(type)]));

function membersOf(type: string): Set<string> {
  const { extends: parent, own } = TYPES[type] as (typeof TYPES)[string];
  const inherited = parent === undefined ? [] : membersOf(parent);
  const members = own.split(/\s+/).filter((each) => each !== '');
  return new Set([...inherited, ...members.flatMap(spread)]);
}

/** `close/0,1` → `close/0`, `close/1`. */
function spread(member: string): string[] {
  const [name, arities] = member.split('/');
  return arities === undefined ? [member] : arities.split(',').map((arity) => `${name}/${arity}`);
}
