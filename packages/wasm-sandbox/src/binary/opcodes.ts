/**
 * What follows an opcode in the code of a function.
 * `none`; `index`: one number; `indices`: two; `block`: a block type; `br_table`; `memarg`: alignment and
 * offset; `memarg lane`; `byte`, `4 bytes`, `8 bytes`, `16 bytes`; `i32`, `i64`: a signed number; `select`:
 * value types; `heap type`.
 */
export type Immediate =
  | "none"
  | "index"
  | "indices"
  | "block"
  | "br_table"
  | "memarg"
  | "memarg lane"
  | "byte"
  | "4 bytes"
  | "8 bytes"
  | "16 bytes"
  | "i32"
  | "i64"
  | "select"
  | "heap type";

/** How an instruction is written and what it does to the operand stack. */
export interface Instruction {
  readonly immediate: Immediate;
  readonly pops: number;
  readonly pushes: number;
  /** Fuel. */
  readonly cost: number;
}

/** Opcodes that the metering pass treats in a way of their own. */
export const Op = {
  UNREACHABLE: 0x00,
  BLOCK: 0x02,
  LOOP: 0x03,
  IF: 0x04,
  ELSE: 0x05,
  END: 0x0b,
  BR: 0x0c,
  BR_IF: 0x0d,
  BR_TABLE: 0x0e,
  RETURN: 0x0f,
  CALL: 0x10,
  CALL_INDIRECT: 0x11,
  LOCAL_GET: 0x20,
  LOCAL_TEE: 0x22,
  GLOBAL_GET: 0x23,
  GLOBAL_SET: 0x24,
  MEMORY_GROW: 0x40,
  I32_CONST: 0x41,
  I32_EQ: 0x46,
  I32_LT_S: 0x48,
  I32_GT_U: 0x4b,
  I32_ADD: 0x6a,
  I32_SUB: 0x6b,
  I32_SHL: 0x74,
  I32_SHR_U: 0x76,
  /** Prefix of bulk memory, table and saturating conversion instructions. */
  MISC: 0xfc,
  SIMD: 0xfd,
} as const;

/** Block type of a block without parameters and results. */
export const EMPTY_BLOCK = 0x40;
export const TYPE_I32 = 0x7f;
export const TYPE_F32 = 0x7d;
export const TYPE_F64 = 0x7c;
export const TYPE_V128 = 0x7b;
export const TYPE_FUNCREF = 0x70;
/** i32, i64, f32, f64, v128 and funcref: the types that an isolated module may use. */
export const valueTypes: ReadonlySet<number> = new Set([
  TYPE_I32,
  0x7e,
  TYPE_F32,
  TYPE_F64,
  TYPE_V128,
  TYPE_FUNCREF,
]);

const DIVISION = 10;
const CALL = 5;
const CALL_INDIRECT = 10;
const BULK = 5;
/** Growing memory or a table is a call of the engine, however little it grows. */
const GROW = 200;

type Table = (Instruction | undefined)[];

function set(
  table: Table,
  codes: readonly number[],
  immediate: Immediate,
  pops: number,
  pushes: number,
  cost = 1,
): void {
  for (const code of codes) table[code] = { immediate, pops, pushes, cost };
}

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

/** Instructions of one byte. Structure costs nothing; it has no code of its own. */
function plain(): Table {
  const table: Table = [];
  set(table, [Op.UNREACHABLE], "none", 0, 0);
  set(table, [0x01], "none", 0, 0, 0);
  set(table, [Op.BLOCK, Op.LOOP], "block", 0, 0, 0);
  set(table, [Op.IF], "block", 1, 0);
  set(table, [Op.ELSE, Op.END], "none", 0, 0, 0);
  set(table, [Op.BR], "index", 0, 0);
  set(table, [Op.BR_IF], "index", 1, 0);
  set(table, [Op.BR_TABLE], "br_table", 1, 0);
  set(table, [Op.RETURN], "none", 0, 0);
  set(table, [Op.CALL], "index", 0, 0, CALL);
  set(table, [Op.CALL_INDIRECT], "indices", 1, 0, CALL_INDIRECT);
  set(table, [0x1a], "none", 1, 0);
  set(table, [0x1b], "none", 3, 1);
  set(table, [0x1c], "select", 3, 1);
  set(table, [Op.LOCAL_GET, Op.GLOBAL_GET], "index", 0, 1);
  set(table, [0x21, Op.GLOBAL_SET], "index", 1, 0);
  set(table, [Op.LOCAL_TEE, 0x25], "index", 1, 1);
  set(table, [0x26], "index", 2, 0);
  set(table, range(0x28, 0x35), "memarg", 1, 1);
  set(table, range(0x36, 0x3e), "memarg", 2, 0);
  set(table, [0x3f], "index", 0, 1);
  set(table, [Op.MEMORY_GROW], "index", 1, 1, GROW);
  set(table, [Op.I32_CONST], "i32", 0, 1);
  set(table, [0x42], "i64", 0, 1);
  set(table, [0x43], "4 bytes", 0, 1);
  set(table, [0x44], "8 bytes", 0, 1);
  set(table, range(0x45, 0xc4), "none", 2, 1);
  const unary = [0x45, 0x50, 0x67, 0x68, 0x69, 0x79, 0x7a, 0x7b];
  set(table, unary, "none", 1, 1);
  for (const [first, last] of [
    [0x8b, 0x91],
    [0x99, 0x9f],
    [0xa7, 0xc4],
  ] as const) {
    set(table, range(first, last), "none", 1, 1);
  }
  set(table, [...range(0x6d, 0x70), ...range(0x7f, 0x82), 0x95, 0xa3], "none", 2, 1, DIVISION);
  set(table, [0x91, 0x9f], "none", 1, 1, DIVISION);
  set(table, [0xd0], "heap type", 0, 1);
  set(table, [0xd1], "none", 1, 1);
  set(table, [0xd2], "index", 0, 1);
  return table;
}

/** Instructions behind {@link Op.MISC}. */
function misc(): Table {
  const table: Table = [];
  set(table, range(0, 7), "none", 1, 1);
  set(table, [8, 12], "indices", 3, 0, BULK);
  set(table, [9, 13], "index", 0, 0);
  set(table, [10], "indices", 3, 0, BULK);
  set(table, [11], "index", 3, 0, BULK);
  set(table, [14], "indices", 3, 0, BULK);
  set(table, [15], "index", 2, 1, GROW);
  set(table, [16], "index", 0, 1);
  set(table, [17], "index", 3, 0, BULK);
  return table;
}

/** Instructions behind {@link Op.SIMD}. The relaxed ones, whose results depend on the host, are not among them. */
function simd(): Table {
  const table: Table = [];
  set(table, range(35, 255), "none", 2, 1);
  const missing = [154, 162, 165, 166, 175, 176, 178, 179, 180, 187, 194, 197, 198, 207, 208, 210];
  for (const code of [...missing, 211, 212, 226, 238]) table[code] = undefined;
  set(table, range(0, 10), "memarg", 1, 1);
  set(table, [11], "memarg", 2, 0);
  set(table, [12], "16 bytes", 0, 1);
  set(table, [13], "16 bytes", 2, 1);
  set(table, [14], "none", 2, 1);
  set(table, range(15, 20), "none", 1, 1);
  set(table, [21, 22, 24, 25, 27, 29, 31, 33], "byte", 1, 1);
  set(table, [23, 26, 28, 30, 32, 34], "byte", 2, 1);
  set(table, [82], "none", 3, 1);
  set(table, range(84, 87), "memarg lane", 2, 1);
  set(table, range(88, 91), "memarg lane", 2, 0);
  set(table, [92, 93], "memarg", 1, 1);
  const unary = [77, 83, 94, 95, 116, 117, 122, 148, 224, 225, 227, 236, 237, 239];
  for (const [first, last] of [
    [96, 100],
    [103, 106],
    [124, 129],
    [131, 132],
    [135, 138],
    [160, 164],
    [167, 170],
    [192, 196],
    [199, 202],
    [248, 255],
  ] as const) {
    unary.push(...range(first, last));
  }
  for (const code of unary) if (table[code] !== undefined) set(table, [code], "none", 1, 1);
  set(table, [231, 243], "none", 2, 1, DIVISION);
  set(table, [227, 239], "none", 1, 1, DIVISION);
  return table;
}

export const plainInstructions: readonly (Instruction | undefined)[] = plain();
export const miscInstructions: readonly (Instruction | undefined)[] = misc();
export const simdInstructions: readonly (Instruction | undefined)[] = simd();

/** Instructions behind {@link Op.MISC} whose time goes with the number on top of the operand stack. */
export const bulkInstructions: ReadonlySet<number> = new Set([8, 10, 11, 12, 14, 15, 17]);

/** Features of WebAssembly that are refused, by what their instructions start with. */
export const refusedFeatures: ReadonlyMap<number, string> = new Map([
  [0x06, "exception handling"],
  [0x07, "exception handling"],
  [0x08, "exception handling"],
  [0x09, "exception handling"],
  [0x0a, "exception handling"],
  [0x12, "tail calls"],
  [0x13, "tail calls"],
  [0x14, "typed function references"],
  [0x15, "typed function references"],
  [0x18, "exception handling"],
  [0x19, "exception handling"],
  [0x1f, "exception handling"],
  [0xd3, "garbage collection"],
  [0xd4, "typed function references"],
  [0xd5, "typed function references"],
  [0xd6, "typed function references"],
  [0xfb, "garbage collection"],
  [0xfe, "atomics"],
]);
