/** A failure that is known and accepted. */
export interface ExpectedFailure {
  readonly suite: string;
  /**
   * Cells that tell the rows: every row of the suite whose cells are these is meant. What a row of a stream says
   * is among them, so that no other error passes for the expected one.
   */
  readonly cells: Readonly<Record<string, string>>;
  /** Why it fails and why that is right, or what it waits for. */
  readonly reason: string;
}

/** Failures that do not fail the run. One that no row needs any more does fail it. */
export const expectedFailures: readonly ExpectedFailure[] = [
  {
    suite: "streams",
    cells: {
      file: "v2.10/sof-imx8mp-wm8960.tplg",
      pcm: "0 Headset",
      direction: "playback",
      result:
        'PCM "Headset" playback: widget dai-copier.SAI.sai3-wm8960-hifi.playback: failed to find module info: the topology gives no module UUID (EINVAL)',
    },
    reason:
      "The file's SAI copier has no UUID, type or pipeline: the driver fails to find its module.",
  },
  {
    suite: "streams",
    cells: {
      file: "v2.11.3/sof-mtl-sdw-cs42l42-l0-max98363-l2.tplg",
      pcm: "1 Jack In",
      direction: "capture",
      result:
        'PCM "Jack In" capture: widget host-copier.1.capture: no output format fits 48000 Hz, 1 channel, 16 bits; it has 48000 Hz, 2 channels, 16 bits; 48000 Hz, 2 channels, 24 bits; 48000 Hz, 2 channels, 32 bits (EINVAL)',
    },
    reason:
      "The PCM offers one channel only, its host copier three formats of two: no output format equals the PCM's parameters, which the driver asks for.",
  },
  {
    suite: "streams",
    cells: {
      file: "v2.13/sof-mtl-max98357a-rt5682-ssp2-ssp0-2ch-pdm1-google-aec.tplg",
      pcm: "35 Deepbuffer Amps",
      direction: "playback",
      result:
        'PCM "Deepbuffer Amps" playback: no back end is connected: route mixin.16.1 -> mixout.21.1 names mixout.21.1, which does not exist (EINVAL)',
    },
    reason: "Its only route leads to mixout.21.1, which the file does not have.",
  },
  {
    suite: "streams",
    cells: {
      file: "v2.13/sof-mtl-rt5650-dts.tplg",
      pcm: "35 Deepbuffer Amps",
      direction: "playback",
      result:
        'PCM "Deepbuffer Amps" playback: no back end is connected: route mixin.16.1 -> mixout.21.1 names mixout.21.1, which does not exist (EINVAL)',
    },
    reason: "Its only route leads to mixout.21.1, which the file does not have.",
  },
  {
    suite: "streams",
    cells: {
      file: "v2.7/sof-mtl-max98357a-rt5682.tplg",
      pcm: "27 DMIC0 RTC AEC",
      direction: "capture",
      result:
        'PCM "DMIC0 RTC AEC" capture: GLB_SET_PIPELINE_STATE was refused with status 7 (INVALID_REQUEST); the firmware logged: pipe: COPIER: prepare -22 frames of 2 channels, 8 bytes, where COPIER 5 has 4 channels, 16 bytes (EINVAL)',
    },
    reason:
      "The PCM offers four channels only, for which the driver sets both DAI copiers up; the copiers behind them take two. The firmware refuses to join rings of frames of two sizes, as each end would run past the other.",
  },
  {
    suite: "streams",
    cells: {
      file: "v2.7/sof-mtl-max98357a-rt5682.tplg",
      pcm: "28 DMIC0 RTC AEC NS",
      direction: "capture",
      result:
        'PCM "DMIC0 RTC AEC NS" capture: widget host-copier.28.capture: no output format fits 48000 Hz, 4 channels, 32 bits; it has 48000 Hz, 2 channels, 16 bits; 48000 Hz, 2 channels, 24 bits; 48000 Hz, 2 channels, 32 bits (EINVAL)',
    },
    reason:
      "The PCM offers four channels only, its host copier three formats of two: no output format equals the PCM's parameters, which the driver asks for.",
  },
  {
    suite: "streams",
    cells: {
      file: "v2.9/sof-tgl-rt712.tplg",
      pcm: "0 Jack Out",
      direction: "playback",
      result:
        'PCM "Jack Out" playback: widget alh-copier.SDW0-Playback-SimpleJack.0: failed to find module info: the topology gives no module UUID (EINVAL)',
    },
    reason: "The DAI copier of its link has no UUID: the driver fails to find its module.",
  },
  {
    suite: "streams",
    cells: {
      file: "v2.9/sof-tgl-rt712.tplg",
      pcm: "31 Deepbuffer Jack Out",
      direction: "playback",
      result:
        'PCM "Deepbuffer Jack Out" playback: widget alh-copier.SDW0-Playback-SimpleJack.0: failed to find module info: the topology gives no module UUID (EINVAL)',
    },
    reason: "The DAI copier of its link has no UUID: the driver fails to find its module.",
  },
];
