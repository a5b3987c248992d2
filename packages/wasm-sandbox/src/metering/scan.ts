import type { FunctionType } from "../binary/module-parts.js";
import {
  bulkInstructions,
  EMPTY_BLOCK,
  type Immediate,
  type Instruction,
  miscInstructions,
  Op,
  plainInstructions,
  refusedFeatures,
  simdInstructions,
} from "../binary/opcodes.js";
import type { WasmReader } from "../binary/wasm-reader.js";
import { type FloatKind, floatResult, hidesNan } from "./nan.js";

/** A place in a function's code where the metering pass puts something in. */
export interface Edit {
  readonly kind: "loop" | "return" | "bulk" | "grow" | "nan";
  /**
   * Where it goes: behind a loop's head or an operation of floats, in place of a `return` or `memory.grow`, in front
   * of a bulk operation.
   */
  readonly at: number;
  /**
   * Loop: index of its cost in {@link FunctionScan.loopCosts}; return: blocks around it; nan: index of the local in
   * {@link FunctionScan.floats}.
   */
  readonly value: number;
}

/** What the metering pass has to know of one function. */
export interface FunctionScan {
  /** Offset of the first instruction. */
  readonly code: number;
  /** Fuel of everything outside loops. */
  readonly entryCost: number;
  /** Fuel of one turn of each loop, without the loops inside it. */
  readonly loopCosts: readonly number[];
  readonly edits: readonly Edit[];
  /** Whether it calls functions of the module. */
  readonly calls: boolean;
  /** Groups of locals that it declares, and the offset of the first. */
  readonly localGroups: number;
  readonly localsAt: number;
  /** Parameters and locals. */
  readonly locals: number;
  /** Kinds of floats whose NaNs are made canonical; each needs a local. */
  readonly floats: readonly FloatKind[];
  /** Parameters, locals and the most operands that lie on the stack at once. */
  readonly slots: number;
}

/** What a scan needs to know of the module around the function. */
export interface ScanContext {
  readonly types: readonly FunctionType[];
  /** Type of each function, imported ones first. */
  readonly functionTypes: readonly FunctionType[];
  readonly importCount: number;
}

/** Fuel of a call that leaves the instance, for the firmware or a library: its price on the host, about 40 ns. */
const CROSSING_COST = 128;

/** A block that is open. */
interface Block {
  /** Where costs inside it are added: -1 for the function's entry, else a loop's index. */
  readonly region: number;
  /** Operands below it. */
  readonly base: number;
  readonly params: number;
  readonly results: number;
}

/**
 * Walks over one function body: counts the fuel of its regions, finds the places to edit, measures its
 * frame. The body is valid; the operand count is exact where code can be reached and never too low.
 *
 * @param r stands at the body's locals and ends with it
 * @throws InputError for an instruction that isolated modules may not have
 */
export function scanFunction(
  r: WasmReader,
  type: FunctionType,
  context: ScanContext,
): FunctionScan {
  let locals = type.params.length;
  const localGroups = r.count("groups of locals");
  const localsAt = r.at;
  for (let groups = localGroups; groups > 0; groups--) {
    locals += r.u32();
    r.valueType();
  }
  const code = r.at;
  const loopCosts: number[] = [];
  const edits: Edit[] = [];
  const floats: FloatKind[] = [];
  const blocks: Block[] = [{ region: -1, base: 0, params: 0, results: type.results.length }];
  let entryCost = 0;
  let calls = false;
  let height = 0;
  let most = 0;

  while (!r.done) {
    const at = r.at;
    const opcode = r.u8();
    const extension = opcode === Op.MISC || opcode === Op.SIMD ? r.u32() : 0;
    const { immediate, pops, pushes, cost } = lookUp(r, at, opcode, extension);
    const block = blocks.at(-1) as Block;
    if (block.region < 0) entryCost += cost;
    else loopCosts[block.region] = (loopCosts[block.region] as number) + cost;
    height = Math.max(height - pops, block.base) + pushes;

    switch (opcode) {
      case Op.BLOCK:
      case Op.LOOP:
      case Op.IF: {
        const { params, results } = blockType(r, context.types);
        let { region } = block;
        if (opcode === Op.LOOP) {
          region = loopCosts.push(1) - 1;
          edits.push({ kind: "loop", at: r.at, value: region });
        }
        blocks.push({ region, base: Math.max(height - params, block.base), params, results });
        break;
      }
      case Op.ELSE:
        height = block.base + block.params;
        break;
      case Op.END:
        blocks.pop();
        height = block.base + block.results;
        break;
      case Op.RETURN:
        edits.push({ kind: "return", at, value: blocks.length - 1 });
        height = block.base;
        break;
      case Op.UNREACHABLE:
      case Op.BR:
      case Op.BR_TABLE:
        skipImmediate(r, immediate);
        height = block.base;
        break;
      case Op.CALL: {
        const callee = r.u32();
        if (callee >= context.importCount) calls = true;
        else if (block.region < 0) entryCost += CROSSING_COST;
        else loopCosts[block.region] = (loopCosts[block.region] as number) + CROSSING_COST;
        const called = context.functionTypes[callee] as FunctionType;
        height = Math.max(height - called.params.length, block.base) + called.results.length;
        break;
      }
      case Op.CALL_INDIRECT: {
        const called = context.types[r.u32()] as FunctionType;
        r.u32();
        calls = true;
        height = Math.max(height - called.params.length, block.base) + called.results.length;
        break;
      }
      case Op.MEMORY_GROW:
        edits.push({ kind: "grow", at, value: 0 });
        skipImmediate(r, immediate);
        break;
      default:
        if (opcode === Op.MISC && bulkInstructions.has(extension)) {
          edits.push({ kind: "bulk", at, value: 0 });
        }
        skipImmediate(r, immediate);
    }
    if (height > most) most = height;
    const float = floatResult(opcode, extension);
    if (float === null || hidesNan(float, r.bytes[r.at] as number)) continue;
    if (!floats.includes(float)) floats.push(float);
    edits.push({ kind: "nan", at: r.at, value: floats.indexOf(float) });
  }
  const slots = locals + floats.length + most;
  const places = { code, localGroups, localsAt, locals };
  return { ...places, entryCost, loopCosts, edits, floats, calls, slots };
}

function lookUp(r: WasmReader, at: number, opcode: number, extension: number): Instruction {
  const found =
    opcode === Op.MISC
      ? miscInstructions[extension]
      : opcode === Op.SIMD
        ? simdInstructions[extension]
        : plainInstructions[opcode];
  if (found !== undefined) return found;
  const feature = opcode === Op.SIMD ? "relaxed SIMD" : refusedFeatures.get(opcode);
  if (feature !== undefined) {
    throw r.error(`uses ${feature}`, at, "Compile the module without that feature.");
  }
  throw r.error(`unknown instruction 0x${opcode.toString(16)} ${extension}`, at);
}

/** Parameters and results of a block. */
function blockType(
  r: WasmReader,
  types: readonly FunctionType[],
): { params: number; results: number } {
  const first = r.bytes[r.at] as number;
  if (first === EMPTY_BLOCK) {
    r.u8();
    return { params: 0, results: 0 };
  }
  // A value type is a negative number of one byte, a type index a positive one.
  if ((first & 0xc0) === 0x40) {
    r.valueType();
    return { params: 0, results: 1 };
  }
  const at = r.at;
  const type = types[r.u32()];
  // An overlong negative number is read as an index that no type has.
  if (type === undefined) throw r.error("unknown block type", at);
  return { params: type.params.length, results: type.results.length };
}

function skipImmediate(r: WasmReader, immediate: Immediate): void {
  switch (immediate) {
    case "none":
      return;
    case "index":
      r.u32();
      return;
    case "indices":
      r.u32();
      r.u32();
      return;
    case "memarg":
    case "memarg lane":
      memarg(r);
      if (immediate === "memarg lane") r.u8();
      return;
    case "byte":
      r.u8();
      return;
    case "4 bytes":
      r.skip(4);
      return;
    case "8 bytes":
      r.skip(8);
      return;
    case "16 bytes":
      r.skip(16);
      return;
    case "i32":
    case "heap type":
      r.skipLeb(5);
      return;
    case "i64":
      r.skipLeb(10);
      return;
    case "select":
      for (let types = r.count("types"); types > 0; types--) r.valueType();
      return;
    case "br_table":
      for (let labels = r.count("labels") + 1; labels > 0; labels--) r.u32();
      return;
    case "block":
      return;
  }
}

/** Alignment and offset; a flag in the alignment would name another memory. */
function memarg(r: WasmReader): void {
  const at = r.at;
  if (r.u32() >= 0x40) throw r.error("names a memory other than the first", at);
  r.u32();
}
