/** What makes the snakes move. */

/** Calls again and again; what it returns stops it. */
export type Ticker = (tick: () => void) => () => void;

/** At a fixed rate: a late tick does not delay the next. Ticks that a busy process has missed are not made up for. */
export function every(ms: number): Ticker {
  return (tick) => {
    let due = performance.now();
    let timer: NodeJS.Timeout;
    const wait = (): void => {
      const now = performance.now();
      due = Math.max(due + ms, now);
      timer = setTimeout(beat, due - now);
    };
    const beat = (): void => {
      wait();
      tick();
    };
    wait();
    return () => clearTimeout(timer);
  };
}
