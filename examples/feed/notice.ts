/** What the feed tells a window, and how that becomes JSON. */
import { Encoder } from 'margay';
import type { Post } from './post.js';

/** Somebody to follow. */
export interface Author {
  readonly uid: string;
  readonly online: boolean;
  readonly followers: number;
  readonly hasPosted: boolean;
}

type Body =
  /** First of all: whom there is to follow, whom one follows, and what they and oneself have posted of late, the oldest first. */
  | { readonly kind: 'hello'; authors: readonly Author[]; follows: readonly string[]; posts: readonly Post[] }
  /** Somebody has come, gone, posted for the first time, or has other followers. */
  | ({ readonly kind: 'author' } & Author)
  /** To followers. */
  | ({ readonly kind: 'post' } & Post)
  /** To the author: the receipt, with the number of followers whose windows it went to. */
  | ({ readonly kind: 'posted'; reached: number } & Post)
  /** To all windows of the follower: the author's last posts, the oldest first. */
  | { readonly kind: 'followed'; author: string; posts: readonly Post[] }
  | { readonly kind: 'unfollowed'; author: string }
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
