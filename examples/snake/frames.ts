/** What the server says of the game, as Tomcat says it, down to the spaces. [EX-S3] */
import type { Snake } from './snake.js';

/** A way to write it: the game is the same, but Tomcat 7's had another spelling. */
export interface Frames {
  readonly dead: string;
  readonly kill: string;
  join(snakes: Iterable<Snake>): string;
  update(snakes: Iterable<Snake>): string;
  leave(id: number): string;
}

export const jsonFrames: Frames = {
  dead: '{"type": "dead"}',
  kill: '{"type": "kill"}',
  join: (snakes) => `{"type": "join","data":[${listed(snakes, ({ id, colour }) => `{"id": ${id}, "color": "${colour}"}`)}]}`,
  update: (snakes) => `{"type": "update", "data" : [${listed(snakes, ({ id, body }) => `{"id":${id},"body":[${places(body)}]}`)}]}`,
  leave: (id) => `{"type": "leave", "id": ${id}}`,
};

export function listed<T>(items: Iterable<T>, write: (item: T) => string): string {
  return Array.from(items, write).join(',');
}

function places(body: Snake['body']): string {
  return listed(body, ({ x, y }) => `{"x": ${x}, "y": ${y}}`);
}
