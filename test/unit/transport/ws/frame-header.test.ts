import { expect, it } from '@jest/globals';
import { closing, frame } from '../../../support/frames.js';
import { give, reading } from '../../../support/reading.js';

const BOOLEANS = [true, false];
const SIZES = [
  { length: 0, headerSize: 2 },
  { length: 1, headerSize: 2 },
  { length: 2, headerSize: 2 },
  { length: 125, headerSize: 2 },
  { length: 3, headerSize: 4 },
  { length: 126, headerSize: 4 },
  { length: 3, headerSize: 10 },
] as const;

/** RFC 6455, 5.2 to 5.5, and RFC 7692, 6: whether such a frame may come. */
function isLegal(opcode: number, fin: boolean, rsv: number, size: (typeof SIZES)[number], inMessage: boolean, deflates: boolean): boolean {
  if (opcode > 10 || (opcode > 2 && opcode < 8)) return false;
  if (opcode >= 8) return rsv === 0 && fin && size.headerSize === 2 && !(opcode === 8 && size.length === 1);
  if (rsv !== 0 && !(rsv === 4 && deflates && opcode !== 0)) return false;
  return (opcode === 0) === inMessage;
}

it.each(
  BOOLEANS.flatMap((isServer) =>
    BOOLEANS.map((deflates) => [isServer ? 'client' : 'server', deflates ? 'with' : 'without', isServer, deflates] as const),
  ),
)(
  "[CLO-15, EXT-14] a %s's headers %s permessage-deflate: opcode × FIN × RSV × mask × length × inside a message or not",
  (_who, _how, isServer, deflates) => {
    const wrong: string[] = [];
    for (let bits = 0; bits < 2 ** 10; bits++) {
      const [opcode, rsv] = [bits & 15, (bits >> 4) & 7];
      const [fin, masked, inMessage] = [(bits & 128) !== 0, (bits & 256) !== 0, (bits & 512) !== 0];
      for (const size of SIZES) {
        const { reader, house } = reading({ isServer, deflate: deflates ? { noContextTakeover: true, windowBits: 15 } : null });
        const key = masked ? {} : { mask: null };
        const ours = isServer ? {} : { mask: null };
        if (inMessage) give(reader, frame({ opcode: 2, fin: false, payload: 'begin', ...ours }));
        give(reader, frame({ opcode, fin, rsv, ...size, ...key }).subarray(0, 2));
        const failed = house.events.some(([name, code]) => name === 'failed' && code === 1002);
        if (failed === (isLegal(opcode, fin, rsv, size, inMessage, deflates) && masked === isServer))
          wrong.push(
            `opcode ${opcode}, fin ${fin}, rsv ${rsv}, masked ${masked}, ${size.length} in ${size.headerSize}, inside ${inMessage}`,
          );
      }
    }
    expect(wrong).toEqual([]);
  },
);

it('[CLO-6, D-17] all 65536 codes a close frame can carry', () => {
  const [taken, odd]: [number[], unknown[]] = [[], []];
  for (let code = 0; code < 65536; code++) {
    const { reader, house } = reading();
    give(reader, frame({ opcode: 8, payload: closing(code) }));
    const [event] = house.events;
    if (event?.[0] === 'closing' && event[1] === code) taken.push(code);
    else if (event?.[0] !== 'failed' || event[1] !== 1002) odd.push([code, event]);
  }
  expect(odd).toEqual([]);
  const from = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, i) => first + i);
  expect(taken).toEqual([...from(1000, 1003), ...from(1007, 1014), ...from(3000, 4999)]);
});
