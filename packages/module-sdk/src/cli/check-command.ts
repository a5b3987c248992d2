import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import {
  type FirmwareImage,
  nodeImageCrypto,
  type PublicKey,
  readImage,
} from "@sof-ts/firmware-image";
import { shown } from "../build.js";
import { checkImage, failuresOf, type ImageReport } from "../check/check-image.js";
import type { ModuleVerdict } from "../check/conformance.js";
import { MANIFEST_FILE, readProject } from "../project.js";

/** Options of `sof-module check`. */
export interface CheckFlags {
  readonly key?: readonly string[];
  readonly retiredKey?: readonly string[];
  readonly unsigned?: boolean;
  readonly conformance: boolean;
  readonly project?: string;
  readonly with?: readonly string[];
  readonly json?: boolean;
}

/** @returns the report, and whether the modules do what they must */
export function check(library: string, flags: CheckFlags): { text: string; conforms: boolean } {
  const isProject =
    existsSync(library) &&
    statSync(library).isDirectory() &&
    existsSync(join(library, MANIFEST_FILE));
  const from = flags.project ?? (isProject ? library : undefined);
  const project = from === undefined ? undefined : readProject(from);
  const file = isProject && project !== undefined ? shown(project.imageFile) : library;
  const settings = new Map(project?.modules.map((module) => [module.uuid, module.check]));
  const report = checkImage(new Uint8Array(readFileSync(file)), file, {
    trusted: (flags.key ?? []).map(readPublicKey),
    retired: (flags.retiredKey ?? []).map(readPublicKey),
    allowUnsigned: flags.unsigned === true,
    conformance: flags.conformance,
    settings,
    others: readLibraries(flags.with),
  });
  const text = flags.json === true ? JSON.stringify(report, null, 2) : reportText(file, report);
  return { text: `${text}\n`, conforms: failuresOf(report).length === 0 };
}

/** Reads the libraries that `--with` names. @throws InputError for a file that is none */
export function readLibraries(files: readonly string[] = []): readonly FirmwareImage[] {
  return files.map((file) => readImage(new Uint8Array(readFileSync(file)), file));
}

function readPublicKey(file: string): PublicKey {
  return nodeImageCrypto().publicKey(readFileSync(file, "utf8"), file);
}

function reportText(file: string, report: ImageReport): string {
  return [
    `${file}: ${report.contents[0] ?? ""}`,
    ...report.contents.slice(1),
    `Signature   ${report.signature}`,
    ...report.notes.map((note) => `Note        ${note}`),
    ...report.modules.flatMap(verdictLines),
  ].join("\n");
}

function verdictLines(verdict: ModuleVerdict): readonly string[] {
  const { name, formats, cases, failures, cost } = verdict;
  const passed = failures.length === 0 ? "all passed" : `${failures.length} failed`;
  return [
    `${name.padEnd(12)}takes ${formats.length === 0 ? "no format" : formats.join("; ")}`,
    `${name.padEnd(12)}conformance: ${cases} cases, ${passed}`,
    ...(cost === null
      ? []
      : [`${name.padEnd(12)}cost: ${cost.fuel} units of fuel for 48 frames of ${cost.format}`]),
    ...failures.map(
      (failure) => `  failed    ${failure.case} (${failure.format}): ${failure.reason}`,
    ),
  ];
}
