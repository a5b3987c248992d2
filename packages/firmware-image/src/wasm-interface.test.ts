import { describe, expect, it } from "vitest";
import { readWasmInterface } from "./wasm-interface.js";

/** A module that imports one thing of each kind and exports its memory. */
const bytes = Uint8Array.from(
  [
    [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    [1, 4, 1, 0x60, 0, 0],
    [2, 36, 4],
    [1, 0x61, 4, 0x66, 0x75, 0x6e, 0x63, 0, 0],
    [1, 0x61, 3, 0x74, 0x61, 0x62, 1, 0x70, 1, 0, 9],
    [1, 0x61, 1, 0x6d, 2, 0, 0x80, 0x01],
    [1, 0x61, 1, 0x67, 3, 0x7f, 0],
    [7, 7, 1, 3, 0x6d, 0x65, 0x6d, 2, 0],
  ].flat(),
);

describe("readWasmInterface", () => {
  it("lists what a module imports and exports", () => {
    expect(readWasmInterface(bytes, "a.wasm")).toEqual({
      imports: [
        { module: "a", name: "func", kind: "function" },
        { module: "a", name: "tab", kind: "table" },
        { module: "a", name: "m", kind: "memory" },
        { module: "a", name: "g", kind: "global" },
      ],
      exports: [{ name: "mem", kind: "memory" }],
    });
  });

  it("says where a module is cut off", () => {
    expect(() => readWasmInterface(bytes.subarray(0, 12), "a.wasm")).toThrow(
      "a.wasm, offset 10 (0xa): truncated: section 1 needs 4 bytes, 2 left",
    );
  });

  it("refuses numbers without end and what is no module", () => {
    const endless = Uint8Array.from([...bytes.subarray(0, 8), 0, 0x80, 0x80, 0x80, 0x80, 0x80, 1]);
    expect(() => readWasmInterface(endless, "a.wasm")).toThrow("more than 32 bits");
    expect(() => readWasmInterface(Uint8Array.of(1), "a.wasm")).toThrow("no WebAssembly module");
  });
});
