/** How a payload of some type is read from messages: by itself, converted, as a stream, or by decoders. [ANN-9, COD-6, SES-23] */
import type { Decoder } from '../../api/codec.js';
import { DecodeException, wordsOf } from '../../api/exceptions.js';
import { kindOf } from '../../api/kind.js';
import { nameOf } from '../../api/tokens.js';
import type { MessageHandler, View } from '../../runtime/plan.js';
import { maker } from '../../runtime/streams.js';
import { isThenable, unheard } from '../../runtime/thenable.js';
import { type DecoderPlan, plainNameOf } from './codecs.js';
import { type Conversion, conversions, NOT_CONVERTIBLE } from './conversions.js';

/** One native type from which a payload can be read. */
export interface Reading {
  readonly native: 'text' | 'binary' | 'pong';
  readonly form: MessageHandler['form'];
  /** Turns the event into the payload, at once; null: the event is the payload. Throws DecodeException. */
  readonly convert: ((event: unknown) => unknown) | null;
  /** Asks this connection's decoders; a promise if they take longer. Throws or rejects with DecodeException. */
  readonly decode: ((view: View, event: unknown) => unknown) | null;
  /** maxMessageSize holds for it: not for what is read in parts or as a stream. [ANN-15] */
  readonly isSized: boolean;
}

/** What bytes come as: Buffers where there are any (node), plain bytes in a browser. */
export const RECEIVED: unknown = (globalThis as { Buffer?: typeof Buffer }).Buffer ?? Uint8Array;

const BYTES: readonly unknown[] = [RECEIVED, Uint8Array, ArrayBuffer];
const arrayBufferOf = (event: unknown) => {
  const { buffer, byteOffset, byteLength } = event as Buffer;
  return buffer.slice(byteOffset, byteOffset + byteLength);
};

/** What can be received in parts, and of which native type it is; null: it cannot. */
export function partOf(type: unknown): Reading | null {
  if (type === String) return { native: 'text', form: 'parts', convert: null, decode: null, isSized: false };
  if (!BYTES.includes(type)) return null;
  return { native: 'binary', form: 'parts', convert: type === ArrayBuffer ? arrayBufferOf : null, decode: null, isSized: false };
}

/**
 * Every way to read a whole payload of that type; empty: nothing yields it. `decodersOnly` for what is asked for as decoded.
 * A decoder of exactly that type comes before what is built in for streams and bytes. [SES-23]
 */
export function readingsOf(type: unknown, decoders: readonly DecoderPlan[], decodersOnly = false): readonly Reading[] {
  const kind = kindOf(type);
  const isStream = kind === 'Reader' || kind === 'InputStream';
  if (decodersOnly || isStream || BYTES.includes(type)) {
    const exact = decodersOnly ? decoders : decoders.filter((each) => each.type === type);
    const decoded = decodedReadings(type, exact);
    if (decoded.length > 0 || decodersOnly) return decoded;
  }
  const plain = plainNameOf(type);
  if (plain !== undefined) return [plainReading(plain)];
  if (isStream) return [{ native: kind === 'Reader' ? 'text' : 'binary', form: 'stream', convert: null, decode: null, isSized: false }];
  if (BYTES.includes(type)) return [whole('binary', type === ArrayBuffer ? arrayBufferOf : null)];
  if (kind === 'PongMessage') return [whole('pong', null)];
  return decodedReadings(type, decoders);
}

function whole(native: Reading['native'], convert: Reading['convert']): Reading {
  return { native, form: 'whole', convert, decode: null, isSized: true };
}

/** A whole text as a plain value; what does not fit is a DecodeException, and the message is dropped. [ANN-9, LIF-10] */
function plainReading(plain: string): Reading {
  if (plain === 'String') return whole('text', null);
  const token = plain === 'Number' ? 'Double' : plain === 'BigInt' ? 'Long' : plain; // as a payload [D-03]
  const convert = conversions.get(token) as Conversion;
  return whole('text', (event) => {
    const text = event as string;
    const value = convert(text);
    if (value !== NOT_CONVERTIBLE) return value;
    throw new DecodeException(text, `${JSON.stringify(text.slice(0, 40))} is no ${token}`, undefined, 'MARGAY_TEXT_VALUE');
  });
}

/** At most one way for text and one for binary; both, if there are decoders for both. [ANN-5] */
function decodedReadings(type: unknown, decoders: readonly DecoderPlan[]): readonly Reading[] {
  const fitting = decoders.filter((each) => yields(each, type));
  return (['text', 'binary'] as const).flatMap((native) => {
    const candidates = fitting.filter(({ kind }) => kind.startsWith(native));
    const [first] = candidates;
    if (first === undefined) return [];
    const form = first.kind.endsWith('Stream') ? ('stream' as const) : ('whole' as const);
    return [{ native, form, convert: null, decode: decoding(type, candidates, native, form), isSized: true }];
  });
}

/** A decoder of a superclass of that type: it may yield something else. [COD-6] */
export function broaderDecoder(type: unknown, decoders: readonly DecoderPlan[]): DecoderPlan | undefined {
  return decoders.find((each) => isSubclass(type, each.type));
}

/** Its type is the one wanted, or a subclass of it: what it yields is an instance of the type. [COD-6] */
function yields(decoder: DecoderPlan, type: unknown): boolean {
  return decoder.type === type || isSubclass(decoder.type, type);
}

function isSubclass(type: unknown, of: unknown): boolean {
  if (typeof type !== 'function' || typeof of !== 'function' || typeof of.prototype !== 'object') return false;
  return Object.prototype.isPrototypeOf.call(of.prototype, type.prototype);
}

/** The first that is willing decodes, and a stream decoder is: nothing behind it is reached. A promise if it takes longer. [COD-7] */
function decoding(type: unknown, candidates: readonly DecoderPlan[], native: 'text' | 'binary', form: 'whole' | 'stream') {
  // of a stream nothing is kept for the exception, but it tells which of the two it was [GEN-1]
  const dataOf = (event: unknown) => (form === 'whole' ? (event as string | Buffer) : native === 'text' ? '' : new Uint8Array());
  return ({ decoders }: View, event: unknown): unknown => {
    for (const plan of candidates) {
      const decoder = decoders[plan.index] as Decoder.Text & Decoder.TextStream;
      const failed = (cause: unknown) => decodeFailed(plan.name, dataOf(event), cause);
      try {
        if (plan.kind.endsWith('Stream')) {
          return decoded(decoder.decode((form === 'stream' ? event : streamOf(event as string | Buffer)) as string & never), failed);
        }
        if (isWilling(plan, decoder, event as string | Buffer)) return decoded(decoder.decode(event as string), failed);
      } catch (cause) {
        throw failed(cause);
      }
    }
    throw noWillingDecoder(
      nameOf(type),
      candidates.map(({ name }) => name),
      event as string | Buffer,
    );
  };
}

/** It answers at once: of a promise nobody would hear the rejection. [COD-1, LIF-11] */
function isWilling(plan: DecoderPlan, decoder: Decoder.Text, data: string | Buffer): boolean {
  const answer: unknown = decoder.willDecode(fresh(data) as string);
  if (!unheard(answer)) return Boolean(answer);
  throw new DecodeException(data, `${plan.name}.willDecode() returned a promise; it answers true or false at once`);
}

function decoded(value: unknown, failed: (cause: unknown) => DecodeException): unknown {
  if (!isThenable(value)) return value;
  return Promise.resolve(value).catch((cause: unknown) => {
    throw failed(cause);
  });
}

/** A whole message, for a decoder that wants a stream. */
function streamOf(data: string | Buffer): unknown {
  const incoming = maker('incoming')(typeof data === 'string' ? 'text' : 'binary', () => {});
  incoming.add(data, true);
  return incoming.stream;
}

/** A view of its own, so that looking consumes nothing. [COD-1] */
function fresh(data: string | Buffer): string | Buffer {
  return typeof data === 'string' ? data : data.subarray();
}

/** What a decoder threw; a DecodeException stays what it is. [COD-8] */
function decodeFailed(decoder: string, data: string | Uint8Array, cause: unknown): DecodeException {
  if (cause instanceof DecodeException) return cause;
  return new DecodeException(data, `${decoder} failed: ${wordsOf(cause)}`, cause);
}

function noWillingDecoder(type: string, asked: readonly string[], data: string | Buffer): DecodeException {
  const message = `no decoder took the message as ${type}; asked: ${asked.join(', ')}`;
  return new DecodeException(data, message, undefined, 'MARGAY_NO_WILLING_DECODER');
}
