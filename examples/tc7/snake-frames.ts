/** What Tomcat 7's snake says: the same as its successor, in a notation that no JSON parser takes. [EX-S3] */
import { type Frames, listed } from '../snake/frames.js';
import type { Snake } from '../snake/snake.js';

export const tomcat7Frames: Frames = {
  dead: "{'type': 'dead'}",
  kill: "{'type': 'kill'}",
  join: (snakes) => `{'type': 'join','data':[${listed(snakes, ({ id, colour }) => `{id: ${id}, color: '${colour}'}`)}]}`,
  update: (snakes) => `{'type': 'update', 'data' : [${listed(snakes, ({ id, body }) => `{'id':${id},'body':[${places(body)}]}`)}]}`,
  leave: (id) => `{'type': 'leave', 'id': ${id}}`,
};

function places(body: Snake['body']): string {
  return listed(body, ({ x, y }) => `{x: ${x}, y: ${y}}`);
}
