/** Control frames, passed on to those whom they concern. */
import type { ChannelListener } from '../spi.js';
import { readClose } from './close-payload.js';
import { CLOSE, PING } from './frame-header.js';

/** Who answers pings. */
export interface Ponger {
  /** The bytes are lent for the call. */
  onPing(bytes: Buffer): void;
}

/** What is wrong with a close frame. */
export interface BadClose {
  readonly failure: 1002 | 1007;
  readonly error: Error;
}

/** Tells of a control frame; the payload is lent. Nothing is told of a close frame that is wrong. */
export function passOn(opcode: number, payload: Buffer, listener: ChannelListener, ponger: Ponger): BadClose | null {
  if (opcode === PING) {
    ponger.onPing(payload);
  } else if (opcode === CLOSE) {
    const said = readClose(payload);
    if ('failure' in said) return { failure: said.failure, error: Object.assign(new Error(said.sentence), { name: 'CloseFrameError' }) };
    listener.onClosing(said.code, said.phrase);
  } else {
    listener.onPong(Buffer.from(payload));
  }
  return null;
}
