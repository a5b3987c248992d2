/*
 * @NAME@: a gain, to be changed into something better.
 *
 * Configuration 0: one word, the gain in 1/65536, 0 .. 65536.
 * Switch 0 turns the effect off and on.
 */
#define SOF_MODULE_IMPLEMENTATION
#include "sof_module.h"

static struct sof_context *context;
static struct sof_config incoming;
static int32_t gain = 32768;
static int32_t on = 1;
/* Whether there is a format: process may be called before prepare and after reset. */
static int32_t ready;

/* An instance is made. */
SOF_EXPORT int32_t sof_module_init(struct sof_context *given)
{
	context = given;
	return context->payload_bytes < SOF_BASE_CONFIG_BYTES ? SOF_EINVAL : 0;
}

/* A stream begins: its format is known from here on. */
SOF_EXPORT int32_t sof_module_prepare(int32_t sources, int32_t sinks)
{
	const struct sof_stream *from = context->sources;
	const struct sof_stream *to = context->sinks;

	if (sources != 1 || sinks != 1 || sof_sample_bytes(from) == 0)
		return SOF_EINVAL;
	if (from->valid_fmt != to->valid_fmt || from->frame_bytes != to->frame_bytes)
		return SOF_EINVAL;
	ready = 1;
	return 0;
}

/* A sample of any format comes and goes as a number of 32 bits. */
static int32_t effect(int32_t sample)
{
	return (int32_t)(((int64_t)sample * gain) >> 16);
}

/* One period: takes frames from the source and puts them into the sink. */
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
	for (int32_t i = 0; i < frames * from->channels; i++) {
		int32_t sample = sof_load_sample(from, i);

		sof_store_sample(to, i, on ? effect(sample) : sample);
	}
	sof_moved(from, to, frames);
	return 0;
}

/* The stream is over; the configuration stays. */
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
	int32_t wanted;
	int32_t result;

	if (param_id == SOF_SWITCH_PARAM)
		return set_switch(position, size_or_offset, bytes);
	if (param_id != 0)
		return SOF_EINVAL;
	result = sof_take_fragment(&incoming, context, position, size_or_offset, bytes);
	if (result != 1)
		return result;
	__builtin_memcpy(&wanted, incoming.data, 4);
	if (incoming.received != 4 || wanted < 0 || wanted > 65536)
		return SOF_EINVAL;
	gain = wanted;
	return 0;
}
