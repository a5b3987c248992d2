import { findPcmPath, type StreamDirection } from "@sof-ts/host";
import type { PlatformName } from "@sof-ts/soc";
import Table from "cli-table3";
import { chooseStream, loadTopology } from "../cli/load-topology.js";
import { type ControlSummary, describeControl } from "../controls/describe.js";
import { numberControls } from "../controls/find-control.js";
import { FarEndSet } from "../run/far-ends.js";
import { Machine } from "../run/machine.js";

/** Options of `sof-testbench controls`, as the command line gives them. */
export interface ControlsOptions {
  readonly topology: string;
  readonly pcm?: string;
  readonly direction?: StreamDirection;
  readonly platform: PlatformName;
  readonly json?: boolean;
}

/** Lists the controls of a topology, or of one PCM, with their values. @returns a table, or JSON */
export function controls(options: ControlsOptions): string {
  const topology = loadTopology(options.topology);
  const { driver, ...machine } = boot();
  const all = numberControls(driver.controls.list());
  const widgets = options.pcm === undefined ? null : widgetsOf(options.pcm);
  const list = all
    .filter(({ widget }) => widgets === null || widgets.has(widget))
    .map((info) => describeControl(info, machine.valueOf(info.name)));
  return options.json === true
    ? `${JSON.stringify({ topology: options.topology, controls: list }, null, 2)}\n`
    : tableOf(options.topology, list);

  function boot() {
    const farEnds = new FarEndSet(topology, null);
    const booted = new Machine({
      topology,
      platform: options.platform,
      farEnds: (request, gateway) => farEnds.plug(request, gateway),
    });
    return {
      driver: booted.driver,
      valueOf: (name: string) => booted.do(booted.driver.controls.get(name)),
    };
  }

  /** Modules that a PCM runs through: both ways where it has both and none is asked for. */
  function widgetsOf(pcm: string): Set<string> {
    const chosen = chooseStream(topology, { pcm, direction: options.direction });
    const directions = (["playback", "capture"] as const).filter(
      (direction) =>
        chosen.pcm[direction] !== null &&
        (options.direction === undefined || options.direction === direction),
    );
    const paths = directions.map((direction) => findPcmPath(driver.graph, chosen.pcm, direction));
    return new Set(paths.flatMap((path) => path.widgets.map(({ name }) => name)));
  }
}

function tableOf(source: string, list: readonly ControlSummary[]): string {
  if (list.length === 0) return `${source}: no controls\n`;
  const head = ["numid", "name", "kind", "widget", "ch", "range", "dB", "rw", "value", "means"];
  const table = new Table({ head, style: { head: [], border: [], compact: true } });
  table.push(...list.map(rowOf));
  return `${table.toString()}\n`;
}

function rowOf(control: ControlSummary): string[] {
  const { value } = control;
  return [
    String(control.numid),
    control.name,
    control.kind,
    control.widget,
    control.channels === null ? "" : String(control.channels),
    rangeText(control),
    scaleText(control),
    control.access,
    typeof value === "string" ? shortHex(value) : value.join(","),
    control.meaning,
  ];
}

function rangeText({ range, items, bytes }: ControlSummary): string {
  if (items !== null) return items.map((item, index) => `${index} ${item}`).join("\n");
  if (bytes !== null) return `up to ${bytes.max} bytes,\nparameter ${bytes.paramId}`;
  return range === null ? "" : `${range[0]}..${range[1]}`;
}

function scaleText({ scale }: ControlSummary): string {
  if (scale === null) return "";
  const mute = scale.mute ? "mute, " : "";
  return `${mute}${scale.minDb}..${scale.maxDb}, step ${scale.stepDb}`;
}

function shortHex(hex: string): string {
  return hex.length <= 16 ? hex : `${hex.slice(0, 16)}...`;
}
