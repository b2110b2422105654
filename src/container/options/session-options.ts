/** The options that hold for a live session, on either end. */
import type { EndpointSettings, SlowPeerOptions } from '../../api/endpoint-settings.js';
import { bytes, type Check, count, flag, ms, object, positive } from './checks.js';

/** Those of an endpoint's options that have nothing to do with its handshake; times are ms, sizes bytes. */
export type SessionOptions = Pick<
  EndpointSettings,
  | 'maxTextMessageBufferSize'
  | 'maxBinaryMessageBufferSize'
  | 'maxIdleTimeout'
  | 'readIdleTimeout'
  | 'writeIdleTimeout'
  | 'asyncSendTimeout'
  | 'blockingSendTimeout'
  | 'closeTimeout'
  | 'abnormalCloseSendTimeout'
  | 'stuckCallbackAfter'
  | 'highWaterMark'
  | 'backlog'
  | 'heartbeat'
  | 'slowPeer'
  | 'strict'
>;

const SLOW_PEER: Readonly<Record<keyof SlowPeerOptions, Check>> = {
  mark: bytes,
  patience: positive,
  cap: bytes,
  policy: (value) => (['close', 'drop', 'wait'].includes(value as string) ? null : "give 'close', 'drop' or 'wait'"),
};

/** What each may be. [D-36] */
export const SESSION_OPTIONS: Readonly<Record<keyof SessionOptions, Check>> = {
  maxTextMessageBufferSize: bytes,
  maxBinaryMessageBufferSize: bytes,
  maxIdleTimeout: ms,
  readIdleTimeout: ms,
  writeIdleTimeout: ms,
  asyncSendTimeout: ms,
  blockingSendTimeout: ms,
  closeTimeout: positive,
  abnormalCloseSendTimeout: positive,
  stuckCallbackAfter: ms,
  highWaterMark: bytes,
  backlog: object({ events: count, bytes: count }),
  heartbeat: (value) => (value === false ? null : object({ interval: positive, missed: count })(value)),
  slowPeer: object(SLOW_PEER),
  strict: flag,
};
