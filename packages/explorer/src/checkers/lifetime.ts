import type { Kernel } from "@sof-ts/kernel";
import { type Report, siteOf } from "./violation.js";
import type { Watched } from "./watched.js";

/** Use and second free of what was freed. */
export class LifetimeChecker {
  private readonly report: Report;

  constructor(report: Report) {
    this.report = report;
  }

  access(kernel: Kernel, watched: Watched, field: string, write: boolean): void {
    if (watched.freed !== null)
      this.tell(kernel, watched, "use-after-free", field, write ? "write" : "read");
  }

  free(kernel: Kernel, watched: Watched): void {
    if (watched.freed !== null) this.tell(kernel, watched, "double-free", "", "free");
    else watched.freed = siteOf(kernel, "free");
  }

  private tell(
    kernel: Kernel,
    watched: Watched,
    rule: string,
    field: string,
    operation: string,
  ): void {
    this.report({
      checker: "lifetime",
      rule,
      object: watched.name,
      field,
      address: field === "" ? watched.address : watched.addressOf(field),
      first: watched.freed,
      second: siteOf(kernel, operation),
    });
  }
}
