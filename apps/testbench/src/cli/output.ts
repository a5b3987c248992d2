/** Where a command writes; the process's own streams, or a test's. */
export interface Output {
  out(text: string): void;
  err(text: string): void;
  /** Whether `err` is a terminal that a progress bar can live on. */
  readonly interactive: boolean;
}
