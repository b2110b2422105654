/** Frames that are wrong, spoilt, or too large. [REL-1, REL-8, REL-9] */
import { type Attack, expectOne, type Field } from '../attack.js';
import { binary, close, frame, more, ping, squeezed, text, times } from '../frames.js';
import { pick, type Random } from '../random.js';
import { DEFLATE, RawClient } from '../raw-client.js';

const MiB = 2 ** 20;

/** Bytes, and the codes they deserve. */
const WRONG: readonly (readonly [what: string, bytes: Buffer, ...codes: number[]])[] = [
  ['RSV2', text('x', { rsv: 2 }), 1002],
  ['RSV1 without an agreement', text('x', { rsv: 4 }), 1002],
  ['opcode 3', frame(3), 1002],
  ['opcode 15', frame(15), 1002],
  ['no mask', text('x', { masked: false }), 1002],
  ['a continuation of nothing', more('x'), 1002],
  ['a text inside a text', Buffer.concat([text('x', { fin: false }), text('y')]), 1002],
  ['a ping in two', frame(9, 'x', { fin: false }), 1002],
  ['a ping of 126 bytes', frame(9, 'x'.repeat(126)), 1002],
  ['a length of 2^63', binary(Buffer.alloc(0), { claims: 2n ** 63n }), 1002, 1009],
  ['a length of 2^62', binary(Buffer.alloc(0), { claims: 2n ** 62n }), 1009],
  ['1 MiB and a byte, announced', text('', { claims: BigInt(MiB + 1) }), 1009],
  ['no UTF-8', text(Buffer.from([0xc0, 0xaf])), 1007],
  ['a close of one byte', frame(8, 'x'), 1002],
  ['a close with 1006', close(1006), 1002],
];
const FRAGMENTS = Buffer.concat([text('', { fin: false }), times(17, more('x'.repeat(65_536), { fin: false }))]);

async function wrong({ ports, random }: Field): Promise<string> {
  const [what, bytes, ...codes] = pick(WRONG, random);
  const client = await RawClient.open({ port: ports.examples, path: '/echo' });
  client.send(bytes, text('behind it'));
  const code = await client.closing();
  if (code === null || !codes.includes(code)) throw new Error(`${what}: ${code} instead of ${codes.join(' or ')}`);
  await client.over();
  return String(code);
}

async function tooManyFragments({ ports }: Field): Promise<string> {
  const client = await RawClient.open({ port: ports.examples, path: '/echo' });
  client.send(FRAGMENTS);
  const code = expectOne(await client.closing(), 1009);
  await client.over();
  return String(code);
}

/** Several changes, each a byte, a hole, or something foreign. */
function spoilt(bytes: Buffer, random: Random): Buffer {
  let result = Buffer.from(bytes);
  for (let left = 1 + random(3); left > 0; left--) {
    const at = random(result.length);
    const [before, behind] = [result.subarray(0, at), result.subarray(at + random(12))];
    result = Buffer.concat([before, Buffer.from(Array.from({ length: random(6) }, () => random(256))), behind]);
    if (result.length === 0) return result;
  }
  return result;
}

const STREAM = Buffer.concat([
  text('hello'),
  binary(Buffer.alloc(200, 7), { fin: false }),
  ping('p'),
  more(Buffer.alloc(130, 8)),
  text(squeezed(Buffer.from('hello '.repeat(100))), { rsv: 4 }),
  close(1000),
]);

/** Nobody can say what it deserves, only that it is over soon after its end. */
async function spoiltStream({ ports, random }: Field): Promise<string> {
  const path = pick(['/echo', '/examples/websocket/echoAnnotation'], random);
  const client = await RawClient.open({ port: ports.examples, path, lines: DEFLATE });
  client.send(spoilt(STREAM, random));
  client.socket.end();
  await client.until(() => client.isGone, 'the end of TCP', 15_000);
  return client.closeCode === null ? 'ended' : String(client.closeCode);
}

async function noise({ ports, random }: Field): Promise<string> {
  const client = await RawClient.open({ port: ports.arena, path: '/watched' });
  client.send(Buffer.from(Array.from({ length: 500 }, () => random(256))));
  client.socket.end();
  await client.until(() => client.isGone, 'the end of TCP', 15_000);
  return client.closeCode === null ? 'ended' : String(client.closeCode);
}

const BOMB = squeezed(Buffer.alloc(64 * MiB));

async function bomb({ ports, random }: Field): Promise<string> {
  const client = await RawClient.open({ port: ports.examples, path: '/echo', lines: DEFLATE });
  if (random(2) === 0) {
    client.send(binary(BOMB, { rsv: 4 }));
  } else {
    client.send(binary(BOMB.subarray(0, 100), { rsv: 4, fin: false }));
    for (let at = 100; at < 20_000; at += 100) client.send(more(BOMB.subarray(at, at + 100), { fin: false }));
  }
  const code = expectOne(await client.closing(), 1009);
  client.reset();
  return String(code);
}

async function notDeflated({ ports }: Field): Promise<string> {
  const client = await RawClient.open({ port: ports.examples, path: '/echo', lines: DEFLATE });
  client.send(text(Buffer.from([0xff, 0xff, 0x12, 0x34, 0x56]), { rsv: 4 }));
  const code = expectOne(await client.closing(), 1002);
  await client.over();
  return String(code);
}

export const FRAMES: readonly Attack[] = [
  { name: 'wrong frames', pause: 50, act: wrong },
  { name: 'too large in fragments', pause: 1000, act: tooManyFragments },
  { name: 'spoilt streams', pause: 30, act: spoiltStream },
  { name: 'noise', pause: 200, act: noise },
  { name: 'deflate bombs', pause: 1000, act: bomb },
  { name: 'what is not deflated', pause: 500, act: notDeflated },
];
