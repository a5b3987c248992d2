import { Random } from "@sof-ts/kit";
import { assemble, F64, type FunctionText, I32, I64, s32 } from "./assembler.js";

/** What generated programs leave behind: the globals that they export nothing of are read by `look`. */
export const GLOBALS = 4;
/** Global that counts statements. */
export const STEPS = 3;

const LOCALS = [I32, I32, I64, F64] as const;
/** Locals of each type, by index after the two parameters; then one counter for each depth of loops. */
const FIRST_LOCAL = 2;
const FIRST_COUNTER = FIRST_LOCAL + LOCALS.length;
const LOOP_DEPTH = 2;
const FUNCTIONS = 5;

type Label = "block" | "loop" | "function";

/**
 * Makes small valid programs that always end: blocks, ifs, counted loops, branches of every kind, calls,
 * calls through a table, loads and stores that may trap, bulk operations, memory growth, several results.
 * `main(a, b)` returns an i32 and leaves the rest in memory and globals.
 */
class Writer {
  private readonly random: Random;
  private code: number[] = [];
  private labels: Label[] = [];
  private loops = 0;
  private index = 0;
  private left = 0;

  constructor(seed: number) {
    this.random = new Random(seed);
  }

  program(): Uint8Array<ArrayBuffer> {
    const functions: FunctionText[] = [];
    for (this.index = 0; this.index < FUNCTIONS; this.index++) {
      this.code = [];
      this.labels = ["function"];
      this.left = 12 + this.random.below(30);
      while (this.left > 0) this.statement();
      this.expression(I32, 3);
      functions.push({
        ...(this.index === 0 ? { name: "main" } : {}),
        params: [I32, I32],
        results: [I32],
        locals: [...LOCALS, ...Array<number>(LOOP_DEPTH).fill(I32)],
        code: this.code,
      });
    }
    const looks = Array.from({ length: GLOBALS }, (_, i) => ({
      name: `global ${i}`,
      results: [I32],
      code: [0x23, i],
    }));
    return assemble({
      functions: [...functions, ...looks],
      memory: [1, 1, 3],
      table: [1, 2, 3, 4],
      globals: [3, -5, 77, 0],
      data: [{ offset: 100, bytes: [1, 2, 3, 4, 250, 251, 252, 253] }],
    });
  }

  private emit(...bytes: number[]): void {
    this.code.push(...bytes);
  }

  private statement(): void {
    this.left--;
    this.emit(0x23, STEPS, 0x41, 1, 0x6a, 0x24, STEPS);
    switch (this.random.below(14)) {
      case 0:
      case 1: {
        const local = this.random.below(2 + LOCALS.length);
        this.expression(this.typeOfLocal(local), 3);
        this.emit(0x21, local);
        break;
      }
      case 2:
        this.expression(I32, 3);
        this.emit(0x24, this.random.below(STEPS));
        break;
      case 3:
        this.address();
        this.expression(I32, 2);
        this.emit(0x36, 0, this.random.below(8));
        break;
      case 4:
        this.address();
        this.expression(I64, 2);
        this.emit(0x37, 0, this.random.below(8));
        break;
      case 5: {
        this.expression(I32, 2);
        this.emit(0x04, 0x40);
        this.inside("block");
        if (this.random.below(2) === 0) {
          this.emit(0x05);
          this.inside("block");
        }
        this.emit(0x0b);
        break;
      }
      case 6:
      case 7:
        this.loop();
        break;
      case 8:
        this.emit(0x02, 0x40);
        this.inside("block");
        this.emit(0x0b);
        break;
      case 9:
        this.branch();
        break;
      case 10:
        this.bulk();
        break;
      case 11:
        this.emit(0x41, this.random.below(2), 0x40, 0, 0x1a);
        break;
      case 12:
        if (this.random.below(4) === 0) {
          // Left from here; what follows cannot be reached.
          this.expression(I32, 2);
          this.emit(0x04, 0x40);
          this.expression(I32, 1);
          this.emit(0x0f, 0x0b);
        }
        break;
      default:
        this.emit(0x01);
    }
  }

  private inside(label: Label): void {
    this.labels.push(label);
    const count = this.random.below(3);
    for (let i = 0; i < count && this.left > 0; i++) this.statement();
    this.labels.pop();
  }

  /** A loop that a counter of its own ends; branches never go to its head otherwise. */
  private loop(): void {
    if (this.loops === LOOP_DEPTH) return;
    const counter = FIRST_COUNTER + this.loops++;
    this.emit(0x41, 1 + this.random.below(4), 0x21, counter, 0x03, 0x40);
    this.inside("loop");
    this.emit(0x20, counter, 0x41, 1, 0x6b, 0x22, counter, 0x0d, 0, 0x0b);
    this.loops--;
  }

  /** A branch to a block, or out of the function with its result. */
  private branch(): void {
    const targets = this.labels
      .map((label, i) => ({ label, depth: this.labels.length - 1 - i }))
      .filter(({ label }) => label === "block");
    const target = targets[this.random.below(Math.max(1, targets.length))];
    if (target === undefined) {
      this.expression(I32, 2);
      this.expression(I32, 2);
      this.emit(0x0d, this.labels.length - 1, 0x1a);
      return;
    }
    if (this.random.below(2) === 0) {
      this.expression(I32, 2);
      this.emit(0x0d, target.depth);
      return;
    }
    // A table of branches, from inside a block so that what follows stays in reach.
    const other = targets[this.random.below(targets.length)] as { depth: number };
    this.emit(0x02, 0x40);
    this.expression(I32, 2);
    this.emit(0x0e, 2, target.depth + 1, 0, other.depth + 1, 0x0b);
  }

  private bulk(): void {
    const length = this.random.below(100);
    this.address();
    if (this.random.below(2) === 0) this.address();
    else {
      this.expression(I32, 1);
      this.emit(0x41, ...s32(length), 0xfc, 11, 0);
      return;
    }
    this.emit(0x41, ...s32(length), 0xfc, 10, 0, 0);
  }

  /** An address that lies in memory nearly always. */
  private address(): void {
    this.expression(I32, 1);
    if (this.random.below(50) > 0) this.emit(0x41, ...s32(0x7ff8), 0x71);
  }

  private typeOfLocal(local: number): number {
    return local < FIRST_LOCAL ? I32 : (LOCALS[local - FIRST_LOCAL] as number);
  }

  private expression(type: number, depth: number): void {
    const { random } = this;
    const simple = depth === 0;
    if (type === I32) {
      switch (random.below(simple ? 3 : 12)) {
        case 0:
          return this.emit(0x41, ...s32(random.below(2) === 0 ? random.u32() : random.below(20)));
        case 1:
          return this.emit(0x20, random.below(4));
        case 2:
          return this.emit(0x23, random.below(STEPS));
        case 3:
        case 4:
        case 5:
          this.expression(I32, depth - 1);
          this.expression(I32, depth - 1);
          // Comparisons, arithmetic, divisions, logic, shifts.
          return this.emit(
            random.below(2) === 0 ? 0x46 + random.below(10) : 0x6a + random.below(15),
          );
        case 6:
          this.expression(I64, depth - 1);
          return this.emit(0xa7);
        case 7:
          this.expression(F64, depth - 1);
          return this.emit(0xfc, 2);
        case 8:
          this.address();
          return this.emit(0x28, 0, random.below(4));
        case 9:
          this.expression(I32, depth - 1);
          this.expression(I32, depth - 1);
          this.expression(I32, depth - 1);
          return this.emit(0x1b);
        case 10:
          return this.call(depth);
        default:
          this.expression(I32, depth - 1);
          this.emit(0x04, I32);
          this.labels.push("function");
          this.expression(I32, depth - 1);
          this.emit(0x05);
          this.expression(I32, depth - 1);
          this.labels.pop();
          return this.emit(0x0b);
      }
    }
    if (type === I64) {
      switch (random.below(simple ? 2 : 4)) {
        case 0:
          return this.emit(0x42, ...s32(random.u32()));
        case 1:
          return this.emit(0x20, FIRST_LOCAL + 2);
        case 2:
          this.expression(I32, depth - 1);
          return this.emit(random.below(2) === 0 ? 0xac : 0xad);
        default:
          this.expression(I64, depth - 1);
          this.expression(I64, depth - 1);
          return this.emit(0x7c + random.below(15));
      }
    }
    switch (random.below(simple ? 1 : 3)) {
      case 0:
        return this.emit(0x20, FIRST_LOCAL + 3);
      case 1:
        this.expression(I32, depth - 1);
        return this.emit(0xb7);
      default:
        this.expression(F64, depth - 1);
        this.expression(F64, depth - 1);
        return this.emit(0xa0 + random.below(4));
    }
  }

  /** Calls a later function, so that calls end; none in loops, so that they end soon. */
  private call(depth: number): void {
    this.expression(I32, depth - 1);
    this.expression(I32, depth - 1);
    const later = FUNCTIONS - 1 - this.index;
    if (later === 0 || this.loops > 0) return this.emit(0x6a);
    const callee = this.index + 1 + this.random.below(later);
    // Table entry i is function i + 1; all have type 0.
    if (this.random.below(2) === 0) this.emit(0x10, callee);
    else this.emit(0x41, callee - 1, 0x11, 0, 0);
  }
}

/** The program of a seed. */
export function randomProgram(seed: number): Uint8Array<ArrayBuffer> {
  return new Writer(seed).program();
}
