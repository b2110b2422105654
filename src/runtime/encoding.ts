/** Objects as messages: which encoder, and what becomes of its failures. [COD-5, COD-8, REM-16] */
import type { Encoder } from '../api/codec.js';
import { EncodeException, IOException } from '../api/exceptions.js';
import type { OutputStream, Writer } from '../api/streams.js';
import type { Bytes } from '../api/tokens.js';
import type { MessageKind } from '../transport/spi.js';
import { isBytes, spell } from './bytes.js';
import { encodeFailed, unpairedSurrogate } from './failures.js';
import type { OutgoingMessage } from './outgoing-message.js';
import type { EncoderPlan } from './plan.js';
import type { Sender } from './sender.js';
import { isThenable } from './thenable.js';

/** One encoder of this connection. */
export interface Coder {
  readonly plan: EncoderPlan;
  readonly encoder: Encoder;
}

/** The first that takes the value, in the order of their declaration. */
export function coderFor(value: unknown, { opening }: Sender): Coder | null {
  const { encoders } = opening.plan;
  for (let i = 0; i < encoders.length; i++) {
    const plan = encoders[i] as EncoderPlan;
    if (plan.takes(value)) return { plan, encoder: opening.encoders[i] as Encoder };
  }
  return null;
}

export const kindOf = ({ plan }: Coder): MessageKind => (plan.kind === 'text' || plan.kind === 'textStream' ? 'text' : 'binary');

export const isStreaming = ({ plan }: Coder): boolean => plan.kind === 'textStream' || plan.kind === 'binaryStream';

/** The whole message. @throws EncodeException, or rejects with one */
export function encoded(coder: Coder, value: unknown): string | Bytes | Promise<string | Bytes> {
  let message: unknown;
  try {
    message = (coder.encoder as Encoder.Text).encode(value);
  } catch (error) {
    throw failureOf(coder, value, error);
  }
  if (!isThenable(message)) return checked(coder, value, message);
  return Promise.resolve(message).then(
    (made) => checked(coder, value, made),
    (error: unknown) => {
      throw failureOf(coder, value, error);
    },
  );
}

/** Has the message written to the stream, which is ended for the encoder. Rejects with EncodeException or IOException. */
export async function written(coder: Coder, value: unknown, stream: Writer | OutputStream, message: OutgoingMessage): Promise<void> {
  void message.takeTurn();
  try {
    await (coder.encoder as Encoder.TextStream).encode(value, stream as Writer);
  } catch (error) {
    const failure = failureOf(coder, value, error);
    stream.destroy(failure);
    throw failure;
  }
  stream.end();
  await message.over;
  if (message.failure !== null) throw failureOf(coder, value, message.failure);
}

function checked(coder: Coder, value: unknown, message: unknown): string | Bytes {
  const isText = kindOf(coder) === 'text';
  if (isText ? typeof message !== 'string' : !isBytes(message)) {
    throw encodeFailed(value, coder.plan.name, `encode() returned ${spell(message)} and not ${isText ? 'text' : 'bytes'}`);
  }
  if (isText && !(message as string).isWellFormed()) {
    const error = unpairedSurrogate(message as string);
    throw encodeFailed(value, coder.plan.name, error.message, error);
  }
  return message as string | Bytes;
}

/** An EncodeException stays what it is, and so does the IOException of a stream. */
function failureOf(coder: Coder, value: unknown, error: unknown): Error {
  if (error instanceof EncodeException || (isStreaming(coder) && error instanceof IOException)) return error;
  return encodeFailed(value, coder.plan.name, null, error);
}
