/** The load, in a process of its own: raw sockets and frames encoded beforehand, so that it costs less than any server it is held against. */
import { echo } from './loads/echo.js';
import { fanOut } from './loads/fan-out.js';
import { room } from './loads/room.js';

/** One run; times are ms, sizes bytes. */
export type Load =
  | {
      readonly kind: 'echo';
      readonly port: number;
      readonly ms: number;
      readonly connections: number;
      readonly depth: number;
      readonly size: number;
    }
  | { readonly kind: 'fan-out'; readonly port: number; readonly ms: number; readonly receivers: number; readonly depth: number }
  | { readonly kind: 'room'; readonly port: number; readonly ms: number; readonly members: number; readonly senders: number };

process.on('message', (load: Load) => {
  run(load).then(
    (rate) => process.send?.(rate),
    (error) => {
      console.error(error);
      process.exit(1);
    },
  );
});
process.on('disconnect', () => process.exit());

/** Messages a second that came where they should. */
function run(load: Load): Promise<number> {
  if (load.kind === 'echo') return echo(load);
  return load.kind === 'fan-out' ? fanOut(load) : room(load);
}
