import { defaultPlatform, platformNames } from "@sof-ts/soc";
import { InvalidArgumentError, Option } from "commander";

/** A positive number. @throws InvalidArgumentError, which the parser puts the option's name to */
export function positiveNumber(text: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new InvalidArgumentError("Not a positive number.");
}

/** A positive whole number. @throws InvalidArgumentError, which the parser puts the option's name to */
export function wholeNumber(text: string): number {
  const value = positiveNumber(text);
  if (Number.isSafeInteger(value)) return value;
  throw new InvalidArgumentError("Not a whole number.");
}

/** Pipeline ids between commas. @throws InvalidArgumentError, which the parser puts the option's name to */
export function pipelineIds(text: string): readonly number[] {
  if (/^\d+(,\d+)*$/.test(text)) return text.split(",").map(Number);
  throw new InvalidArgumentError("Not pipeline ids between commas, such as 1,2.");
}

/** The DSP of a command that runs a machine. */
export const platformOption = (): Option =>
  new Option("--platform <platform>", "DSP to model")
    .choices(platformNames)
    .default(defaultPlatform);

/** The direction of a PCM that has two. */
export const directionOption = (): Option =>
  new Option("--direction <direction>", "which way").choices(["playback", "capture"]);

/** The locking strategy of a command that runs a machine. */
export const lockingOption = (): Option =>
  new Option("--locking <strategy>", "what keeps the graph whole beside the tick")
    .choices(["user-ll", "kernel-ll", "component-mutex"])
    .default("user-ll");
