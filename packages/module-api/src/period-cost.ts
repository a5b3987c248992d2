/**
 * What a module's last `process` cost. A record of its own, because modules are of many classes and the LL thread
 * reads this one of each in every period.
 */
export class PeriodCost {
  /** DSP cycles, estimated from the operation count or measured. */
  cycles: number;

  constructor(cycles = 0) {
    this.cycles = cycles;
  }
}
