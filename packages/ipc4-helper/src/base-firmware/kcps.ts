/** What the host has asked for of each core's clock (SOF's `kcps` budget), in thousands of cycles a second. */
export class KcpsBudget {
  private readonly cores: number[];

  constructor(coreCount: number) {
    this.cores = Array.from({ length: coreCount }, () => 0);
  }

  /** Adds to a core's budget, which never goes below 0 or over what a word holds. */
  add(core: number, kcps: number): void {
    const sum = (this.cores[core] ?? 0) + kcps;
    this.cores[core] = Math.min(Math.max(sum, 0), 0xffff_ffff);
  }

  get values(): readonly number[] {
    return this.cores;
  }
}
