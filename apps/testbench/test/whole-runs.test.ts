import { describe, expect, it } from "vitest";
import { paths } from "./whole-runs/paths.js";
import { PlayingPath, STEP_MS } from "./whole-runs/play-path.js";

describe("paths that benchmarks time", () => {
  it.each(paths)("$name takes its blobs and carries every millisecond that is played", (path) => {
    const playing = new PlayingPath(path);
    const before = playing.heardBytes;
    playing.play();
    expect(playing.heardBytes - before).toBe(STEP_MS * 48 * 8);
  });
});
