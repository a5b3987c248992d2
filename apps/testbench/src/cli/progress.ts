import { Presets, SingleBar } from "cli-progress";
import type { OnProgress } from "../run/session.js";
import type { Output } from "./output.js";

/** Wall-clock time after which a run is worth a bar. */
const SHOW_AFTER_MS = 1000;

/** A progress bar on the error stream: only on a terminal, and only for work that takes over a second. */
export class Progress {
  private readonly bar: SingleBar | null;
  private readonly began = performance.now();
  private shown = false;

  constructor(output: Output, label: string) {
    this.bar = output.interactive
      ? new SingleBar(
          {
            format: `${label} [{bar}] {percentage} % | {eta_formatted} left`,
            hideCursor: false,
            stream: process.stderr,
          },
          Presets.shades_classic,
        )
      : null;
  }

  update(done: number): void {
    if (this.bar === null) return;
    if (!this.shown && performance.now() - this.began > SHOW_AFTER_MS) {
      this.shown = true;
      this.bar.start(1000, 0);
    }
    if (this.shown) this.bar.update(Math.min(1000, Math.round(done * 1000)));
  }

  end(): void {
    if (this.shown) this.bar?.stop();
  }

  /** Runs work that has this bar; it ends with the work, also when that fails. */
  during<T>(work: (onProgress: OnProgress) => T): T {
    try {
      return work((done) => this.update(done));
    } finally {
      this.end();
    }
  }
}
