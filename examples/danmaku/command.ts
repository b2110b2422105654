/** What somebody in a room asks for: `{"type":"comment","text":"…"}` and the like. */
import { DecodeException, Decoder } from 'margay';

/** Of a comment, in characters as people count them, or nearly. */
const LONGEST = 100;

const TYPES = ['comment', 'got', 'take', 'leave'] as const;

export class Command {
  readonly type: (typeof TYPES)[number];
  /** Of a comment: one line, not empty. */
  readonly text: string;
  /** The number of the picture that has been shown. */
  readonly frame: number;

  constructor(type: (typeof TYPES)[number], text: string, frame: number) {
    this.type = type;
    this.text = text;
    this.frame = frame;
  }
}

/** What it throws is what the sender reads. */
export class CommandDecoder extends Decoder.Text(Command) {
  override decode(message: string): Command {
    const { type, text = '', frame = 0 } = objectOf(message);
    const known = TYPES.find((each) => each === type);
    const no = (words: string) => new DecodeException(message, words);
    if (known === undefined) throw no(`A command has a type: ${TYPES.join(', ')}.`);
    if (typeof text !== 'string' || typeof frame !== 'number') throw no('The text is a string, and the frame a number.');
    const line = text.replace(/\s+/g, ' ').trim();
    if (known === 'comment' && line === '') throw no('There is nothing in this comment.');
    if ([...line].length > LONGEST) throw no(`A comment has at most ${LONGEST} characters.`);
    return new Command(known, line, frame);
  }
}

function objectOf(message: string): { readonly type?: unknown; readonly text?: unknown; readonly frame?: unknown } {
  try {
    return Object(JSON.parse(message));
  } catch {
    throw new DecodeException(message, 'A command is JSON.');
  }
}
