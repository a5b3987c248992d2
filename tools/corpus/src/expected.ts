/** A failure that is known and accepted. */
export interface ExpectedFailure {
  readonly suite: string;
  /** Cells that tell the rows: every row of the suite whose cells are these is meant. */
  readonly cells: Readonly<Record<string, string>>;
  /** Why it fails and why that is right, or what it waits for. */
  readonly reason: string;
}

/** Failures that do not fail the run. One that no row needs any more does fail it. */
export const expectedFailures: readonly ExpectedFailure[] = [];
