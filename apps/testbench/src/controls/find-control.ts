import type { ControlInfo } from "@sof-ts/host";
import { InputError } from "@sof-ts/kit";

/** A control with the number that ALSA gives it: its place among the card's controls, from 1. */
export interface NumberedControl extends ControlInfo {
  readonly numid: number;
}

/** Numbers a topology's controls in the order in which the driver adds them to the card. */
export function numberControls(controls: readonly ControlInfo[]): NumberedControl[] {
  return controls.map((info, index) => ({
    name: info.name,
    widget: info.widget,
    control: info.control,
    numid: index + 1,
  }));
}

/** How a script names a control. */
export interface ControlReference {
  readonly name: string | null;
  readonly numid: number | null;
}

/**
 * Finds a control by its number, its full name, or its name without the widget's where only one has it.
 *
 * @param where file and line, for errors
 * @throws InputError that names near ones
 */
export function findControl(
  controls: readonly NumberedControl[],
  reference: ControlReference,
  where: string,
): NumberedControl {
  const { name, numid } = reference;
  if (numid !== null) {
    const found = controls.find((control) => control.numid === numid);
    if (found !== undefined) return found;
    throw new InputError(`no control has numid ${numid}`, {
      source: where,
      remedy: controls.length === 0 ? "The topology has none" : `There are 1..${controls.length}`,
    });
  }
  const full = controls.find((control) => control.name === name);
  if (full !== undefined) return full;
  const short = controls.filter(({ control }) => control.name === name);
  const [only] = short;
  if (only !== undefined && short.length === 1) return only;
  if (short.length > 1) {
    throw new InputError(`${short.length} controls are called "${name}"`, {
      source: where,
      remedy: `Write one of ${short.map((control) => `"${control.name}"`).join(", ")}`,
    });
  }
  throw new InputError(`no control "${name}"`, {
    source: where,
    remedy: `There are: ${controls.map((control) => control.name).join(", ") || "none"}`,
  });
}
