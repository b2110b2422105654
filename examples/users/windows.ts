/** Which windows each user has open. A user is in here for as long as there is one, so it holds no more than what is connected. */
import type { Session } from 'margay';

export class Windows {
  private readonly of = new Map<string, Set<Session>>();

  add(uid: string, session: Session): void {
    const windows = this.of.get(uid);
    if (windows === undefined) this.of.set(uid, new Set([session]));
    else windows.add(session);
  }

  remove(uid: string, session: Session): void {
    const windows = this.of.get(uid);
    windows?.delete(session);
    if (windows?.size === 0) this.of.delete(uid);
  }

  /** The user's others. */
  besides(uid: string, session: Session): Session[] {
    return [...(this.of.get(uid) ?? [])].filter((each) => each !== session);
  }
}
