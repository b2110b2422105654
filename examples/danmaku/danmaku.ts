/** A room with a stage: one person shows pictures, the others watch, and what they say flies over the picture. */
import { CloseReason, DecodeException, OnClose, OnError, OnMessage, OnOpen, PathParam, ServerEndpoint, Session } from 'margay';
import { report } from '../errors.js';
import { Command, CommandDecoder } from './command.js';
import { Room } from './room.js';
import { Viewer } from './viewer.js';

/** Of a picture, in bytes; a larger one ends the connection with 1009. */
export const LARGEST_PICTURE = 262_144;

const LARGEST_COMMAND = 2000; // bytes
const FULL = new CloseReason(CloseReason.CloseCodes.TRY_AGAIN_LATER, 'this room is full');

@ServerEndpoint({
  value: '/{room}/{name}',
  decoders: [CommandDecoder],
  // Of pictures one waits at most, so this bounds the comments: who reads none of them is let go. [REL-10]
  slowPeer: { mark: 524_288, cap: 1_048_576, policy: 'close' },
  // A stage is not kept long for somebody who has vanished.
  heartbeat: { interval: 10_000, missed: 1 },
})
export class Danmaku {
  #room!: Room;
  #viewer!: Viewer;

  @OnOpen
  async open(session: Session, @PathParam('room') room: string, @PathParam('name') name: string): Promise<void> {
    this.#room = Room.of(room);
    this.#viewer = new Viewer(name, session);
    if (!this.#room.enter(this.#viewer)) await session.close(FULL);
  }

  /** Waits for nobody who watches: whoever shows does so at a pace of their own. */
  @OnMessage({ maxMessageSize: LARGEST_PICTURE })
  picture(bytes: Buffer): string | undefined {
    if (this.#room.show(this.#viewer, bytes)) return undefined;
    return no('A picture has to come from the stage.');
  }

  /** What is returned is for whoever asked. */
  @OnMessage({ maxMessageSize: LARGEST_COMMAND })
  command({ type, text, frame }: Command): string | undefined {
    const [room, viewer] = [this.#room, this.#viewer];
    if (type === 'got') viewer.got(frame);
    else if (type === 'leave') room.clearStage(viewer);
    else if (type === 'take' && !room.takeStage(viewer)) return no(`${room.onStage?.name} is on stage. Wait until it is free.`);
    else if (type === 'comment' && !room.say(viewer, text)) return no('Slowly: five comments at once, then one a second.', text);
    return undefined;
  }

  @OnClose
  close(): void {
    this.#room.leave(this.#viewer);
  }

  @OnError
  failed(error: Error, session: Session): Promise<void> | undefined {
    if (error instanceof DecodeException) return session.getBasicRemote().sendText(no(error.message));
    report('Danmaku', error);
    return undefined;
  }
}

/** A refusal, with the text that was refused, so that nobody has to type it again. */
function no(words: string, text?: string): string {
  return JSON.stringify({ type: 'no', words, text });
}
