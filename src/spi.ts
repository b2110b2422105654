/** For authors of engines: what the house and an engine say to each other. */
export type { Agreement, Call, CallProxy, DialError, Dialer, DialingTransport, DialStep, Reply } from './transport/dialer.js';
export type {
  Answer,
  Bytes,
  Channel,
  ChannelCounters,
  ChannelListener,
  DeflateParameters,
  Done,
  ExtensionFactory,
  ExtensionParameter,
  Frame,
  Gate,
  Intake,
  MessageKind,
  Offer,
  Peer,
  Prepared,
  Transformation,
  Transport,
  TransportAddress,
} from './transport/spi.js';
