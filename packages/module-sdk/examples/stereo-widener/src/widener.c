/* SPDX-License-Identifier: Apache-2.0
 *
 * A stereo widener that leaves the bass in the middle, for stereo streams of 16, 24 and 32 bits.
 *
 * Left and right become middle and side. The side signal loses what is below a corner frequency (first
 * order: small loudspeakers cannot show where bass comes from, and records are easier to cut), is made
 * louder or softer, and middle and side become left and right again. The sum of both channels does not
 * change as long as nothing is cut at full scale.
 *
 * Configuration 0, all of it or nothing:
 *   word 0  width in thousandths: 0 mono, 1000 as it is, at most 4000
 *   word 1  corner frequency in Hz, 0 .. 1000; 0 leaves the bass as it is
 * Switch 0 turns the widener off and on.
 */
#define SOF_MODULE_IMPLEMENTATION
#include "sof_module.h"

#define TAU 6.283185307179586

static struct sof_context *context;
static struct sof_config incoming;
static int32_t width = 1500;
static int32_t corner_hz = 150;
static int32_t on = 1;

static int32_t ready;
static int32_t rate;
/* Part of the distance that the low-pass of the side signal goes in each frame, 1/2^24. */
static int64_t coefficient;
/* Width, 1/2^16. */
static int64_t side_gain;
/* State of the low-pass, 1/2^16 of a sample. */
static int64_t low;

static void derive(void)
{
	double w = TAU * corner_hz / rate;

	coefficient = (int64_t)(w / (1.0 + w) * 16777216.0);
	side_gain = ((int64_t)width << 16) / 1000;
}

SOF_EXPORT int32_t sof_module_init(struct sof_context *given)
{
	context = given;
	return context->payload_bytes < SOF_BASE_CONFIG_BYTES ? SOF_EINVAL : 0;
}

SOF_EXPORT int32_t sof_module_prepare(int32_t sources, int32_t sinks)
{
	const struct sof_stream *from = context->sources;
	const struct sof_stream *to = context->sinks;

	if (sources != 1 || sinks != 1 || sof_sample_bytes(from) == 0)
		return SOF_EINVAL;
	if (from->channels != 2 || to->channels != 2 || from->valid_fmt != to->valid_fmt ||
	    from->frame_bytes != to->frame_bytes)
		return SOF_EINVAL;
	rate = from->rate;
	if (rate <= 0)
		return SOF_EINVAL;
	derive();
	low = 0;
	ready = 1;
	return 0;
}

static void widen(struct sof_stream *from, struct sof_stream *to, int32_t frames)
{
	for (int32_t i = 0; i < 2 * frames; i += 2) {
		int64_t left = sof_load_sample(from, i);
		int64_t right = sof_load_sample(from, i + 1);
		/* Twice the middle and twice the side, so that nothing is lost. */
		int64_t middle = left + right;
		int64_t side = left - right;

		low += (((side << 16) - low) >> 16) * coefficient >> 8;
		side = ((side - (low >> 16)) * side_gain) >> 16;
		sof_store_sample(to, i, sof_saturate((middle + side) >> 1));
		sof_store_sample(to, i + 1, sof_saturate((middle - side) >> 1));
	}
}

SOF_EXPORT int32_t sof_module_process(int32_t sources, int32_t sinks)
{
	struct sof_stream *from = context->sources;
	struct sof_stream *to = context->sinks;
	int32_t frames;

	(void)sources;
	(void)sinks;
	if (!ready)
		return 0;
	frames = sof_frames_between(from, to);
	if (on)
		widen(from, to, frames);
	else
		__builtin_memcpy(to->data, from->data, (size_t)(frames * from->frame_bytes));
	sof_moved(from, to, frames);
	return 0;
}

SOF_EXPORT int32_t sof_module_reset(void)
{
	ready = 0;
	return 0;
}

SOF_EXPORT void sof_module_free(void)
{
}

static int32_t set_switch(int32_t position, int32_t size, int32_t bytes)
{
	int32_t value;

	if (position != SOF_SINGLE || size != bytes)
		return SOF_EINVAL;
	value = sof_control_value(context, bytes);
	if (value < 0 || value > 1)
		return SOF_EINVAL;
	on = value;
	return 0;
}

SOF_EXPORT int32_t sof_module_set_config(int32_t param_id, int32_t position,
					 int32_t size_or_offset, int32_t bytes)
{
	const int32_t *words = (const int32_t *)incoming.data;
	int32_t result;

	if (param_id == SOF_SWITCH_PARAM)
		return set_switch(position, size_or_offset, bytes);
	if (param_id != 0)
		return SOF_EINVAL;
	result = sof_take_fragment(&incoming, context, position, size_or_offset, bytes);
	if (result != 1)
		return result;
	if (incoming.received != 8 || words[0] < 0 || words[0] > 4000 || words[1] < 0 ||
	    words[1] > 1000)
		return SOF_EINVAL;
	width = words[0];
	corner_hz = words[1];
	if (ready)
		derive();
	return 0;
}

SOF_EXPORT int32_t sof_module_get_config(int32_t param_id, int32_t capacity)
{
	int32_t *words = (int32_t *)context->fragment;

	if (param_id != 0 || capacity < 8)
		return SOF_EINVAL;
	words[0] = width;
	words[1] = corner_hz;
	return 8;
}
