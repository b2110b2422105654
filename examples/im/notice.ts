/** What the messenger tells a window, and how that becomes JSON. */
import { Encoder } from 'margay';
import type { Message } from './message.js';

export interface Contact {
  readonly uid: string;
  readonly online: boolean;
}

type Body =
  /** First of all. `unread` are ids; the messages up to `newest` come next; `lost` is how many this window will never see. */
  | { readonly kind: 'hello'; people: readonly Contact[]; unread: readonly number[]; newest: number; lost: number }
  | ({ readonly kind: 'message' } & Message)
  | ({ readonly kind: 'presence' } & Contact)
  /** In one of the windows of this person: what `with` has written, up to that message. */
  | { readonly kind: 'read'; with: string; upTo: number }
  /** What was asked cannot be; `ref` is that of a message that was refused. */
  | { readonly kind: 'complaint'; text: string; ref?: string };

export class Notice {
  readonly body: Body;

  constructor(body: Body) {
    this.body = body;
  }
}

export class NoticeEncoder extends Encoder.Text(Notice) {
  override encode({ body }: Notice): string {
    return JSON.stringify(body);
  }
}
