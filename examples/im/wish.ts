/** What a page asks of the messenger, and how that is read from JSON. */
import { Decoder } from 'margay';
import { fieldsOf, LONGEST_NAME, numberOf, textOf, unknownKind } from '../fields.js';

export class Wish {}

/** `{"kind":"say","to":"小红","text":"你好","ref":"7f3a"}`: the reference comes back with the message, and is a message only once. */
export class Say extends Wish {
  readonly to: string;
  readonly text: string;
  readonly ref: string;

  constructor(to: string, text: string, ref: string) {
    super();
    this.to = to;
    this.text = text;
    this.ref = ref;
  }
}

/** `{"kind":"read","with":"小红","upTo":17}`: what she has written, up to that message. */
export class Read extends Wish {
  readonly from: string;
  readonly upTo: number;

  constructor(from: string, upTo: number) {
    super();
    this.from = from;
    this.upTo = upTo;
  }
}

export const LONGEST_TEXT = 2000;
const LONGEST_REF = 40;

/** What it throws reaches @OnError as a DecodeException. */
export class WishDecoder extends Decoder.Text(Wish) {
  override decode(message: string): Wish {
    const fields = fieldsOf(message);
    if (fields['kind'] === 'say') {
      return new Say(textOf(fields, 'to', LONGEST_NAME), textOf(fields, 'text', LONGEST_TEXT), textOf(fields, 'ref', LONGEST_REF));
    }
    if (fields['kind'] === 'read')
      return new Read(textOf(fields, 'with', LONGEST_NAME), numberOf(fields, 'upTo', 0, Number.MAX_SAFE_INTEGER));
    return unknownKind(['say', 'read']);
  }
}
