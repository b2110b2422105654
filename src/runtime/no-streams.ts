/** For where node's streams do not exist, a browser: whoever wants one is told what to do instead. [D-02] */
import { UnsupportedOperationException } from '../api/exceptions.js';
import type { EndpointPlan, Receiver } from './plan.js';
import { isMadeBy, type Streams } from './streams.js';

const WHY = "a browser has no streams of node's";
const TAKE = 'take the message whole (a String, or bytes), or in parts';
const SEND = 'send the message whole, or in parts';

/** Makers that make nothing. */
export const NO_STREAMS: Streams = {
  incoming: () => {
    throw new UnsupportedOperationException(`Reader and InputStream: ${WHY}; ${TAKE}`);
  },
  writer: () => {
    throw new UnsupportedOperationException(`getSendWriter(): ${WHY}; ${SEND}`);
  },
  outputStream: () => {
    throw new UnsupportedOperationException(`getSendStream(): ${WHY}; ${SEND}`);
  },
};

/** What of an endpoint needs streams, where there are none; null: nothing. */
export function objectionToStreams({ name, receivers, encoders }: EndpointPlan): UnsupportedOperationException | null {
  for (const receiver of receivers) {
    const objection = objectionToReceiver(`${name}.${receiver.member}()`, receiver);
    if (objection !== null) return objection;
  }
  const encoder = encoders.find(({ kind }) => kind === 'textStream' || kind === 'binaryStream');
  if (encoder === undefined || !isMadeBy(NO_STREAMS)) return null;
  return new UnsupportedOperationException(
    `${name}: the encoder ${encoder.name} writes to a stream, and ${WHY}; extend Encoder.Text or Encoder.Binary`,
  );
}

/** The same for one handler of messages. */
export function objectionToReceiver(place: string, { text, binary }: Receiver): UnsupportedOperationException | null {
  if (text?.form !== 'stream' && binary?.form !== 'stream') return null;
  return isMadeBy(NO_STREAMS)
    ? new UnsupportedOperationException(`${place} takes a stream, or has a decoder that does, and ${WHY}; ${TAKE}`)
    : null;
}
