/** What a window of the map is told, and how that becomes JSON. */
import { Encoder } from 'margay';

export interface Place {
  readonly x: number;
  readonly y: number;
}

type Body =
  /** First of all: the size of the map, how far one sees, and where one stands. */
  | ({ readonly kind: 'hello'; uid: string; width: number; height: number; radius: number } & Place)
  /** Who has come near or moved there, who is near no longer, and where another window of one's own has gone. */
  | { readonly kind: 'around'; near: readonly (Place & { readonly uid: string })[]; gone: readonly string[]; you?: Place }
  /** What was asked cannot be. */
  | { readonly kind: 'complaint'; text: string };

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
