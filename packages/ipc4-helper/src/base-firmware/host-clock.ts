/** The host's time, from the moment at which it told it. */
export class HostClock {
  private readonly nowUs: () => number;
  /** Microseconds since 1601-01-01 UTC at virtual time 0. */
  private epochUs: bigint | null = null;

  /** @param nowUs virtual time since boot */
  constructor(nowUs: () => number) {
    this.nowUs = nowUs;
  }

  /** Whether the host has told the time. */
  get isSet(): boolean {
    return this.epochUs !== null;
  }

  set(timeUs: bigint): void {
    this.epochUs = timeUs - BigInt(this.nowUs());
  }

  /** Microseconds since 1601-01-01 UTC, since boot while the host has not told; wraps at 64 bits. */
  get timeUs(): bigint {
    return BigInt.asUintN(64, (this.epochUs ?? 0n) + BigInt(this.nowUs()));
  }
}
