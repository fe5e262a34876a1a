import type { Terminal } from './terminal.js';

const redrawMs = 100;
/** Where `err` is no terminal: the first line after a second, later ones so far apart. */
const firstLineMs = 1_000;
const nextLineMs = 10_000;

/**
 * One line on a terminal that is drawn over. Where `err` is not a terminal: nothing, or with `lines` a line of its own after a
 * second and then every ten, so that a command that is quiet otherwise is seen to work.
 */
export class ProgressBar {
  readonly #terminal: Terminal;
  readonly #label: string;
  readonly #clock: () => number;
  readonly #started: number;
  #drawnAt = -Infinity;

  constructor(terminal: Terminal, label: string, clock: () => number, private readonly options: { readonly lines?: boolean } = {}) {
    this.#terminal = terminal;
    this.#label = label;
    this.#clock = clock;
    this.#started = clock();
  }

  /** @param share of the work done, 0 to 1; undefined when it is not known. */
  show(share: number | undefined, events: number): void {
    const now = this.#clock();
    if (!this.#terminal.isInteractive) {
      if (this.options.lines === true) this.#line(now, share, events);
      return;
    }
    if (now - this.#drawnAt < redrawMs) return;
    this.#drawnAt = now;
    this.#terminal.err(`\r${progressLine(this.#label, share, events, (now - this.#started) / 1000).slice(0, this.#terminal.columns - 1)}\u001b[K`);
  }

  #line(now: number, share: number | undefined, events: number): void {
    if (now < Math.max(this.#started + firstLineMs, this.#drawnAt + nextLineMs)) return;
    this.#drawnAt = now;
    this.#terminal.err(`${progressLine(this.#label, share, events, (now - this.#started) / 1000)}\n`);
  }

  /** Takes the line away. */
  end(): void {
    if (this.#terminal.isInteractive && this.#drawnAt > -Infinity) this.#terminal.err('\r\u001b[K');
  }
}

/** `backtest [#####.....]  50 %  1,234,000 events  98,000/s  5 s left` */
export function progressLine(label: string, share: number | undefined, events: number, seconds: number): string {
  const perSecond = seconds > 0 ? Math.round(events / seconds) : 0;
  const tail = `${events.toLocaleString('en-GB')} events  ${perSecond.toLocaleString('en-GB')}/s`;
  if (share === undefined) return `${label}  ${tail}`;
  const done = Math.min(1, Math.max(0, share));
  const filled = Math.round(done * 20);
  const left = done > 0.02 ? `  ${Math.ceil(seconds / done - seconds)} s left` : '';
  return `${label} [${'#'.repeat(filled)}${'.'.repeat(20 - filled)}] ${String(Math.floor(done * 100)).padStart(3)} %  ${tail}${left}`;
}
