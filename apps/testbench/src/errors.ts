/** A fault of the firmware: it halted, or did not answer. */
export class FirmwareFault extends Error {
  override readonly name = "FirmwareFault";
}

/** Something that was checked does not hold. */
export class CheckFailed extends Error {
  override readonly name = "CheckFailed";
}

/** The command line is wrong in a way that the argument parser cannot see. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** A stream that stopped making progress. */
export class StreamStalled extends Error {
  override readonly name = "StreamStalled";
}
