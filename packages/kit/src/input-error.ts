/** Where and why input from outside was refused. Offsets are bytes from the start of `source`. */
export interface InputErrorDetails {
  /** File name, or what the bytes are ("LARGE_CONFIG_SET payload"). */
  readonly source?: string | undefined;
  /** Byte offset of the first byte that is wrong. */
  readonly offset?: number | undefined;
  /** What the reader can do about it, as one sentence. */
  readonly remedy?: string | undefined;
}

/**
 * Input from outside (a file, a message, a command line) that cannot be used. Its message is one line that
 * names source, offset and remedy, fit to be shown as it is.
 */
export class InputError extends Error {
  override readonly name: string = "InputError";
  readonly source: string | undefined;
  readonly offset: number | undefined;
  readonly remedy: string | undefined;
  /** The bare reason, without source, offset and remedy. */
  readonly reason: string;

  constructor(reason: string, details: InputErrorDetails = {}) {
    const where = [
      details.source,
      details.offset === undefined
        ? undefined
        : `offset ${details.offset} (0x${details.offset.toString(16)})`,
    ].filter((part) => part !== undefined);
    const prefix = where.length > 0 ? `${where.join(", ")}: ` : "";
    const suffix = details.remedy === undefined ? "" : `. ${details.remedy}`;
    super(`${prefix}${reason}${suffix}`);
    this.reason = reason;
    this.source = details.source;
    this.offset = details.offset;
    this.remedy = details.remedy;
  }
}
