import type { FatalInfo } from "@sof-ts/kernel";

/** The firmware halted on a fatal error; `cause` is the exception behind it, if there was one. */
export class FirmwareHalted extends Error {
  override readonly name = "FirmwareHalted";
  readonly fatal: FatalInfo;

  constructor(fatal: FatalInfo) {
    super(
      `the firmware halted: thread ${fatal.thread.name} on core ${fatal.cpu}: ${fatal.message}`,
      {
        cause: fatal.cause,
      },
    );
    this.fatal = fatal;
  }
}
