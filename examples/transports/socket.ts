/** WebSocket: one connection, and a frame for each message. */
import { CloseReason, OnClose, OnError, OnOpen, ServerEndpoint, Session } from 'margay';
import { report } from '../errors.js';
import type { Message } from './source.js';
import { Trial } from './trial.js';
import { SOCKET_PATH, WithUpgrade } from './upgrade.js';

@ServerEndpoint({
  value: SOCKET_PATH,
  configurator: WithUpgrade,
  // Whoever takes nothing is let go, and comes back with the id of the last message that it has.
  slowPeer: { mark: 65_536, patience: 5000, cap: 1_048_576, policy: 'close' },
})
export class MessageSocket {
  #silence: () => void = () => {};

  @OnOpen
  open(session: Session): void {
    const asked = (name: string): string | undefined => session.getRequestParameterMap().get(name)?.[0];
    const trial = Trial.of(asked('trial'));
    if (trial === null) return void session.close(new CloseReason(CloseReason.CloseCodes.CANNOT_ACCEPT, 'that trial is over'));
    const after = asked('after') ?? '';
    const remote = session.getAsyncRemote();
    const give = ({ json }: Message): void => {
      trial.meters.websocket.gave(1);
      void remote.sendText(json);
    };
    if (/^\d{1,15}$/.test(after)) for (const message of trial.source.after(Number(after))) give(message);
    this.#silence = trial.source.listen(give);
  }

  @OnClose
  close(): void {
    this.#silence();
  }

  @OnError
  failed(error: Error): void {
    report('MessageSocket', error);
  }
}
