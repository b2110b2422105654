/** For authors of engines: what the house and an engine say to each other. */
export type {
  Answer,
  Bytes,
  Channel,
  ChannelCounters,
  ChannelListener,
  DeflateParameters,
  Done,
  Gate,
  Intake,
  MessageKind,
  Offer,
  Peer,
  Prepared,
  Transport,
  TransportAddress,
} from './transport/spi.js';
