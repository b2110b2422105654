/** What all visitors share: the source's rate and text, figures once a second, and the one sweep that there may be. */
import type { SweepOrder } from './order.js';
import { Sweep } from './sweep.js';
import { forEachTransport } from './transport.js';
import { live, totals } from './trial.js';
import { Visitor } from './visitor.js';

/** ms. */
const FIGURES_EVERY = 1000;

let visitors = 0;
let timer: NodeJS.Timeout | undefined;
let sweep: Sweep | null = null;

/** Tells a newcomer how things stand. */
export function enter(visitor: Visitor): void {
  visitors++;
  timer ??= setInterval(tellFigures, FIGURES_EVERY).unref();
  visitor.tell(JSON.stringify({ type: 'hello', page: visitor.key }));
  visitor.tell(source());
  if (sweep !== null) visitor.tell(state(sweep));
}

/** With the last one the sweep ends, and the figures rest. */
export function leave(visitor: Visitor): void {
  visitor.leave();
  if (--visitors > 0) return;
  clearInterval(timer);
  timer = undefined;
  sweep?.cancel();
}

export function changeSource({ perSecond, text }: { readonly perSecond?: number; readonly text?: string }): void {
  if (perSecond !== undefined) live.source.perSecond = perSecond;
  if (text !== undefined) live.source.text = text;
  tellAll(source());
}

/** False: there is one already. */
export function startSweep(visitor: Visitor, order: SweepOrder, base: string): boolean {
  if (sweep?.isRunning) return false;
  const mine = new Sweep(order, {
    base,
    text: live.source.text,
    lines: (transport) => visitor.linesOf(transport),
    changed: () => tellAll(state(mine)),
  });
  sweep = mine;
  void mine.run();
  return true;
}

export function cancelSweep(): void {
  sweep?.cancel();
}

const source = (): string => JSON.stringify({ type: 'source', perSecond: live.source.perSecond, text: live.source.text });
const state = (of: Sweep): string => JSON.stringify({ type: 'sweep', ...of.state });

function tellAll(json: string): void {
  for (const visitor of Visitor.all()) visitor.tell(json);
}

function tellFigures(): void {
  const load = sweep?.isRunning ? { transport: sweep.state.transport, clients: sweep.state.clients, delay: sweep.recentDelay } : null;
  tellAll(
    JSON.stringify({ type: 'figures', pages: visitors, load, transports: forEachTransport((transport) => totals[transport].read()) }),
  );
  for (const visitor of Visitor.all()) {
    for (const wire of visitor.takeNews()) visitor.tell(JSON.stringify({ type: 'wire', ...wire }));
  }
}
