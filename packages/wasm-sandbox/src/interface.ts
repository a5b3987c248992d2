import { InputError } from "@sof-ts/kit";
import { moduleExports, moduleImports, type Signature } from "./abi.js";
import { TYPE_I32 } from "./binary/opcodes.js";
import type { ExportedFunction, ImportedFunction, MeteredBinary } from "./metering/meter.js";

/** @throws InputError when a function of the firmware is imported with another type than its own */
export function checkFirmwareImport(used: ImportedFunction, source: string): void {
  const name = `${used.module}.${used.name}`;
  const signature = moduleImports[name] as Signature;
  if (fits(used, signature)) return;
  throw new InputError(`imports "${name}" with another type than ${text(signature)}`, { source });
}

/** @throws InputError when a binary lacks the module interface, or has it with other types */
export function checkModuleInterface(binary: MeteredBinary, source: string): void {
  if (binary.memory !== "memory") {
    throw new InputError(`does not export its memory as "memory"`, { source });
  }
  const exported = new Map(binary.exports.map((each) => [each.name, each]));
  for (const [name, signature] of Object.entries<Signature>(moduleExports)) {
    const found = exported.get(name);
    if (found === undefined) {
      if (!signature.required) continue;
      throw new InputError(`does not export ${name}`, {
        source,
        remedy: `A module exports it as ${text(signature)}.`,
      });
    }
    if (!fits(found, signature)) {
      throw new InputError(`exports ${name} with another type than ${text(signature)}`, { source });
    }
  }
}

/** Whether parameters and results are the same. */
export function sameTypes(a: ExportedFunction, b: ExportedFunction): boolean {
  return signatureText(a) === signatureText(b);
}

const typeNames: Readonly<Record<number, string>> = {
  0x7f: "i32",
  0x7e: "i64",
  0x7d: "f32",
  0x7c: "f64",
  0x7b: "v128",
};

/** A type for people: `(i32, i64) -> (f32)`. */
export function signatureText({ params, results }: ExportedFunction): string {
  const list = (types: Uint8Array): string =>
    `(${Array.from(types, (type) => typeNames[type] ?? `0x${type.toString(16)}`).join(", ")})`;
  return `${list(params)} -> ${list(results)}`;
}

function fits(found: ExportedFunction, { params, results }: Signature): boolean {
  const { params: in_, results: out } = found;
  return (
    in_.length === params &&
    out.length === results &&
    in_.every((type) => type === TYPE_I32) &&
    out.every((type) => type === TYPE_I32)
  );
}

function text({ params, results }: Signature): string {
  const list = (count: number): string => `(${Array<string>(count).fill("i32").join(", ")})`;
  return `${list(params)} -> ${list(results)}`;
}
