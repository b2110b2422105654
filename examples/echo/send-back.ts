/** A part on its way back, in frames of the size that Tomcat's have. */
import type { Session } from 'margay';

/** Bytes. Parts are what Tomcat's buffer holds there; here they are what has come, which may be more. [EX-E1] */
const MOST = 8192;

/** The next part comes when this one has gone: the handler's promise is what slows a fast writer down. */
export async function sendBack(session: Session, part: string | Buffer, last: boolean): Promise<void> {
  const remote = session.getBasicRemote();
  let sent = 0;
  try {
    for (const piece of typeof part === 'string' ? textPieces(part) : binaryPieces(part)) {
      sent += piece.length;
      const ends = last && sent === part.length;
      await (typeof piece === 'string' ? remote.sendText(piece, ends) : remote.sendBinary(piece, ends));
    }
  } catch {
    await session.close(); // sends reject with IOException only: nothing more will get through
  }
}

const utf8 = new TextEncoder();
const room = new Uint8Array(MOST);

/** Never cuts a character in two; of nothing there is one piece, an empty one. */
function* textPieces(text: string): Generator<string> {
  let from = 0;
  do {
    const { read } = utf8.encodeInto(text.slice(from, from + MOST), room); // as much as fits
    yield text.slice(from, from + read);
    from += read;
  } while (from < text.length);
}

function* binaryPieces(bytes: Buffer): Generator<Buffer> {
  let from = 0;
  do {
    yield bytes.subarray(from, from + MOST);
    from += MOST;
  } while (from < bytes.length);
}
