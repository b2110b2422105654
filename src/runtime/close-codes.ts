/** Which close codes go on the wire, and what stands for the rest. */
import { CloseReason } from '../api/close-reason.js';
import { unsendableCode } from './failures.js';
import { type Owning, ownTime } from './own-times.js';
import { phraseOf } from './phrase.js';

/** A reason made here, its phrase cut to what fits. */
export const reasonOf = (code: number, phrase: string) => new CloseReason(CloseReason.CloseCodes.getCloseCode(code), phraseOf(phrase));

/**
 * The code that is sent for one the application asked for; undefined: an empty frame.
 * @throws IllegalArgumentException `MARGAY_CLOSE_CODE` for what may not be sent and has no stand-in [D-13, CLO-3]
 */
export function wireCodeOf(code: number): number | undefined {
  if (code === 1005) return undefined;
  if (code === 1006) return 1002;
  const isSendable = (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
  if (!isSendable || !Number.isInteger(code)) throw unsendableCode(code);
  return code;
}

const CLOSE_TIMEOUT = 'org.apache.tomcat.websocket.SESSION_CLOSE_TIMEOUT';
const ABNORMAL_TIMEOUT = 'org.apache.tomcat.websocket.ABNORMAL_SESSION_CLOSE_SEND_TIMEOUT';

/** ms; the session's own property wins, 0 or less is ignored. [EXT-3] */
export const closeTimeoutOf = ({ properties }: Owning, otherwise: number) => property(properties, CLOSE_TIMEOUT, otherwise);

/** ms; the session's own property wins, 0 or less is ignored. [EXT-4] */
export const abnormalTimeoutOf = ({ properties }: Owning, otherwise: number) => property(properties, ABNORMAL_TIMEOUT, otherwise);

function property(properties: ReadonlyMap<string, unknown>, name: string, otherwise: number): number {
  const ms = ownTime(properties, name) ?? 0;
  return ms > 0 ? ms : otherwise;
}
