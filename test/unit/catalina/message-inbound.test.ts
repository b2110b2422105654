/** What a MessageInbound holds of a message that is still arriving. */
import { expect, it } from '@jest/globals';
import type { Reader } from 'margay';
import { MessageInbound } from 'margay/catalina';
import { held } from '../../support/memory.js';

const CHARS = 100_000;

/** May be given a message by hand. */
class Taker extends MessageInbound {
  readonly lengths: number[] = [];

  take(pieces: AsyncIterable<string>): Promise<void> {
    return this.onTextData(pieces as Reader);
  }

  protected override onTextMessage(message: string): void {
    this.lengths.push(message.length);
  }

  protected override onBinaryMessage(): void {}
}

it('[TC7-3, REL-8] text that comes a character at a time takes about what it takes in one', async () => {
  const before = await held();
  let meanwhile = 0;
  async function* trickle() {
    for (let i = 0; i < CHARS; i++) yield 'margay'.charAt(i % 6);
    meanwhile = await held();
    yield '.';
  }
  const taker = new Taker();
  await taker.take(trickle());
  expect(taker.lengths).toEqual([CHARS + 1]);
  expect(meanwhile - before).toBeLessThan(16 * CHARS); // a list of the characters would have 32 for each
}, 120_000);
