import { describe, expect, it } from "vitest";
import { cases, casesByMessage, unreachable } from "./all-cases.js";
import { conditions } from "./conditions.js";
import { coverageTable, listed } from "./coverage.js";

const table = new URL("../../../../packages/ipc4-helper/COVERAGE.md", import.meta.url).pathname;
const key = ({ message, condition }: { message: string; condition: string }) =>
  `${message}: ${condition}`;

describe("the coverage of the protocol", () => {
  it("has a case, or a reason against one, for every condition", () => {
    const proved = [...cases, ...unreachable].map(key);
    expect(
      listed()
        .map(key)
        .filter((one) => !proved.includes(one)),
    ).toEqual([]);
  });

  it("has no case twice, and none for a condition that is not listed", () => {
    const proved = [...cases, ...unreachable].map(key);
    expect(proved.length).toBe(new Set(proved).size);
    expect(proved.length).toBe(listed().length);
    expect(casesByMessage().flatMap((group) => group.cases)).toHaveLength(cases.length);
  });

  it("knows every message type of the protocol", () => {
    const names = Object.keys(conditions).join(" ");
    const implemented =
      "CREATE_PIPELINE DELETE_PIPELINE SET_PIPELINE_STATE CHAIN_DMA IPCGATEWAY_CMD LOAD_LIBRARY " +
      "LOAD_LIBRARY_PREPARE INIT_INSTANCE CONFIG_GET CONFIG_SET LARGE_CONFIG_GET LARGE_CONFIG_SET BIND " +
      "UNBIND SET_DX SET_D0IX DELETE_INSTANCE";
    for (const name of implemented.split(" ")) expect(names).toContain(name);
  });

  it("is what COVERAGE.md says (vitest run apps/firmware/test/protocol/coverage.test.ts -u)", async () => {
    await expect(coverageTable()).toMatchFileSnapshot(table);
  });
});
