import { conformanceCases, type Subject } from "@sof-ts/module-conformance";
import { describe, it } from "vitest";

/** The one suite that every driver has to pass. */
export function conformance(subject: Subject): void {
  describe(`${subject.name}`, () => {
    for (const { name, run } of conformanceCases(subject)) {
      // oxlint-disable-next-line vitest/expect-expect, vitest/valid-title -- a case throws what it finds
      it(name, run);
    }
  });
}
