import { InputError } from "@sof-ts/kit";

/** Exit codes of `sof-module`. */
export const ExitCode = {
  OK: 0,
  /** The command line is wrong. */
  USAGE: 1,
  /** A file cannot be used: a manifest, a source, a key, an image. */
  BAD_INPUT: 2,
  /** A module does not do what every module must. */
  NONCONFORMING: 3,
  /** Our own mistake. */
  INTERNAL: 4,
} as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/** Turns what a command threw into an exit code and a message. */
export function failureOf(error: unknown): { readonly code: ExitCode; readonly message: string } {
  if (error instanceof InputError) return { code: ExitCode.BAD_INPUT, message: error.message };
  if (error instanceof Error && "code" in error && "path" in error) {
    const why = reasons[String(error.code)] ?? error.message;
    return { code: ExitCode.BAD_INPUT, message: `${String(error.path)}: ${why}` };
  }
  const text = error instanceof Error ? error.message : String(error);
  const message = `unexpected error: ${text}. Please report it with the command line`;
  return { code: ExitCode.INTERNAL, message };
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: "no such file. Check the name, or build it first",
  EACCES: "permission denied",
  EISDIR: "is a directory. Give a file",
  ENOSPC: "no space left on the device",
  EROFS: "the file system is read-only",
};
