import { describe, expect, it } from "vitest";
import { tokenInfo, tokenName, tokens } from "./token-table.js";
import { isFormatToken, mayRepeat, Token } from "./tokens.js";
import { Tuples } from "./tuples.js";

describe("Tuples", () => {
  const tuples = new Tuples([
    { type: "word", elements: [{ token: 201, value: 3 }] },
    { type: "bool", elements: [{ token: 209, value: 1 }] },
    { type: "short", elements: [{ token: 701, value: 1 }] },
    { type: "short", elements: [{ token: 701, value: 0 }] },
    { type: "string", elements: [{ token: 413, value: "a" }] },
    { type: "string", elements: [{ token: 413, value: "b\0rubbish" }] },
    {
      type: "uuid",
      elements: [
        {
          token: 405,
          value: Uint8Array.of(
            0x83,
            0x0c,
            0xa0,
            0x9b,
            0x12,
            0xca,
            0x83,
            0x4a,
            0x94,
            0x3c,
            0x1f,
            0xa2,
            0xe8,
            0x2f,
            0x9d,
            0xda,
          ),
        },
      ],
    },
  ]);

  it("finds numbers whatever numeric kind of array holds them", () => {
    expect([tuples.number(201), tuples.number(209), tuples.number(701)]).toEqual([3, 1, 1]);
    expect(tuples.numbers(701)).toEqual([1, 0]);
  });

  it("finds texts up to their NUL, in file order", () => {
    expect(tuples.strings(413)).toEqual(["a", "b"]);
    expect(tuples.string(413)).toBe("a");
  });

  it("gives a UUID as text, its first fields turned round", () => {
    expect(tuples.string(405)).toBe("9ba00c83-ca12-4a83-943c-1fa2e82f9dda");
  });

  it("says nothing of tokens that are not there", () => {
    expect(tuples.number(999)).toBeUndefined();
    expect(tuples.string(201)).toBeUndefined();
    expect(tuples.numbers(999)).toEqual([]);
    expect(tuples.count(999)).toBe(0);
    expect(tuples.has(405)).toBe(true);
  });

  it("lists tokens by first occurrence", () => {
    expect(tuples.tokens).toEqual([201, 209, 701, 413, 405]);
  });
});

describe("token table", () => {
  it("has each number once, ascending", () => {
    const ids = tokens.map(({ id }) => id);
    expect(ids).toEqual([...new Set(ids)].sort((a, b) => a - b));
  });

  it("knows every token that the code uses", () => {
    expect(Object.values(Token).filter((id) => tokenInfo(id) === undefined)).toEqual([]);
  });

  it.each([
    [154, "SOF_TKN_DAI_TYPE", "dai.dai_type", "string"],
    [209, "SOF_TKN_SCHED_USE_CHAIN_DMA", "scheduler.use_chain_dma", "bool"],
    [405, "SOF_TKN_COMP_UUID", "comp.uuid", "uuid"],
    [415, "SOF_TKN_COMP_NUM_INPUT_AUDIO_FORMATS", "comp.num_input_audio_formats", "word"],
    [700, "SOF_TKN_INTEL_DMIC_PDM_CTRL_ID", "intel_dmic_pdm.ctrl_id", "short"],
    [1907, "SOF_TKN_CAVS_AUDIO_FORMAT_IN_FMT_CFG", "cavs_audio_format.in_fmt_cfg", "word"],
    [1980, "SOF_TKN_INTEL_COPIER_NODE_TYPE", "copier.node_type", "word"],
  ])("knows token %i", (id, name, topology2, type) => {
    expect(tokenInfo(id)).toMatchObject({ id, name, topology2, type });
    expect(tokenName(id)).toBe(`${name} (${id})`);
  });

  it("names an unknown token by its number", () => {
    expect(tokenName(4711)).toBe("token 4711");
  });

  it("tells tokens that repeat on purpose from those that should not", () => {
    expect([413, 414, 700, 706, 1900, 1939, 1971].every(mayRepeat)).toBe(true);
    expect([154, 405, 409, 415, 1300, 1980].some(mayRepeat)).toBe(false);
    expect([1899, 1973].some(isFormatToken)).toBe(false);
  });
});
