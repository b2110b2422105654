/** How long a session's sends may block, as the session itself says. [EXT-2] */
import { type Owning, ownTime } from './own-times.js';

const PROPERTY = 'org.apache.tomcat.websocket.BLOCKING_SEND_TIMEOUT';

/** ms; null: it says nothing. */
export const blockingTimeoutOf = ({ properties }: Owning): number | null => ownTime(properties, PROPERTY);
