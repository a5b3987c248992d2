import type { AudioModule } from "@sof-ts/module-api";

/** A module that keeps what it heard and can hand it out later: what a detector asks when it detects. */
export interface HistoryProvider {
  /**
   * Lets the host have the last `milliseconds` and everything after them.
   *
   * Calling context: `process` of a module on the same core. Does not block.
   *
   * @returns 0, or a negative errno when there is not so much, nobody to take it, or it goes on already
   */
  drainHistory(milliseconds: number): number;
}

/** @returns the module as a {@link HistoryProvider}, or null when it is none or out of reach */
export function historyProvider(module: AudioModule | null): HistoryProvider | null {
  if (module === null) return null;
  const candidate = module as AudioModule & Partial<HistoryProvider>;
  return typeof candidate.drainHistory === "function" ? (candidate as HistoryProvider) : null;
}
