/** What a page asks of the feed, and how that is read from JSON. */
import { Decoder } from 'margay';
import { fieldsOf, LONGEST_NAME, textOf, unknownKind } from '../fields.js';

export class Wish {}

/** `{"kind":"follow","author":"小红"}` */
export class Follow extends Wish {
  readonly author: string;

  constructor(author: string) {
    super();
    this.author = author;
  }
}

/** `{"kind":"unfollow","author":"小红"}` */
export class Unfollow extends Wish {
  readonly author: string;

  constructor(author: string) {
    super();
    this.author = author;
  }
}

/** `{"kind":"post","text":"你好","ref":"7f3a"}`: the reference comes back with the receipt, and is a post only once. */
export class Write extends Wish {
  readonly text: string;
  readonly ref: string;

  constructor(text: string, ref: string) {
    super();
    this.text = text;
    this.ref = ref;
  }
}

const LONGEST_TEXT = 280;
const LONGEST_REF = 40;

/** What it throws reaches @OnError as a DecodeException. */
export class WishDecoder extends Decoder.Text(Wish) {
  override decode(message: string): Wish {
    const fields = fieldsOf(message);
    if (fields['kind'] === 'follow') return new Follow(textOf(fields, 'author', LONGEST_NAME));
    if (fields['kind'] === 'unfollow') return new Unfollow(textOf(fields, 'author', LONGEST_NAME));
    if (fields['kind'] === 'post') return new Write(textOf(fields, 'text', LONGEST_TEXT), textOf(fields, 'ref', LONGEST_REF));
    return unknownKind(['follow', 'unfollow', 'post']);
  }
}
