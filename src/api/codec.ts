/** Encoders and decoders: how objects become messages, and messages objects. */
import type { EndpointConfig } from './endpoint-config.js';
import { kindOf } from './kind.js';
import type { InputStream, OutputStream, Reader, Writer } from './streams.js';
import { type Bytes, type Handled, nameOf, type TypeOf, type TypeToken } from './tokens.js';

/** What a coder class codes, across two installed copies of margay; subclasses inherit it. [COD-4] */
export const CODER: unique symbol = Symbol.for('margay/coder') as never;

/** How a coder meets its message. */
export type CoderKind = 'text' | 'textStream' | 'binary' | 'binaryStream';

/** What stands under `CODER`. */
export interface CoderFact {
  readonly role: 'encoder' | 'decoder';
  readonly kind: CoderKind;
  readonly type: TypeToken;
}

/** What encoders and decoders share. One instance of each serves one connection. [COD-2] */
interface Coder {
  /** Called once, before the first use, with the connection's configuration. [COD-3] */
  init?(config: EndpointConfig): Handled<void>;
  /** Called once, when @OnClose has completed. What it throws is logged. */
  destroy?(): Handled<void>;
}

/** Turns objects of one type into messages. Extend `Encoder.Text(Type)` or one of its three siblings. [COD-1, D-19] */
export interface Encoder extends Coder {
  /** Never there: keeps decoders out, for the compiler. */
  readonly [CODER]?: 'encoder';
}

/** Turns messages into objects of one type. Extend `Decoder.Text(Type)` or one of its three siblings. [COD-1, D-19] */
export interface Decoder extends Coder {
  /** Never there: keeps encoders out, for the compiler. */
  readonly [CODER]?: 'decoder';
}

export declare namespace Encoder {
  interface Text<T = any> extends Encoder {
    encode(object: T): Handled<string>;
  }
  interface Binary<T = any> extends Encoder {
    encode(object: T): Handled<Bytes>;
  }
  /** Writes the message piece by piece; the writer is ended for it. */
  interface TextStream<T = any> extends Encoder {
    encode(object: T, writer: Writer): Handled<void>;
  }
  interface BinaryStream<T = any> extends Encoder {
    encode(object: T, stream: OutputStream): Handled<void>;
  }
}

export declare namespace Decoder {
  interface Text<T = any> extends Decoder {
    /** Whether this decoder takes the message; the next one is asked if not. [COD-7] */
    willDecode(data: string): boolean;
    decode(data: string): Handled<T | null>;
  }
  interface Binary<T = any> extends Decoder {
    willDecode(data: Buffer): boolean;
    decode(data: Buffer): Handled<T | null>;
  }
  /** Reads the message while it arrives; takes every one. */
  interface TextStream<T = any> extends Decoder {
    decode(reader: Reader): Handled<T | null>;
  }
  interface BinaryStream<T = any> extends Decoder {
    decode(stream: InputStream): Handled<T | null>;
  }
}

abstract class CoderBase implements Coder {
  init(_config: EndpointConfig): Handled<void> {}
  destroy(): Handled<void> {}
}

abstract class EncoderBase extends CoderBase {
  declare readonly [CODER]?: 'encoder';
}

abstract class DecoderBase extends CoderBase {
  declare readonly [CODER]?: 'decoder';
}

abstract class TextEncoderBase<T> extends EncoderBase implements Encoder.Text<T> {
  abstract encode(object: T): Handled<string>;
}

abstract class BinaryEncoderBase<T> extends EncoderBase implements Encoder.Binary<T> {
  abstract encode(object: T): Handled<Bytes>;
}

abstract class TextStreamEncoderBase<T> extends EncoderBase implements Encoder.TextStream<T> {
  abstract encode(object: T, writer: Writer): Handled<void>;
}

abstract class BinaryStreamEncoderBase<T> extends EncoderBase implements Encoder.BinaryStream<T> {
  abstract encode(object: T, stream: OutputStream): Handled<void>;
}

abstract class TextDecoderBase<T> extends DecoderBase implements Decoder.Text<T> {
  willDecode(_data: string): boolean {
    return true;
  }

  abstract decode(data: string): Handled<T | null>;
}

abstract class BinaryDecoderBase<T> extends DecoderBase implements Decoder.Binary<T> {
  willDecode(_data: Buffer): boolean {
    return true;
  }

  abstract decode(data: Buffer): Handled<T | null>;
}

abstract class TextStreamDecoderBase<T> extends DecoderBase implements Decoder.TextStream<T> {
  abstract decode(reader: Reader): Handled<T | null>;
}

abstract class BinaryStreamDecoderBase<T> extends DecoderBase implements Decoder.BinaryStream<T> {
  abstract decode(stream: InputStream): Handled<T | null>;
}

/** What a class of the user's extends: a fresh subclass that carries the fact, named as it is written. */
function carrying<B extends abstract new () => object>(base: B, fact: CoderFact): B {
  class Typed extends (base as unknown as new () => object) {}
  Object.defineProperty(Typed, CODER, { value: Object.freeze(fact) });
  Object.defineProperty(Typed, 'name', { value: baseNameOf(fact) });
  return Typed as unknown as B;
}

/** `Decoder.Text(Person)`; the type may be anything here, it is judged at deployment. */
export function baseNameOf({ role, kind, type }: CoderFact): string {
  const isNamed = typeof type === 'function' || kindOf(type) !== undefined;
  const capital = (word: string) => word.charAt(0).toUpperCase() + word.slice(1);
  return `${capital(role)}.${capital(kind)}(${isNamed ? nameOf(type) : type === null ? 'null' : typeof type})`;
}

/** Base classes: `class FigureEncoder extends Encoder.Text(Figure) { encode(figure) { … } }`. The type is matched by `instanceof`. */
export const Encoder = Object.freeze({
  Text: <C extends TypeToken>(type: C): (abstract new () => TextEncoderBase<TypeOf<C>>) =>
    carrying(TextEncoderBase<TypeOf<C>>, { role: 'encoder', kind: 'text', type }),
  TextStream: <C extends TypeToken>(type: C): (abstract new () => TextStreamEncoderBase<TypeOf<C>>) =>
    carrying(TextStreamEncoderBase<TypeOf<C>>, { role: 'encoder', kind: 'textStream', type }),
  Binary: <C extends TypeToken>(type: C): (abstract new () => BinaryEncoderBase<TypeOf<C>>) =>
    carrying(BinaryEncoderBase<TypeOf<C>>, { role: 'encoder', kind: 'binary', type }),
  BinaryStream: <C extends TypeToken>(type: C): (abstract new () => BinaryStreamEncoderBase<TypeOf<C>>) =>
    carrying(BinaryStreamEncoderBase<TypeOf<C>>, { role: 'encoder', kind: 'binaryStream', type }),
});

/** Base classes: `class FigureDecoder extends Decoder.Text(Figure) { decode(text) { … } }`. `willDecode` answers true unless overridden. */
export const Decoder = Object.freeze({
  Text: <C extends TypeToken>(type: C): (abstract new () => TextDecoderBase<TypeOf<C>>) =>
    carrying(TextDecoderBase<TypeOf<C>>, { role: 'decoder', kind: 'text', type }),
  TextStream: <C extends TypeToken>(type: C): (abstract new () => TextStreamDecoderBase<TypeOf<C>>) =>
    carrying(TextStreamDecoderBase<TypeOf<C>>, { role: 'decoder', kind: 'textStream', type }),
  Binary: <C extends TypeToken>(type: C): (abstract new () => BinaryDecoderBase<TypeOf<C>>) =>
    carrying(BinaryDecoderBase<TypeOf<C>>, { role: 'decoder', kind: 'binary', type }),
  BinaryStream: <C extends TypeToken>(type: C): (abstract new () => BinaryStreamDecoderBase<TypeOf<C>>) =>
    carrying(BinaryStreamDecoderBase<TypeOf<C>>, { role: 'decoder', kind: 'binaryStream', type }),
});

/** What a coder class says of itself; undefined for a class without one of the bases. */
export function coderFactOf(type: unknown): CoderFact | undefined {
  return typeof type === 'function' ? (type as { [CODER]?: CoderFact })[CODER] : undefined;
}
