/**
 * Who is there, in no order. Coming and going costs a number in each member and no memory: the tables of a Set, which are made
 * anew as members come and go, keep those who have gone alive until node collects everything.
 */

export interface Member {
  /** Where the roll has it; -1: nowhere. One roll's own. */
  seat: number;
}

export class Roll<T extends Member> {
  readonly #members: T[] = [];

  get size(): number {
    return this.#members.length;
  }

  /** A copy: members come and go while somebody goes through it. */
  get all(): T[] {
    return this.#members.slice();
  }

  add(member: T): void {
    if (this.#members[member.seat] !== member) member.seat = this.#members.push(member) - 1;
  }

  /** The last takes its seat. False if it had none. */
  delete(member: T): boolean {
    const { seat } = member;
    if (this.#members[seat] !== member) return false;
    member.seat = -1;
    const last = this.#members.pop() as T;
    if (last === member) return true;
    this.#members[seat] = last;
    last.seat = seat;
    return true;
  }
}
