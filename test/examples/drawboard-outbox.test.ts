/** What waits for a player of the drawboard, with sends that settle when the test says so. */
import { describe, expect, it } from '@jest/globals';
import { CloseReason } from 'margay';
import { Outbox } from '../../examples/drawboard/outbox.js';
import { gate } from '../support/eventually.js';

const BYE = new CloseReason(CloseReason.CloseCodes.NORMAL_CLOSURE, 'bye');
const turn = () => new Promise(setImmediate);

/** An outbox, what has left it, and the sends that have not settled; a close is in its place among what was sent. */
function outbox() {
  const left: string[] = [];
  const sends: ReturnType<typeof gate>[] = [];
  const box = new Outbox({
    send(message) {
      const next = gate();
      left.push(typeof message === 'string' ? message : `${message.length} bytes`);
      sends.push(next);
      return next.promise;
    },
    close: (reason) => void left.push(`close ${reason}`),
  });
  const settle = async () => {
    sends.shift()?.open(undefined);
    await turn();
  };
  const fail = async () => {
    sends.shift()?.fail(new Error('gone'));
    await turn();
  };
  return { box, left, settle, fail };
}

describe('the outbox of a drawboard player', () => {
  it('[EX-D2] sends one message at a time, and joins the texts that wait meanwhile', async () => {
    const { box, left, settle } = outbox();
    for (const text of ['21', '3+', '10,1', '3-']) box.add(text);
    expect(left).toEqual(['21']);
    await settle();
    expect(left).toEqual(['21', '3+;10,1;3-']);
    box.add('3+');
    expect(left).toHaveLength(2);
    await settle();
    expect(left.at(-1)).toBe('3+');
    await settle();
    box.add('3-');
    expect(left.at(-1)).toBe('3-');
  });

  it('[EX-D2] joins no text with one on the other side of a picture', async () => {
    const { box, left, settle } = outbox();
    for (const message of ['21', '3+', '3-', Promise.resolve(Buffer.alloc(9)), '1a', '1b']) box.add(message);
    for (let i = 0; i < 3; i++) await settle();
    expect(left).toEqual(['21', '3+;3-', '9 bytes', '1a;1b']);
  });

  it('[EX-D3] keeps what comes after a picture until that is made', async () => {
    const { box, left, settle } = outbox();
    const png = gate<Buffer>();
    box.add('21');
    box.add(png.promise);
    box.add('3+');
    await settle();
    box.add('3-');
    expect(left).toEqual(['21']);
    png.open(Buffer.alloc(7));
    await turn();
    await settle();
    expect(left).toEqual(['21', '7 bytes', '3+;3-']);
  });

  it('[EX-D6] closes for the message that finds a thousand waiting, and says nothing more', async () => {
    const { box, left, settle } = outbox();
    box.add('first');
    for (let i = 0; i < 1000; i++) box.add('3+');
    expect(left).toEqual(['first']);
    box.add('3-');
    expect(left).toEqual(['first', 'close CloseReason[1008,Send Buffer exceeded]']);
    for (const text of ['more', 'and more']) box.add(text);
    box.close(BYE);
    await settle();
    expect(left).toHaveLength(2);
  });

  it('[EX-D6] closes for the message that finds a million bytes waiting, of which a character has two', async () => {
    const { box, left, settle } = outbox();
    box.add('first');
    box.add('x'.repeat(499_999));
    box.add('五');
    expect(left).toEqual(['first']);
    await settle(); // what is being sent no longer waits
    for (let i = 0; i < 5; i++) box.add('x'.repeat(100_000));
    expect(left).toHaveLength(2);
    box.add('');
    expect(left[2]).toBe('close CloseReason[1008,Send Buffer exceeded]');
  });

  it('[EX-D6] counts no picture: whoever comes gets one, however large', async () => {
    const { box, left, settle } = outbox();
    box.add('21');
    box.add(Promise.resolve(Buffer.alloc(1_600_000)));
    box.add('3+');
    await settle();
    await settle();
    expect(left).toEqual(['21', '1600000 bytes', '3+']);
  });

  it('[EX-D6] says goodbye behind what waits, and takes nothing after it', async () => {
    const { box, left, settle } = outbox();
    for (const text of ['0full', '3+', '3-']) box.add(text);
    box.close(BYE);
    box.add('late');
    box.close(BYE);
    expect(left).toEqual(['0full']);
    await settle();
    expect(left).toEqual(['0full', '3+;3-']);
    await settle();
    expect(left).toEqual(['0full', '3+;3-', 'close CloseReason[1000,bye]']);
  });

  it('says goodbye at once when nothing waits', () => {
    const { box, left } = outbox();
    box.close(BYE);
    expect(left).toEqual(['close CloseReason[1000,bye]']);
  });

  it('gives up, without an error, when the player has gone', async () => {
    const { box, left, fail } = outbox();
    for (const text of ['21', '3+']) box.add(text);
    await fail();
    box.add('3-');
    expect(left).toEqual(['21', 'close undefined']);
  });
});
